import assert from "node:assert/strict";
import { existsSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, it } from "node:test";
import { withSettings } from "../../scripts/configuration.ts";
import { parseConfig } from "../../src/index.ts";
import { additiveFields } from "../../src/targets/formats/object.ts";
import { runServer } from "../support/in-process.ts";
import { blocksOf, codesOf, read, rowsOf, sectionOf } from "../support/markdown.ts";
import { type OpenApi, resolved } from "../support/openapi-document.ts";

const root = new URL("../../", import.meta.url).pathname;
const pages = [
  "README.md",
  "examples/orders/README.md",
  "examples/receiver/README.md",
  ...readdirSync(join(root, "docs"), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".md"))
    .map((name) => `docs/${name}`),
];
const api = "docs/object-notifications.md";
const lifecycle = "docs/lifecycle-events.md";
const notifications = "docs/resource-notifications.md";

/** The codes in the first cell of each row. */
function firstColumn(markdown: string): string[] {
  return rowsOf(markdown).flatMap(([cell = ""]) => codesOf(cell));
}

describe("the docs", () => {
  it("link to what is there", () => {
    for (const page of pages) {
      const text = read(page);
      for (const [, target = ""] of text.matchAll(/\]\(([^)\s]+)\)/g)) {
        if (/^https?:/.test(target)) continue;
        const [path = "", anchor] = target.split("#");
        assert.ok(path === "" || existsSync(join(root, dirname(page), path)), `${page} links to ${target}`);
        if (path !== "" || anchor === undefined) continue;
        const anchors = [...text.matchAll(/^#+ (.*)$/gm)].map(([, heading = ""]) =>
          heading
            .toLowerCase()
            .replace(/[^\p{L}\p{N} -]/gu, "")
            .replaceAll(" ", "-"),
        );
        assert.ok(anchors.includes(anchor), `${page} links to #${anchor}`);
      }
    }
  });

  it("README.md has every setting as the schema has it (node scripts/configuration.ts)", () => {
    assert.equal(read("README.md"), withSettings(read("README.md")));
  });

  it("README.md gives a reason for every dependency, and for none that is not there", () => {
    const { dependencies, devDependencies } = JSON.parse(read("package.json")) as Record<string, object>;
    const named = firstColumn(sectionOf(read("README.md"), "## Dependencies"));
    const wanted = [...Object.keys(dependencies ?? {}), ...Object.keys(devDependencies ?? {})];
    assert.deepEqual(named.toSorted(), wanted.toSorted());
  });

  it("README.md starts the server with settings that there are", () => {
    const started = blocksOf(read("README.md")).find(({ text }) => text.includes("npm start"));
    const env = Object.fromEntries(
      [...(started?.text ?? "").matchAll(/(SIGNALBOX_\w+)=(\S+)/g)].map(([, name = "", value = ""]) => [name, value]),
    );
    assert.equal(Object.keys(env).length, 4);
    assert.equal(parseConfig(env, []).adminToken, env["SIGNALBOX_ADMIN_TOKEN"]);
  });

  it(`${api} names every field of a payload that a rule may ask for`, () => {
    const section = sectionOf(read(api), "## What is sent");
    const named = firstColumn(section).filter((name) => !name.includes("-") && name !== "authorization");
    assert.deepEqual(named.toSorted(), additiveFields.toSorted());
  });

  it("docs/development.md names every script, and docs/performance.md those of the benches", () => {
    const { scripts } = JSON.parse(read("package.json")) as { readonly scripts: Record<string, string> };
    const text = codesOf(read("docs/development.md"));
    const parts = /^(check:.*|bench:.*|prepack)$/;
    const unnamed = Object.keys(scripts).filter((name) => !parts.test(name));
    for (const name of unnamed) {
      const said = text.some((code) => code === name || code === `npm ${name}` || code === `npm run ${name}`);
      assert.ok(said, `npm run ${name}`);
    }
    const page = read("docs/performance.md");
    for (const name of Object.keys(scripts).filter((name) => name.startsWith("bench:")))
      assert.ok(page.includes(`[\`${name.slice("bench:".length)}\`](../bench/`), name);
  });

  it("name every route, every field of a rule and every metric of a running server", async () => {
    await using server = await runServer();
    const get = async (path: string): Promise<string> => (await fetch(`${server.url}${path}`)).text();
    const document = JSON.parse(await get("/openapi.json")) as OpenApi;
    const { paths } = document;
    const routes = Object.entries(paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
    );
    const codes = new Set(
      [api, lifecycle, notifications, "docs/operations.md", "docs/destinations.md"].flatMap((page) =>
        codesOf(read(page)),
      ),
    );
    const unnamed = routes.filter((route) => route.startsWith("GET /api/") || !route.startsWith("GET /"));
    assert.deepEqual(
      unnamed.filter((route) => !codes.has(route)),
      [],
    );
    const rule = paths["/api/cloud/buckets/{bucket}/notifications/"]?.["post"];
    const body = resolved(document, rule?.requestBody?.content["application/json"].schema ?? {});
    const fields = Object.keys(body["properties"] as object);
    const named = firstColumn(sectionOf(read(api), "## Rules")).filter((code) => !code.includes(" "));
    assert.deepEqual(named.toSorted(), fields.toSorted());

    const metrics = [...(await get("/metrics")).matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(
      ([, name, kind]) => `${name} ${kind}`,
    );
    const listed = rowsOf(sectionOf(read("docs/operations.md"), "## Health and metrics"))
      .filter(([name = ""]) => name.startsWith("`"))
      .map(([name = "", kind]) => `${name.replaceAll("`", "").replace(/\{.*/, "")} ${kind}`);
    assert.deepEqual(listed.toSorted(), metrics.toSorted());
  });
});
