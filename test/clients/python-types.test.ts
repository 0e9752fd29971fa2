/** The module of types that a server writes for Python: read by Python, pydantic and mypy, and used with the package. */
import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { HostClient } from "../../src/client/index.ts";
import { runServer } from "../support/in-process.ts";
import { blocksOf, read } from "../support/markdown.ts";
import { hostToken } from "./hosted.ts";
import { packageFolder, python } from "./python.ts";

interface Written extends AsyncDisposable {
  /** Of programs that publish. */
  readonly env: Readonly<Record<string, string>>;
  readonly folder: string;
}

const harm = ["class", "__mangled", "ship to", 'quote" # \\', "str", "line\nbreak", "💡", "\u202e"];

async function written(): Promise<Written> {
  await using opened = new AsyncDisposableStack();
  const server = opened.use(await runServer({ SIGNALBOX_HOST_LISTEN: "127.0.0.1:0" }));
  const [url, token] = [server.signalbox.hostUrl ?? "", await hostToken(server)];
  const host = new HostClient({ url, token });
  const lines = {
    type: "array",
    items: { type: "object", properties: { sku: { type: "string" } }, required: ["sku"] },
  };
  const properties = { id: { type: "integer" }, carrier: { enum: ["dhl", "ups"] }, lines };
  await host.api.putEventType({
    name: "POST_ORDER_SHIP",
    body: { phase: "post", resource: "order", schema: { type: "object", properties, required: ["id"] } },
  });
  const named = Object.fromEntries(harm.map((name) => [name, { type: "integer", description: `'''"""\n${name}` }]));
  await host.api.putEventType({
    name: "POST_HARM_DONE",
    body: { phase: "post", resource: "harm", schema: { type: "object", properties: named, required: harm } },
  });
  const folder = await mkdtemp(join(tmpdir(), "signalbox-python-"));
  opened.defer(() => rm(folder, { recursive: true, force: true }));
  const { text } = await server.api<{ readonly text: string }>("GET", "/api/cloud/types/?language=python");
  await writeFile(join(folder, "signalbox_events.py"), text);
  const owned = opened.move();
  return {
    env: { SIGNALBOX_HOST_URL: url, SIGNALBOX_HOST_TOKEN: token },
    folder,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

const withPackage = (folder: string) => ({ PYTHONPATH: `${packageFolder}src:${folder}` });
const [page] = blocksOf(read("docs/clients.md")).filter(({ info }) => info === "python types");
const program = page?.text ?? "";

describe("types of events in Python", () => {
  it("are imported, and taken by pydantic as what params are", async () => {
    await using at = await written();
    const checks = `
import json, sys
from pydantic import TypeAdapter, ValidationError
import signalbox_events as types

for kind in types.PARAMS.values():
    TypeAdapter(kind)
for name in dir(types):
    if name.endswith(("Notification", "CloudEvent", "Event", "Resource", "EventParams")):
        TypeAdapter(getattr(types, name))
order = TypeAdapter(types.PARAMS["POST_ORDER_SHIP"])
assert order.validate_python({"id": 7, "lines": [{"sku": "a"}]}) == {"id": 7, "lines": [{"sku": "a"}]}
for wrong in ({}, {"id": "x"}, {"id": 7, "carrier": "fedex"}, {"id": 7, "lines": [{}]}):
    try:
        order.validate_python(wrong)
        sys.exit(f"{wrong} was taken")
    except ValidationError:
        pass
names = json.loads(sys.argv[1])
harm = {name: at for at, name in enumerate(names)}
assert TypeAdapter(types.PostHarmDoneParams).validate_python(harm) == harm
assert types.EventName.POST_ORDER_SHIP == "POST_ORDER_SHIP"
`;
    await python(["-c", checks, JSON.stringify(harm)], { env: withPackage(at.folder) });
  });

  it("are right to mypy, which finds what is wrong, and events made of them are published", async () => {
    await using at = await written();
    const mypy = ["-m", "mypy", "--strict", "--cache-dir", "/dev/null"];
    const options = { env: { ...withPackage(at.folder), MYPYPATH: `${packageFolder}src` }, folder: at.folder };
    await writeFile(join(at.folder, "program.py"), program);
    await python([...mypy, "signalbox_events.py", "program.py"], options);
    await writeFile(join(at.folder, "wrong.py"), program.replace('"dhl"', '"fedex"'));
    await assert.rejects(python([...mypy, "wrong.py"], options), /Incompatible types .*'fedex'/s);
    const said = await python(["program.py"], { ...options, env: { ...options.env, ...at.env } });
    assert.match(said, /POST_ORDER_SHIP 0/);
  });
});
