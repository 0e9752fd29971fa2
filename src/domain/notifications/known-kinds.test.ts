import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { fakeClock } from "../../../test/support/clock.ts";
import { raised } from "../../platform/raise.ts";
import { kinds as codes, type Uuid } from "../ids.ts";
import { ownKindNames, raisedOn } from "../raised-events.ts";
import { readKindInputs } from "./kind-input.ts";
import { commonMacros, eventNameForm, hostKinds, ownKinds } from "./known-kinds.ts";
import { subscriptionEvents } from "./names.ts";

describe("the table of documented kinds", () => {
  const all = [...ownKinds, ...hostKinds];

  it("says of each what may be declared of one, once", () => {
    for (const named of ["name", "code", "payloadKey"] as const) {
      const said = all.map((kind) => kind[named]);
      assert.equal(new Set(said).size, said.length, named);
    }
    for (const { name, code, events, parents, macros, open } of all) {
      assert.match(name, /^[a-z][a-z0-9_]{0,31}$/);
      assert.match(code, /^[0-9]{3}$/);
      assert.equal(new Set(events).size, events.length, name);
      for (const event of events) assert.match(event, eventNameForm);
      for (const parent of parents)
        assert.ok(
          all.some((kind) => kind.name === parent),
          parent,
        );
      for (const macro of Object.keys(macros)) assert.ok(!(commonMacros as readonly string[]).includes(macro), macro);
      // What a host may say of a kind of its own is what the table says of these.
      const declared = readKindInputs([
        { name: `x_${name}`, events, parents, open: open || events.length === 0, macros },
      ]);
      assert.equal(declared.kind, "ok", JSON.stringify(declared));
    }
  });

  it("has Signalbox's own kinds, with every event that it raises on them and their codes", () => {
    assert.deepEqual(
      ownKinds.map(({ name }) => name),
      ownKindNames,
    );
    for (const { name, code, events } of ownKinds) {
      for (const event of Object.keys(raisedOn(name))) assert.ok(events.includes(event), `${name} ${event}`);
      assert.equal(code, Object.entries(codes).find(([kind]) => kind === name)?.[1]);
    }
    for (const { name, open, events } of hostKinds) assert.equal(open || events.length > 0, true, name);
  });

  it("leaves no name that code raises to chance", () => {
    const of = { tenant: "acme", uuid: "a-101" as Uuid, owners: ["ada"], resource: {}, origin: "test" };
    const clock = fakeClock();
    const { names } = raised(clock, { ...of, kind: "bucket", name: "CONTENT_CHANGED" });
    assert.deepEqual(names, { notifications: "CONTENT_CHANGED" });
    // @ts-expect-error a slip of the pen
    raised(clock, { ...of, kind: "bucket", name: "CONTENT_CHANGD" });
    // @ts-expect-error that of another kind
    raised(clock, { ...of, kind: "bucket", name: subscriptionEvents.forcedAttempt });
    const said: string = "JOB_RUNNING";
    // @ts-expect-error a name that nobody has looked up
    raised(clock, { ...of, kind: "job", name: said });
  });
});
