import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { aBucket, anObject } from "../../test/conformance/store/given.ts";
import { changeLocks, conditionLocks, locksOf, locksOfUnit } from "./locks.ts";

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
    assert.deepEqual(put("a"), [
      { place: `bucket\n${bucket}`, shared: true },
      { place: "everything", shared: true },
      { place: `object\n${bucket}\na`, shared: false },
    ]);
    assert.ok(put("a").every((lock) => lock.shared || !put("b").some(({ place }) => place === lock.place)));
    const end = locksOfUnit({
      conditions: [{ if: "bucket.empty", bucket }],
      changes: [{ do: "bucket.remove", bucket, atMs: 0 }],
    });
    assert.deepEqual(end, [{ place: "everything", shared: false }]);
  });

  it("holds a place alone when anything of the unit does, and everything when one part may be about anything", () => {
    const { uuid } = aBucket();
    const live = { if: "resource.live", uuid } as const;
    assert.deepEqual(locksOf(live), [
      { place: "everything", shared: true },
      { place: `resource\n${uuid}`, shared: false },
    ]);
    const limited = { if: "apps.fewer", tenant: "acme", fewer: 1 } as const;
    assert.deepEqual(locksOfUnit({ conditions: [live, limited] }), [{ place: "everything", shared: false }]);
    assert.deepEqual(locksOfUnit({}), []);
  });
});
