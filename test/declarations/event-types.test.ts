import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { declareEventType, removeEventType } from "../../src/platform/declarations/event-types.ts";
import { findEventType, listEventTypes } from "../../src/platform/declarations/find.ts";
import { costsAtMost } from "../support/cpu-limits.ts";
import { declaring, operator, refusal, shipped } from "./declaring.ts";

const { name } = shipped;

describe("an event type that is declared while others are served", () => {
  it("is in effect at once, with version, declarer and time, and each change is another version", async () => {
    await using at = await declaring();
    const { context } = at;
    const { catalog } = context;
    assert.equal(catalog.get(name), undefined);
    const made = await declareEventType(context, operator, shipped);
    assert.deepEqual([made.outcome, made.declaration.version, made.declaration.by], ["made", 1, "ops"]);
    assert.equal(catalog.names.at(-1), name);
    assert.deepEqual(catalog.prepare(name, { carrier: "dhl", password: "x" }), { carrier: "dhl" });
    assert.throws(() => catalog.prepare(name, { grams: 1 }), { message: "params.carrier: is required" });

    const again = await declareEventType(context, operator, { ...shipped });
    assert.deepEqual([again.outcome, again.declaration], ["unchanged", made.declaration]);
    const sensitive = { ...shipped, sensitive: ["pin"] };
    const changed = await declareEventType(context, undefined, sensitive);
    assert.deepEqual([changed.outcome, changed.declaration.version, changed.declaration.by], ["changed", 2, undefined]);
    assert.deepEqual(catalog.prepare(name, { carrier: "dhl", pin: "1" }), { carrier: "dhl" });
    const found = await findEventType(context, name);
    assert.deepEqual([found.source, found.definition, found.declaration?.version], ["declared", sensitive, 2]);

    await removeEventType(context, name);
    assert.equal(catalog.get(name), undefined);
    assert.equal((await refusal(removeEventType(context, name))).code, "not_found");
    assert.equal((await refusal(findEventType(context, name))).code, "not_found");
  });

  it("is in effect in another process as soon as that has looked, and after a start", async () => {
    await using at = await declaring();
    const other = await at.another();
    await declareEventType(at.context, operator, shipped);
    assert.equal(other.catalog.get(name), undefined);
    await other.declared.refresh();
    assert.deepEqual(other.catalog.prepare(name, { carrier: "dhl" }), { carrier: "dhl" });
    assert.deepEqual((await at.another()).catalog.get(name), shipped);
    // That of the other is what this one knows: it is read with the next change, and not lost.
    await declareEventType(other, operator, { ...shipped, name: "POST_PARCEL_LOSE" });
    await removeEventType(other, name);
    await at.context.declared.refresh();
    assert.deepEqual(
      at.context.catalog.names.filter((known) => known.includes("PARCEL")),
      ["POST_PARCEL_LOSE"],
    );
  });

  it("is told to other processes by a hint", async () => {
    await using at = await declaring();
    const hints: string[] = [];
    at.context.hints.listen(({ about }) => void hints.push(about));
    await declareEventType(at.context, operator, shipped);
    assert.deepEqual(hints, ["declarations"]);
  });

  it("takes no name that is built in or the host program's own", async () => {
    await using at = await declaring({ events: [shipped] });
    const builtIn = await refusal(declareEventType(at.context, operator, { ...shipped, name: "POST_USER_CREATE" }));
    assert.deepEqual([builtIn.status, builtIn.fields.map(({ path }) => path)], [400, ["name"]]);
    const hosts = await refusal(declareEventType(at.context, operator, shipped));
    assert.equal(hosts.status, 409);
    assert.match(hosts.message, /declared by the program that runs Signalbox \(Host\.events\)/);
    assert.equal((await refusal(removeEventType(at.context, name))).status, 409);
    assert.equal((await refusal(removeEventType(at.context, "POST_USER_CREATE"))).status, 409);
  });

  it("gives way to the host program that declares its name later, and comes back when that no longer does", async () => {
    await using at = await declaring();
    await declareEventType(at.context, operator, { ...shipped, description: "In the store." });
    const hosted = await at.another({ events: [shipped] });
    assert.deepEqual(hosted.catalog.get(name), shipped);
    assert.equal(hosted.catalog.revisionOf(name), undefined);
    assert.match(at.warnings.join(), /POST_PARCEL_SHIP/);
    const found = await findEventType(hosted, name);
    assert.deepEqual([found.source, found.declaration?.version], ["host", 1]);
    assert.equal((await at.another()).catalog.get(name)?.description, "In the store.");
    // What is not in effect may go, whatever is subscribed to the host's.
    await at.subscribe(name);
    await removeEventType(hosted, name);
    assert.deepEqual(hosted.catalog.get(name), shipped);
  });

  it("is made once by many that race, and each of two different changes is kept or refused as a whole", async () => {
    await using at = await declaring();
    const [first, second] = [at.context, await at.another()];
    const racing = await Promise.all(
      [first, second, first, second].map((context) => declareEventType(context, operator, shipped)),
    );
    assert.equal(racing.filter(({ outcome }) => outcome === "made").length, 1);
    assert.deepEqual((await at.store.declarations.eventType(name))?.version, 1);
    const texts = ["One.", "Two.", "Three.", "Four."];
    const done = await Promise.all(
      texts.map((description, index) =>
        declareEventType(index % 2 === 0 ? first : second, operator, { ...shipped, description }),
      ),
    );
    assert.deepEqual(
      done.map(({ outcome }) => outcome),
      ["changed", "changed", "changed", "changed"],
    );
    await Promise.all([first.declared.refresh(), second.declared.refresh()]);
    const kept = await at.store.declarations.eventType(name);
    assert.equal(kept?.version, 5);
    assert.deepEqual([first.catalog.get(name), second.catalog.get(name)], [kept.definition, kept.definition]);
  });

  it("is listed with the others, who declared it and what is in effect", async () => {
    await using at = await declaring({ events: [{ ...shipped, name: "POST_PARCEL_PACK" }] });
    await declareEventType(at.context, operator, shipped);
    const sources: string[] = [];
    for (let after = ""; ; ) {
      const page = await listEventTypes(at.context, { after, max: 7 });
      sources.push(...page.map(({ definition, source }) => `${source} ${definition.name}`));
      if (page.length < 7) break;
      after = page.at(-1)?.definition.name ?? after;
    }
    const names = sources.map((source) => source.split(" ")[1]);
    assert.deepEqual(names, [...at.context.catalog.names].toSorted());
    const own = sources.filter((source) => source.includes("PARCEL"));
    assert.deepEqual(own, ["host POST_PARCEL_PACK", `declared ${name}`]);
    assert.ok(sources.includes("built_in PRE_USER_CREATE"));
  });
});

