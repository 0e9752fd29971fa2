/** The client of the host interface with the types that a server writes of its events: by the compiler, and then for good. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { HostClient } from "../../src/client/index.ts";
import { hostToken } from "../clients/hosted.ts";
import { runServer } from "../support/in-process.ts";
import { blocksOf, read } from "../support/markdown.ts";
import { processEnv } from "../support/process-env.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));

interface Ended {
  readonly code: unknown;
  readonly out: string;
}

async function workshop() {
  await using opened = new AsyncDisposableStack();
  const server = opened.use(await runServer({ SIGNALBOX_HOST_LISTEN: "127.0.0.1:0" }));
  const token = await hostToken(server);
  const url = server.signalbox.hostUrl ?? "";
  const schema = {
    type: "object",
    properties: { id: { type: "integer" }, carrier: { enum: ["dhl", "ups"] } },
    required: ["id"],
    additionalProperties: false,
  };
  const body = { phase: "post", resource: "order", schema } as const;
  await new HostClient({ url, token }).api.putEventType({ name: "POST_ORDER_SHIP", body });
  const folder = await mkdtemp(join(tmpdir(), "signalbox-typed-"));
  opened.defer(() => rm(folder, { recursive: true, force: true }));
  await symlink(join(root, "node_modules"), join(folder, "node_modules"));
  const { text } = await server.api<{ readonly text: string }>("GET", "/api/cloud/types/");
  await writeFile(join(folder, "events.ts"), text);
  await writeFile(
    join(folder, "tsconfig.json"),
    JSON.stringify({
      extends: join(root, "tsconfig.json"),
      compilerOptions: { paths: { "signalbox/client": [join(root, "src/client/index.ts")] } },
      include: ["*.ts"],
    }),
  );
  await writeFile(join(folder, "package.json"), '{ "type": "module" }');
  const env = { ...processEnv, SIGNALBOX_HOST_URL: url, SIGNALBOX_HOST_TOKEN: token };
  const node = (...args: string[]): Promise<Ended> =>
    new Promise((resolve) => {
      execFile(process.execPath, args, { cwd: folder, env }, (error, out, err) =>
        resolve({ code: error?.code ?? 0, out: `${out}${err}` }),
      );
    });
  const owned = opened.move();
  return {
    write: (name: string, program: string) => writeFile(join(folder, name), program),
    compiled: () => node(join(root, "node_modules/typescript/bin/tsc"), "-p", ".", "--pretty", "false"),
    node,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

const [page] = blocksOf(read("docs/clients.md")).filter(({ info }) => info === "ts types");
const program = page?.text ?? "";

describe("the client with the types of a server's events", () => {
  it("compiles, and publishes, as docs/clients.md says", async () => {
    await using at = await workshop();
    await at.write("program.ts", program);
    assert.deepEqual(await at.compiled(), { code: 0, out: "" });
    const client = JSON.stringify(new URL("../../src/client/index.ts", import.meta.url).href);
    await at.write("program.ts", program.replace('"signalbox/client"', client));
    const { code, out } = await at.node("program.ts");
    assert.equal(code, 0, out);
    assert.match(out, /event: 'POST_ORDER_SHIP'/);
  });

  it("does not compile with a type, a param or an operation that there is not", async () => {
    await using at = await workshop();
    const wrong: readonly (readonly [before: string, after: string, problem: RegExp])[] = [
      ['carrier: "dhl"', 'carrier: "fedex"', /Type '"fedex"' is not assignable to type '"dhl" \| "ups" \| undefined'/],
      ['"POST_ORDER_SHIP", { id: 7', '"POST_ORDER_SHOP", { id: 7', /'"POST_ORDER_SHOP"' is not assignable/],
      ["params: { id: 8 }", 'params: { id: "8" }', /Type '{ id: string; }' is not assignable/],
      ['around("USER_CREATE"', 'around("USER_CRATE"', /'"USER_CRATE"' is not assignable/],
      [
        "{ username, attributes }) =>",
        "{ username, atributes: attributes }) =>",
        /Property 'atributes' does not exist/,
      ],
      ["event.params.carrier", "event.params.carier", /Property 'carier' does not exist/],
    ];
    for (const [index, [before, after]] of wrong.entries()) {
      assert.ok(program.includes(before), before);
      await at.write(`wrong_${index}.ts`, program.replace(before, after));
    }
    const { code, out } = await at.compiled();
    assert.notEqual(code, 0);
    for (const [index, [, , problem]] of wrong.entries()) {
      const said = out.split("\n").filter((line) => line.startsWith(`wrong_${index}.ts(`));
      assert.match(said.join("\n"), problem);
    }
  });

  it("takes any type and any params without them", async () => {
    await using at = await workshop();
    const untyped = program
      .replace("HostClient<EventParams>", "HostClient")
      .replace('carrier: "dhl"', 'carrier: "fedex"');
    await at.write("untyped.ts", untyped.replace("EventParams, ", ""));
    assert.deepEqual(await at.compiled(), { code: 0, out: "" });
  });
});
