/** Loses the primary under load, twice, and promotes its synchronous standby, to which the ways of the nodes lead then, as with a balancer in between. */
import { it } from "node:test";
import { replicatedPostgres } from "../../support/replicated-postgres.ts";
import { promoteOnce } from "./promotions.ts";
import { runSettings } from "./settings.ts";
import { underLoad } from "./under-load.ts";

const { seed, count } = runSettings;

it(`loses, doubles and disorders nothing where standbys take over from two primaries with ${count} nodes (seed ${seed})`, async (t) => {
  await using postgres = await replicatedPostgres();
  const say = (line: string): void => t.diagnostic(line);
  const env = { SIGNALBOX_STORE_ASYNC: "" };
  await underLoad({ count, seed, postgres, hasWays: true, env, say }, async (loaded) => {
    for (const how of ["kill", "freeze"] as const) await promoteOnce(loaded, postgres, { how, say });
  });
});
