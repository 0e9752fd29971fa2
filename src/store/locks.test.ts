import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { aBucket, anEvent, anObject, uuid } from "../../test/conformance/store/given.ts";
import {
  besideOthers,
  changeLocks,
  conditionLocks,
  joiningAnyLine,
  locksOf,
  locksOfUnit,
  type UnitLocks,
} from "./locks.ts";

describe("locksOf", () => {
  it("names every condition and change of the areas", () => {
    const areas =
      "aside apps blob-names configurations credentials declarations deliveries destinations edits functions grants identities invocations issuer-links kept-mails mailboxes";
    const more =
      "objects operations quotas received-events redrives registered resolvers sessions subscriptions uploads users";
    const files = `${areas} ${more}`
      .split(" ")
      .map((area) => readFileSync(new URL(`./${area}.ts`, import.meta.url), "utf8"));
    const named = (key: string): string[] => {
      const parts = files.join("\n").match(new RegExp(`readonly ${key}: ("[\\w.]+"( \\| )?)+`, "g")) ?? [];
      return parts.flatMap((part) => part.match(/"[\w.]+"/g) ?? []).map((name) => name.slice(1, -1));
    };
    assert.deepEqual(Object.keys(conditionLocks).sort(), named("if").sort());
    assert.deepEqual(Object.keys(changeLocks).sort(), named("do").sort());
  });

  it("lets writers of different objects pass one another, and none pass the end of their bucket", () => {
    const { uuid: bucket } = aBucket();
    const put = (key: string) =>
      locksOfUnit({
        conditions: [
          { if: "bucket.live", bucket },
          { if: "object.version", bucket, key, version: undefined },
        ],
        changes: [{ do: "object.put", object: anObject(bucket, key) }],
      });
    assert.deepEqual(put("a"), {
      places: [
        { place: "everything", shared: true },
        { place: `bucket\n${bucket}`, shared: true },
        { place: `object\n${bucket}\na`, shared: false },
      ],
      counted: [{ by: "bucket", id: bucket }],
    });
    assert.ok(areApart(put("a"), put("b")));
    const end = locksOfUnit({
      conditions: [{ if: "bucket.empty", bucket }],
      changes: [{ do: "bucket.remove", bucket, atMs: 0 }],
    });
    assert.deepEqual(end, { places: [{ place: "everything", shared: false }], counted: [] });
    assert.ok(!areApart(put("a"), end));
  });

  it("lets those who use different bytes pass one another, and one sweep alone", () => {
    const live = (...names: string[]) => locksOfUnit({ conditions: [{ if: "blob.live", names }] });
    const unwanted = (...names: string[]) => locksOfUnit({ changes: [{ do: "blob.unwanted", names, atMs: 0 }] });
    const many = Array.from({ length: 17 }, (_, index) => `b${index}`);
    assert.ok(areApart(live("a"), live("a")));
    assert.ok(areApart(live("a"), unwanted("b")));
    assert.ok(!areApart(live("a"), unwanted("a")));
    assert.ok(!areApart(live("a"), unwanted(...many)));
    assert.ok(!areApart(live(...many), unwanted("b1")));
    assert.ok(!areApart(live("a"), locksOfUnit({ changes: [{ do: "blob.doomed", names: ["b"], atMs: 0 }] })));
  });

  it("holds the last edit of a grant together with the end of its resource", () => {
    const [one, other] = [uuid("file"), uuid("file")];
    const is = locksOfUnit({ conditions: [{ if: "edit.is", thing: `grant:${one}:bob`, version: null }] });
    const end = (of: typeof one) => locksOfUnit({ changes: [{ do: "resource.end", uuid: of, atMs: 0 }] });
    assert.ok(!areApart(is, end(one)));
    assert.ok(areApart(is, end(other)));
  });

  it("holds a place alone when anything of the unit does, and everything when one part may be about anything", () => {
    const of = uuid("bucket");
    const live = { if: "resource.live", uuid: of } as const;
    assert.deepEqual(locksOf(live), [
      { place: "everything", shared: true },
      { place: `resource\n${of}`, shared: true },
    ]);
    const end = { do: "resource.end", uuid: of, atMs: 0 } as const;
    assert.deepEqual(locksOfUnit({ conditions: [live], changes: [end] }).places, [
      { place: "everything", shared: true },
      { place: `resource\n${of}`, shared: false },
    ]);
    const limited = { if: "apps.fewer", tenant: "acme", fewer: 1 } as const;
    assert.deepEqual(locksOfUnit({ conditions: [live, limited] }).places, [{ place: "everything", shared: false }]);
  });

  it("holds each line that outcomes join or move on, and all lines for a step of a redrive", () => {
    const [one, other] = [besideOthers(new Set(["1\na", "1\nb"])), besideOthers(new Set(["1\nb", "2\na"]))];
    const third = besideOthers(new Set(["1\nc"]));
    const many = besideOthers(new Set(Array.from({ length: 300 }, (_, line) => `3\n${line}`)));
    assert.equal(areApart(one, other), false);
    assert.ok(areApart(one, third));
    for (const all of [many, joiningAnyLine]) assert.equal(areApart(all, third), false);
    assert.ok(areApart(joiningAnyLine, besideOthers(new Set())));
    const again = { do: "delivery.redrive", sequence: 1, subscription: 1, dueMs: 0 } as const;
    assert.equal(areApart(locksOfUnit({ changes: [again] }), third), false);
  });

  it("holds nothing for events alone", () => {
    assert.deepEqual(locksOfUnit({ events: [anEvent(uuid("bucket"))] }), { places: [], counted: [] });
  });
});

/** Whether the two may be committed at the same time. */
function areApart(one: UnitLocks, other: UnitLocks): boolean {
  return one.places.every(({ place, shared }) =>
    other.places.every((lock) => lock.place !== place || (lock.shared && shared)),
  );
}
