/** Rounds of hurting nodes while clients write. */
import type { Dice } from "../../crash/dice.ts";
import type { Nodes } from "./nodes.ts";
import { type Loaded, type LoadOptions, underLoad } from "./under-load.ts";

export interface ClusterRun extends LoadOptions {
  readonly rounds: number;
  /** Hurts one or several, and tells what it did. */
  readonly hurtSome: (nodes: Nodes, dice: Dice) => Promise<string>;
}

/** How many acknowledgements come with each round at the least, in turn: hurts fall upon one another, or into a log that has grown. */
const depths = [20, 200, 60] as const;

export async function clusterRun(run: ClusterRun): Promise<void> {
  const { rounds: _, hurtSome: __, ...options } = run;
  await underLoad(options, (loaded) => hurtInRounds(loaded, run));
}

async function hurtInRounds(loaded: Loaded, { rounds, hurtSome, say }: ClusterRun): Promise<void> {
  const { nodes, receiver, chance, acknowledged, untilAcknowledged } = loaded;
  for (let round = 1; round <= rounds; round += 1) {
    receiver.isDown = chance.chance(1 / 2);
    const before = acknowledged();
    const least = depths[round % depths.length] ?? 1;
    const told = await hurtSome(nodes, chance);
    await untilAcknowledged(before + least - acknowledged());
    say(`round ${round}: ${told}: ${acknowledged() - before} acknowledged`);
  }
}
