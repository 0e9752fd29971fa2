import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { aSubscription, uuid } from "../../test/conformance/store/given.ts";
import { systemClock } from "../clock.ts";
import { Slices } from "../pace/slices.ts";
import { beginMatch, candidateList } from "./event-match.ts";
import { FilterCache } from "./filter-cache.ts";
import { Matcher } from "./matcher.ts";
import type { MatchCandidate } from "./tenant-index.ts";

const costly = (index: number): string => `key REGEXP '[ab]*[a${index}]b?[ab]{800}[^ab${index}]'`;
const key = "ab".repeat(500);
const read = (name: string): string | undefined => (name === "key" ? key : undefined);
const place = (tenant: string) => ({ tenant, face: "objects" }) as const;

describe("compiled filters", () => {
  it("take no more memory than they may, of all tenants and of one, however many there are", () => {
    const cache = new FilterCache({ bytes: 2_000_000, bytesOfTenant: 1_000_000 });
    for (const tenant of ["one", "two", "three"]) {
      for (let index = 0; index < 60; index += 1) {
        const filter = cache.take(place(tenant), costly(index));
        assert.equal(filter.matches(read), false);
        assert.ok(cache.bytes() <= 2_000_000 && cache.bytes(tenant) <= 1_000_000, `${cache.bytes()} bytes`);
      }
    }
    assert.ok(cache.bytes() > 500_000);
  });

  it("are one for equal texts of a tenant, and gone with the last who has them", () => {
    const cache = new FilterCache();
    const [one, other] = [cache.take(place("one"), costly(1)), cache.take(place("one"), costly(1))];
    assert.equal(one, other);
    one.matches(read);
    assert.ok(cache.bytes("one") > 0);
    cache.release(one);
    assert.ok(cache.bytes("one") > 0);
    cache.release(one);
    assert.equal(cache.bytes(), 0);
  });
});

describe("costly candidates", () => {
  const candidates = (cache: FilterCache, count: number): MatchCandidate[] =>
    Array.from({ length: count }, (_, index) => ({
      subscription: { ...aSubscription(uuid("bucket")), number: index, fromRevision: 0, revision: 0, updatedMs: 0 },
      filter: cache.take(place("one"), costly(index)),
      read,
    }));

  it("are asked in slices, and others of another tenant meanwhile", async () => {
    const slices = new Slices();
    const matching = new Matcher({ msPerSecond: 1_000, slices, clock: systemClock });
    const hearing = beginMatch(candidateList(candidates(matching.filters, 100)), { snapshot: true });
    assert.ok(hearing.rest !== undefined && hearing.spentMs < 50);
    const order: string[] = [];
    const all = matching.finish("one", hearing).then(() => order.push("all"));
    const small = beginMatch(candidateList(candidates(matching.filters, 3)), { snapshot: true });
    const few = matching.finish("two", small).then(() => order.push("few"));
    await Promise.all([all, few]);
    assert.deepEqual(order, ["few", "all"]);
  });

  it("of an operation that waits are refused when the tenant's share is used up", async () => {
    const matching = new Matcher({ msPerSecond: 10, slices: new Slices(), clock: systemClock });
    matching.budget.charge("one", 1_000);
    const hearing = beginMatch(candidateList(candidates(matching.filters, 100)), { snapshot: true });
    await assert.rejects(matching.finishSoon("one", hearing), { code: "too_many_requests" });
    // Cheap ones are not.
    await matching.finishSoon("one", beginMatch(candidateList([]), { snapshot: true }));
  });
});
