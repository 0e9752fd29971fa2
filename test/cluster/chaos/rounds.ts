/** Rounds of hurting nodes while clients write. */
import { hurtSome } from "./hurts.ts";
import { type Loaded, type LoadOptions, underLoad } from "./under-load.ts";

export interface ClusterRun extends LoadOptions {
  readonly rounds: number;
}

/** How many acknowledgements come with each round at the least, in turn: hurts fall upon one another, or into a log that has grown. */
const depths = [20, 200, 60] as const;

export async function clusterRun(run: ClusterRun): Promise<void> {
  await underLoad(run, (loaded) => hurtInRounds(loaded, run));
}

async function hurtInRounds(loaded: Loaded, { rounds, say }: ClusterRun): Promise<void> {
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
