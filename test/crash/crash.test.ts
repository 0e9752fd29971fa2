/**
 * Kills the server at random moments while it works. `npm run test:crash` does so twenty times; `CRASH_SEED` repeats the
 * dice of an earlier run (though never its exact timing).
 */
import { randomInt } from "node:crypto";
import { it } from "node:test";
import { crashRun } from "./rounds.ts";

const rounds = Number(process.env["CRASH_ROUNDS"] ?? 1);
const seed = Number(process.env["CRASH_SEED"] ?? randomInt(2 ** 31));

it(`loses, tears and invents nothing in ${rounds} rounds of kill -9 (seed ${seed})`, async (t) => {
  await crashRun({ rounds, seed, say: (line) => t.diagnostic(line) });
});
