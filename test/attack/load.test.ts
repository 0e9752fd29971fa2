/**
 * One tenant at work while another attacks: nothing of it may fail, and with `ATTACK_ROUNDS` its p99 is measured, at rest and under
 * attack in turn.
 */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { attacks, besiege } from "./attacks.ts";
import { rounds } from "./hostile.ts";
import { load, median } from "./load.ts";
import { type Attacked, attacked, type Tenant } from "./tenants.ts";

const measuredMs = rounds > 0 ? 3_500 : 1_500;
/** What an attack leaves behind may take that long to end, as may what is not yet warm. */
const settlingMs = 1_500;

describe("a tenant at work", () => {
  let server: Attacked;
  let neighbour: Tenant;
  before(async () => {
    server = await attacked();
    neighbour = await server.neighbour("neighbour");
  });
  after(() => server[Symbol.asyncDispose]());

  if (rounds === 0) {
    it("fails in nothing while another attacks", async () => {
      const ends: (() => Promise<void>)[] = [];
      for (const attack of attacks.filter(({ short }) => short)) {
        ends.push(await besiege(await server.tenant(attack.name), attack));
      }
      const { count } = await load(neighbour, measuredMs);
      await Promise.all(ends.map((end) => end()));
      assert.ok(count > 0);
      await server.assertUnharmed();
    });
  }

  for (const attack of rounds > 0 ? attacks : []) {
    it(`fails in nothing under attack by ${attack.name}; how long it waits is told`, async (t) => {
      const hostile = await server.tenant(attack.name);
      const found: { readonly rest: number; readonly under: number; readonly ratio: number }[] = [];
      for (let round = 0; round < rounds; round += 1) {
        await load(neighbour, settlingMs);
        const rest = await load(neighbour, measuredMs);
        const end = await besiege(hostile, attack);
        const under = await load(neighbour, measuredMs);
        await end();
        found.push({ rest: rest.p99, under: under.p99, ratio: under.p99 / rest.p99 });
      }
      const ratio = median(found.map((one) => one.ratio));
      const { rest = 0, under = 0 } = found.find((one) => one.ratio === ratio) ?? {};
      t.diagnostic(
        `attack ${attack.name} rest ${rest.toFixed(1)} ms under attack ${under.toFixed(1)} ms ratio ${ratio.toFixed(2)}`,
      );
      await server.assertUnharmed();
    });
  }
});
