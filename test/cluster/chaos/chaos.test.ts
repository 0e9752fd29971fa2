/**
 * Hurts nodes at random while clients write through all of them. `npm run test:cluster` does so in ten rounds, `CLUSTER_ROUNDS=100` in more;
 * `CLUSTER_SEED` repeats the dice of an earlier run (though never its exact timing); `CLUSTER_HISTORY=keep` keeps the file of a good one, too.
 */
import { randomInt } from "node:crypto";
import { it } from "node:test";
import { clusterRun } from "./rounds.ts";

const rounds = Number(process.env["CLUSTER_ROUNDS"] ?? 10);
const seed = Number(process.env["CLUSTER_SEED"] ?? randomInt(2 ** 31));
const count = Number(process.env["CLUSTER_NODES"] ?? 3);

it(`loses, doubles and disorders nothing in ${rounds} rounds with ${count} nodes (seed ${seed})`, async (t) => {
  await clusterRun({ count, rounds, seed, say: (line) => t.diagnostic(line) });
});
