/** The dashboard's page as it is served: what its files weigh, what browsers are told, and what is there without a browser. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { after, before, describe, it } from "node:test";
import { gzipSync } from "node:zlib";
import { bundled } from "../../src/faces/dashboard/bundle.ts";
import { type RunningServer, runServer } from "../support/in-process.ts";

const page = { headers: { accept: "text/html,*/*;q=0.8" } };

describe("the dashboard's files", () => {
  it("weigh no more than their budget", async () => {
    const { files, first } = await bundled();
    const weight = (names: Iterable<string>): number =>
      [...names].reduce((sum, name) => sum + gzipSync(files.get(name) ?? "", { level: 9 }).length, 0);
    assert.ok(weight(first) <= 260 * 1_024, `the first screen weighs ${weight(first)} bytes`);
    /** What comes when a module is asked for that the first screen does not have. */
    const later = (module: string): Set<string> => {
      const found = new Set<string>();
      const add = (name: string): void => {
        if (first.includes(name) || found.has(name)) return;
        found.add(name);
        const text = Buffer.from(files.get(name) ?? "").toString();
        for (const [, path = ""] of text.matchAll(/(?:\bfrom|\bimport)"\.\/([^"]+)"/g)) add(path);
      };
      const [entry] = [...files.keys()].filter((name) => name.startsWith(`${module}-`) && name.endsWith(".js"));
      add(entry ?? assert.fail(`there is no chunk of ${module}`));
      return found;
    };
    const kilobytes = (names: Iterable<string>): number => weight(names) / 1_024;
    const patterns = later("build");
    const parser = later("filter-parser");
    const own = [...parser].filter((name) => !patterns.has(name));
    assert.ok(kilobytes(own) <= 20 && own.length < parser.size, `the parser weighs ${kilobytes(own)} KB beside RE2`);
    assert.ok(kilobytes(parser) <= 66, `with RE2 it weighs ${kilobytes(parser)} KB`);
    for (const editor of ["filter-mode", "code-mode", "diff-mode"]) {
      assert.ok(kilobytes(later(editor)) <= 220, `${editor} weighs ${kilobytes(later(editor))} KB`);
    }
    assert.ok(kilobytes(later("plot")) <= 25, `charts weigh ${kilobytes(later("plot"))} KB`);
    const all = [...files.values()].reduce((sum, { length }) => sum + length, 0);
    assert.ok(all <= 2 * 1_024 * 1_024, `all of it has ${all} bytes`);
  });
});

describe("the dashboard's page", () => {
  let server: RunningServer;
  before(async () => {
    server = await runServer();
  });
  after(() => server[Symbol.asyncDispose]());
  const get = (path: string, init: RequestInit = {}): Promise<Response> =>
    fetch(new URL(path, server.url), { redirect: "manual", ...init });

  it("is where browsers are led to, and nobody else", async () => {
    for (const path of ["/", "/dashboard"]) {
      const led = await get(path, page);
      assert.deepEqual([led.status, led.headers.get("location")], [302, "dashboard/"], path);
    }
    assert.equal((await get("/")).status, 404);
    assert.equal((await get("/dashboard/t/default")).status, 404);
  });

  it("names its files relative to its own address, so that it works below any path", async () => {
    for (const [path, up] of [
      ["/dashboard/", "./"],
      ["/dashboard/login", "./"],
      ["/dashboard/t/default", "../"],
      ["/dashboard/t/default/deliveries/1?x=/a/b", "../../../"],
    ]) {
      const html = await (await get(path ?? "", page)).text();
      assert.equal(/<base href="([^"]*)">/.exec(html)?.[1], up, path);
    }
  });

  it("names ahead all that its screen imports", async () => {
    const { first, screens } = await bundled();
    for (const [path, screen] of [
      ["/dashboard/", "overview"],
      ["/dashboard/t/default", "overview"],
      ["/dashboard/t/default/deliveries?status=dead", "deliveries"],
      ["/dashboard/t/default/deliveries/1", undefined],
      ["/dashboard/t/default/constructor", undefined],
    ] as const) {
      const html = await (await get(path, page)).text();
      const ahead = [...html.matchAll(/"modulepreload" href="assets\/([^"]+)"/g)].map(([, name = ""]) => name);
      const scripts = first.filter((name) => name.endsWith(".js") && !name.startsWith("main-"));
      const own = screen === undefined ? [] : (screens[screen] ?? assert.fail(`there is no ${screen}`));
      assert.deepEqual(ahead, [...scripts, ...own], path);
    }
  });

  it("tells browsers to run nothing but its own files", async () => {
    const [one, other] = await Promise.all([get("/dashboard/", page), get("/dashboard/", page)]);
    const policy = one.headers.get("content-security-policy") ?? "";
    assert.match(policy, /default-src 'none'.*frame-ancestors 'none'.*require-trusted-types-for 'script'/);
    const inline = [...(await one.text()).matchAll(/<script>(.*?)<\/script>/gs)].map(([, script = ""]) => script);
    const digests = inline.map((script) => `'sha256-${createHash("sha256").update(script).digest("base64")}'`);
    assert.equal(inline.length, 1);
    assert.ok(policy.includes(`; script-src 'self' ${digests.join(" ")};`), policy);
    assert.doesNotMatch(policy, /unsafe|https?:|\*/);
    assert.notEqual(policy, other.headers.get("content-security-policy"), "each has a nonce of its own");
    assert.equal(one.headers.get("cache-control"), "no-store");
    assert.equal(one.headers.get("x-content-type-options"), "nosniff");
  });

  it("has files that are kept for ever, in the coding that is asked for", async () => {
    const html = await (await get("/dashboard/", page)).text();
    const [, script = ""] = /src="(assets\/[^"]+)"/.exec(html) ?? [];
    const whole = await (await get(`/dashboard/${script}`)).text();
    for (const coding of ["br", "gzip", "identity"]) {
      const answer = await get(`/dashboard/${script}`, { headers: { "accept-encoding": coding } });
      assert.match(answer.headers.get("cache-control") ?? "", /immutable/);
      assert.equal(answer.headers.get("content-encoding") ?? "identity", coding);
      assert.equal(await answer.text(), whole);
    }
    for (const name of ["none.js", "..%2f..%2fpackage.json", "%2e%2e"]) {
      assert.equal((await get(`/dashboard/assets/${name}`)).status, 404, name);
    }
  });

  it("is not there when it is switched off", async () => {
    await using without = await runServer({ SIGNALBOX_DASHBOARD: "off" });
    for (const path of ["/", "/dashboard/"]) {
      assert.equal((await fetch(new URL(path, without.url), { redirect: "manual", ...page })).status, 404);
    }
  });
});