describe("what an event type may be", () => {
  const deep = (levels: number): object =>
    levels === 0 ? { type: "string" } : { type: "object", properties: { a: deep(levels - 1) } };
  const many = (count: number) => ({
    type: "object",
    properties: Object.fromEntries(Array.from({ length: count }, (_, index) => [`f${index}`, { type: "string" }])),
  });
  const refused: Readonly<Record<string, readonly [schema: unknown, place: string]>> = {
    "too many parts": [many(100), "schema"],
    "too many bytes": [{ type: "object", description: "x".repeat(17_000) }, "schema"],
    "too deep": [deep(40), ""],
    recursion: [
      { type: "object", properties: { a: { $ref: "#/$defs/a" } }, $defs: { a: { $ref: "#/$defs/a" } } },
      "schema",
    ],
    "a reference to elsewhere": [
      { type: "object", properties: { a: { $ref: "http://127.0.0.1/schema.json" } } },
      "schema.properties.a.$ref",
    ],
    "an id of another": [{ type: "object", $id: "http://127.0.0.1/schema.json" }, "schema.$id"],
    "a pattern that explodes": [
      { type: "object", properties: { a: { type: "string", pattern: "(a{1,100}){1,100}" } } },
      "schema.properties.a.pattern",
    ],
    "a pattern with a backreference": [
      { type: "object", properties: { a: { type: "string", pattern: "(a+)\\1" } } },
      "schema.properties.a.pattern",
    ],
    "no object": [{ type: "string" }, "schema.type"],
    nothing: [undefined, "schema"],
  };
  it("is refused by its place, whatever is hostile in its schema", async () => {
    await using at = await declaring();
    for (const [what, [schema, place]] of Object.entries(refused)) {
      const { code, fields } = await refusal(declareEventType(at.context, operator, { ...shipped, schema }));
      assert.equal(code, "invalid_request", what);
      assert.ok(
        fields.some(({ path }) => path.startsWith(place)),
        `${what}: ${JSON.stringify(fields)}`,
      );
    }
    assert.equal(at.context.catalog.get(name), undefined);
    assert.equal(await at.store.declarations.revision(), 0);
  });

  it("takes patterns that are slow elsewhere, and no event of it costs more than some milliseconds", async () => {
    await using at = await declaring();
    const schema = { type: "object", properties: { a: { type: "string", pattern: "^(a+)+$" } } };
    await declareEventType(at.context, operator, { ...shipped, schema });
    await costsAtMost(200, () => {
      const params = { a: `${"a".repeat(50_000)}b` };
      assert.throws(() => at.context.catalog.prepare(name, params), { code: "invalid_request" });
    });
  });

  it("is refused as a whole: unknown properties, odd names, no object at all", async () => {
    await using at = await declaring();
    const problems = async (input: unknown) =>
      (await refusal(declareEventType(at.context, operator, input))).fields.map(({ path }) => path);
    assert.deepEqual(await problems({ ...shipped, colour: 1 }), ["colour"]);
    assert.deepEqual(await problems({ ...shipped, name: "order" }), ["name"]);
    assert.deepEqual(await problems({ ...shipped, changeable: ["carrier"] }), ["changeable[0]"]);
    assert.deepEqual(await problems([]), [""]);
    assert.deepEqual(await problems(null), [""]);
  });

  it("is one of as many as there may be", async () => {
    await using at = await declaring();
    const declaration = (index: number) => {
      const definition = { ...shipped, name: `POST_MANY_${index}` };
      return { sort: "event_type", name: definition.name, definition, createdMs: 1, updatedMs: 1 } as const;
    };
    await at.store.commit({
      changes: Array.from({ length: 500 }, (_, index) => ({
        do: "declaration.put",
        declaration: declaration(index),
      })),
    });
    const { code, message } = await refusal(declareEventType(at.context, operator, shipped));
    assert.deepEqual(
      [code, message],
      ["conflict", "there are 500 declared event types, and may be no more: remove one"],
    );
  });
});
