/** `signalbox serve --declare`, with the real server as a process of its own. */
import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { declareFile } from "../../src/platform/declarations/from-file.ts";
import { hooked } from "../support/functions-api.ts";
import { refusedServer, serverProcess } from "../support/server-process.ts";
import { declaring, refusal } from "./declaring.ts";

interface Shown {
  readonly description: string;
  readonly schema: { readonly required?: readonly string[] };
}

async function folderOf() {
  const folder = await mkdtemp(join(tmpdir(), "signalbox-declare-"));
  return {
    data: join(folder, "data"),
    write: async (name: string, text: string) => {
      await writeFile(join(folder, name), text);
      return join(folder, name);
    },
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}

const orders = `
kinds:
  - name: label
    events: [PRINTED]
    parents: [parcel]
  - name: parcel
    events: [SHIPPED]
event_types:
  - name: PRE_PARCEL_SHIP
    phase: pre
    resource: parcel
    description: Before a parcel is shipped.
    schema: &parcel
      type: object
      properties:
        carrier: { type: string }
        grams: { type: integer }
      required: [carrier]
    changeable: [grams]
  - name: POST_PARCEL_SHIP
    phase: post
    resource: parcel
    schema: *parcel
`;

describe("signalbox serve --declare", () => {
  it("declares what the file says before it listens, and what was answered survives a kill without the file", async () => {
    await using at = await folderOf();
    const file = await at.write("orders.yaml", orders);
    const path = "/api/cloud/events/PRE_PARCEL_SHIP/";
    {
      await using server = await serverProcess({ folder: at.data, env: { SIGNALBOX_DECLARE: file } });
      assert.equal((await server.api<Shown>("GET", path)).description, "Before a parcel is shipped.");
      await hooked(server, "PRE_PARCEL_SHIP", "export default () => true;", {
        subscription: { filter: "grams > 500" },
      });
      await server.kill();
    }
    await using server = await serverProcess({ folder: at.data });
    assert.deepEqual((await server.api<Shown>("GET", path)).schema.required, ["carrier"]);
    await server.stop();
    // One that breaks the filter of the function is refused by its place, before anything listens.
    const broken = await at.write("broken.yaml", orders.replace("grams: { type: integer }", "grams: { type: string }"));
    const { ending, log } = await refusedServer({ folder: at.data, env: { SIGNALBOX_DECLARE: broken } });
    assert.equal(ending, 1);
    assert.match(log, /broken\.yaml: event_types\[0\]: this would break the filter of subscription/);
  });

  it("refuses a file that is wrong by its place, and declares nothing of it", async () => {
    await using at = await folderOf();
    const wrong: Readonly<Record<string, readonly [text: string, message: RegExp]>> = {
      "schema.yaml": [orders.replace("type: object", "type: thing"), /event_types\[0\]: schema\.type/],
      "syntax.yaml": ["kinds: [\n  { name: parcel", /syntax\.yaml: .*line 2/],
      "twice.yaml": ["kinds: []\nkinds: []\n", /twice\.yaml: .*unique.*line 2/],
      "other.json": ['{"event_type": []}', /other\.json: event_type: .*event_types/],
      "syntax.json": ['{"kinds": [', /syntax\.json: /],
      "parent.yaml": ["kinds: [{ name: parcel, events: [A], parents: [crate] }]", /kinds\[0\]: parents\[0\]/],
      "bomb.yaml": [
        `a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c]\nkinds: [*d,*d,*d,*d]`,
        /bomb\.yaml: .*alias/,
      ],
      "names.txt": ["", /must end with \.json/],
    };
    await using declarations = await declaring();
    const { context, store } = declarations;
    for (const [name, [text, message]] of Object.entries(wrong)) {
      const file = await at.write(name, text);
      assert.match((await refusal(declareFile(context, file))).message, message);
    }
    assert.match((await refusal(declareFile(context, join(at.data, "no.yaml")))).message, /no\.yaml: cannot be read/);
    assert.equal(await store.declarations.revision(), 0);
  });

  it("declares parents first, and the same again is no change", async () => {
    await using at = await folderOf();
    await using declarations = await declaring();
    const { context, store } = declarations;
    const file = await at.write("orders.yaml", orders);
    await declareFile(context, file);
    assert.deepEqual(
      ["label", "parcel"].map((kind) => context.kinds.byName(kind)?.parents),
      [["parcel"], []],
    );
    const revision = await store.declarations.revision();
    await declareFile(context, file);
    assert.equal(await store.declarations.revision(), revision);
  });
});
