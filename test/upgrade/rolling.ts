/** The way from one version to another and back, node by node. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { type NodeState, shardCount } from "../../src/store/cluster.ts";
import type { Nodes } from "../cluster/chaos/nodes.ts";
import { type Loaded, type LoadOptions, underLoad } from "../cluster/chaos/under-load.ts";
import { serveProgram } from "../support/server-process.ts";
import { until } from "../support/until.ts";
import { migrationsBetween } from "./migrations.ts";

interface Upgrade extends Pick<LoadOptions, "seed" | "say"> {
  /** Of the version before. */
  readonly checkout: string;
}

const count = 3;
/** How long versions work side by side in each mixture, and how much is acknowledged meanwhile at the least. */
const togetherMs = 3_000;
const leastAcknowledged = 100;

export async function rollingUpgrade({ checkout, seed, say }: Upgrade): Promise<void> {
  const before = [join(checkout, "src/cli/bin.js"), "serve"];
  const { added, goTogether } = migrationsBetween(checkout);
  say(`${added.length === 0 ? "no migration" : added.join(", ")} between them`);
  await underLoad({ count, program: before, seed, say }, async (loaded) => {
    const upgrade: Steps = { loaded, before, say };
    await side(`${count} of the version before`, upgrade);
    if (goTogether) await roll(upgrade);
    else await stopFirst(upgrade);
  });
}

interface Steps {
  readonly loaded: Loaded;
  /** What Node runs for the version before. */
  readonly before: readonly string[];
  readonly say: (line: string) => void;
}

async function roll(steps: Steps): Promise<void> {
  const { nodes } = steps.loaded;
  for (const [index, name] of nodes.names.entries()) {
    const stoppedMs = await replace(name, serveProgram, nodes);
    await side(`${name} stopped in ${stoppedMs} ms; ${index + 1} of ${count} of this version`, steps);
  }
  for (const [index, name] of nodes.names.toReversed().entries()) {
    const stoppedMs = await replace(name, steps.before, nodes);
    await side(`${name} stopped in ${stoppedMs} ms; ${index + 1} of ${count} of the version before again`, steps);
  }
}

/** @returns how long it took to stop. */
async function replace(name: string, program: readonly string[], nodes: Nodes): Promise<number> {
  const beganMs = performance.now();
  await nodes.stop(name);
  const stoppedMs = Math.round(performance.now() - beganMs);
  await nodes.start(name, program);
  return stoppedMs;
}

/** Where a node of the version before could not work on what this version makes of the database. */
async function stopFirst(steps: Steps): Promise<void> {
  const { nodes, untilAcknowledged } = steps.loaded;
  const [first = "", ...others] = nodes.names;
  await nodes.stop(first);
  assert.match(
    await nodes.refused(first, serveProgram),
    /nodes of an older version work on the database.*: stop .* first/,
  );
  // Nothing has become of it for the others.
  await untilAcknowledged(leastAcknowledged);
  for (const name of others) await nodes.stop(name);
  for (const name of nodes.names) await nodes.start(name, serveProgram);
  await side(`${count} of this version`, steps);
  await nodes.stop(first);
  assert.match(await nodes.refused(first, steps.before), /made by a newer Signalbox.*: upgrade, or restore a backup/);
  await nodes.start(first, serveProgram);
  await side(`${count} of this version again`, steps);
}

/** Lets them work, once each has its share. */
async function side(mixture: string, { loaded, say }: Steps): Promise<void> {
  const { nodes, receiver, chance, acknowledged, untilAcknowledged } = loaded;
  const beganMs = performance.now();
  await until("each has its share", async () => {
    const told = await Promise.all(
      nodes.up.map((server) => server.api<{ readonly nodes: readonly Listed[] }>("GET", "/api/cloud/nodes/")),
    );
    return told.every(({ nodes: listed }) => listed.length === count && isSharedOut(listed));
  });
  const sharedMs = performance.now() - beganMs;
  receiver.isDown = chance.chance(1 / 2);
  const had = acknowledged();
  await pause(togetherMs);
  await untilAcknowledged(had + leastAcknowledged - acknowledged());
  say(`${mixture}: shared out after ${Math.round(sharedMs)} ms, then ${acknowledged() - had} acknowledged`);
}

type Listed = Pick<NodeState, "shards">;

function isSharedOut(listed: readonly Listed[]): boolean {
  const held = listed.map(({ shards }) => shards);
  return (
    held.reduce((sum, shards) => sum + shards, 0) === shardCount && Math.max(...held) <= Math.ceil(shardCount / count)
  );
}
