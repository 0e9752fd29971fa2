/**
 * Hurts nodes at random while clients write through all of them. `npm run test:cluster` does so in ten rounds, `CLUSTER_ROUNDS=100` in more;
 * `CLUSTER_SEED` repeats the dice of an earlier run (though never its exact timing); `CLUSTER_HISTORY=keep` keeps the file of a good one, too;
 * `CLUSTER_WITHIN_MS=8000` also finds what is late, on a machine that does nothing else.
 */
import { it } from "node:test";
import { hurtSome } from "./hurts.ts";
import { clusterRun } from "./rounds.ts";
import { runSettings } from "./settings.ts";

const { rounds, seed, count } = runSettings;

it(`loses, doubles and disorders nothing in ${rounds} rounds with ${count} nodes (seed ${seed})`, async (t) => {
  await clusterRun({ count, rounds, seed, hurtSome, say: (line) => t.diagnostic(line) });
});
