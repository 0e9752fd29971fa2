import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { systemClock } from "../clock.ts";
import { Slices } from "../pace/slices.ts";
import { beginMatch } from "./event-match.ts";
import { FilterCache } from "./filter-cache.ts";
import type { MatchCandidates } from "./match-candidates.ts";
import { Matcher } from "./matcher.ts";

const costly = (index: number): string => `key REGEXP '[ab]*[a${index}]b?[ab]{800}[^ab${index}]'`;
const key = "ab".repeat(500);
const read = (name: string): string | undefined => (name === "key" ? key : undefined);
const place = (tenant: string) => ({ tenant, face: "objects" }) as const;

describe("compiled filters", () => {
  it("take no more memory than they may, of all tenants and of one, however many there are", () => {
    const cache = new FilterCache({ bytes: 2_000_000, bytesOfTenant: 1_000_000 });
    for (const tenant of ["one", "two", "three"]) {
      for (let index = 0; index < 60; index += 1) {
        const filter = cache.get(place(tenant), costly(index));
        assert.equal(filter.matches(read), false);
        assert.ok(cache.bytes() <= 2_000_000 && cache.bytes(tenant) <= 1_000_000, `${cache.bytes()} bytes`);
      }
    }
    assert.ok(cache.bytes() > 500_000);
  });

  it("are one for equal texts of a tenant, from when they are compiled until others need the memory", () => {
    const cache = new FilterCache({ bytes: 40_000 });
    assert.equal(cache.get(place("one"), costly(1)).isQuick, false);
    assert.equal(cache.bytes(), 0);
    const one = cache.get(place("one"), costly(1));
    one.matches(read);
    assert.equal(cache.get(place("one"), costly(1)), one);
    assert.notEqual(cache.get(place("two"), costly(1)), one);
    for (let index = 2; index < 20; index += 1) cache.get(place("two"), costly(index)).matches(read);
    assert.equal(cache.bytes("one"), 0);
    assert.notEqual(cache.get(place("one"), costly(1)), one);
    assert.equal(one.matches(read), false, "a caller that holds it still gets an answer");
  });

  it("that cannot be read are known as such", () => {
    const cache = new FilterCache();
    const broken = cache.get(place("one"), "WHERE key WAS ONCE ALLOWED");
    assert.equal(broken.matches(read), false);
    assert.notEqual(broken.error, undefined);
    assert.equal(cache.get(place("one"), "WHERE key WAS ONCE ALLOWED"), broken);
  });
});

describe("costly candidates", () => {
  const candidates = (cache: FilterCache, count: number): MatchCandidates => {
    let number = 0;
    const next: MatchCandidates["next"] = () => {
      if (number === count) return undefined;
      number += 1;
      return { number, rank: 0, filter: cache.get(place("one"), costly(number)), read };
    };
    return { next, asks: true, use: () => undefined, done: () => undefined };
  };

  it("are asked in slices, and others of another tenant meanwhile", async () => {
    const slices = new Slices();
    const matching = new Matcher({ msPerSecond: 1_000, slices, clock: systemClock });
    const hearing = beginMatch(candidates(matching.filters, 100));
    assert.ok(hearing.rest !== undefined && hearing.spentMs < 50);
    const order: string[] = [];
    const all = matching.finish("one", hearing).then(() => order.push("all"));
    const small = beginMatch(candidates(matching.filters, 3));
    const few = matching.finish("two", small).then(() => order.push("few"));
    await Promise.all([all, few]);
    assert.deepEqual(order, ["few", "all"]);
  });

  it("of an operation that waits are refused when the tenant's share is used up", async () => {
    const matching = new Matcher({ msPerSecond: 10, slices: new Slices(), clock: systemClock });
    matching.budget.charge("one", 1_000);
    const hearing = beginMatch(candidates(matching.filters, 100));
    await assert.rejects(matching.finishSoon("one", hearing), { code: "too_many_requests" });
    // Cheap ones are not.
    await matching.finishSoon("one", beginMatch(candidates(matching.filters, 0)));
  });
});
