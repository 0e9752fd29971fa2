/**
 * Kills the server, and processes that run functions, at random moments while users are made. `npm run test:crash` does so
 * twenty times; `CRASH_SEED` repeats the dice of an earlier run (though never its exact timing).
 */
import { randomInt } from "node:crypto";
import { it } from "node:test";
import { hooksRun } from "./hooks/rounds.ts";

const rounds = Number(process.env["CRASH_ROUNDS"] ?? 1);
const seed = Number(process.env["CRASH_SEED"] ?? randomInt(2 ** 31));

it(`makes no user without its hooks and forgets no function in ${rounds} rounds of kill -9 (seed ${seed})`, async (t) => {
  await hooksRun({ rounds, seed, say: (line) => t.diagnostic(line) });
});
