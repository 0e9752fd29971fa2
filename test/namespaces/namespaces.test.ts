/**
 * Nodes that are each in a network namespace of their own are cut off from their database, from everything else, or from both, while clients write through all
 * of them. `npm run test:namespaces`, as root; the settings are those of test/cluster/chaos/chaos.test.ts.
 */
import { it } from "node:test";
import { clusterRun } from "../cluster/chaos/rounds.ts";
import { runSettings } from "../cluster/chaos/settings.ts";
import { openLinks } from "./links.ts";
import { hurtLinks } from "./links-hurt.ts";

const { rounds, seed, count } = runSettings;

it(`loses, doubles and disorders nothing in ${rounds} rounds of pulled cables with ${count} nodes (seed ${seed})`, async (t) => {
  const names = Array.from({ length: count }, (_, index) => `node ${index + 1}`);
  await using network = await openLinks(names);
  const say = (line: string): void => t.diagnostic(line);
  await clusterRun({
    count,
    rounds,
    seed,
    network,
    hurtSome: (nodes, dice) => hurtLinks(network, nodes, dice),
    say,
  });
});
