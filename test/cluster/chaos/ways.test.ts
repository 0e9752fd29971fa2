/**
 * Cuts and freezes what nodes have under way to their database, before, in the middle of and after commits, while clients write through all of them. In a
 * quarter of the rounds of chaos.test.ts, whose settings it has: what is silent takes its time.
 */
import { it } from "node:test";
import { clusterRun } from "./rounds.ts";
import { runSettings } from "./settings.ts";
import { hurtWays } from "./ways-hurt.ts";

const { seed, count } = runSettings;
const rounds = Math.ceil(runSettings.rounds / 4);

it(`loses, doubles and disorders nothing in ${rounds} rounds of cuts with ${count} nodes (seed ${seed})`, async (t) => {
  await clusterRun({ count, rounds, seed, hasWays: true, hurtSome: hurtWays, say: (line) => t.diagnostic(line) });
});
