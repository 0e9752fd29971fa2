/**
 * Replaces nodes of another version by those of these sources, one after the other and under load, and back again. `npm run test:upgrade` makes the
 * checkout of the other version that `UPGRADE_FROM` names; `CLUSTER_SEED` and `CLUSTER_HISTORY` are those of `npm run test:cluster`.
 */
import assert from "node:assert/strict";
import { randomInt } from "node:crypto";
import { it } from "node:test";
import { rollingUpgrade } from "./rolling.ts";

const checkout = process.env["UPGRADE_FROM"] ?? assert.fail("UPGRADE_FROM names a checkout: npm run test:upgrade");
const seed = Number(process.env["CLUSTER_SEED"] ?? randomInt(2 ** 31));

it(`goes from one version to the next and back, and loses, doubles and disorders nothing (seed ${seed})`, async (t) => {
  await rollingUpgrade({ checkout, seed, say: (line) => t.diagnostic(line) });
});
