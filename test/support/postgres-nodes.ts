/** Nodes that work together on one database. */
import { randomBytes } from "node:crypto";
import { silentLog } from "../../src/log.ts";
import type { Patience } from "../../src/store/postgres/connection.ts";
import { openPostgresStore } from "../../src/store/postgres/store.ts";
import { noonMs } from "../conformance/store/given.ts";
import { type FakeClock, fakeClock } from "./clock.ts";
import { until } from "./until.ts";

/** So short that no test waits for long, and so long that a busy machine is not taken for a lost one. */
const patience = { connectMs: 2_000, statementMs: 4_000, answerMs: 60_000, lockMs: 30_000 };

export type JoinedNode = Awaited<ReturnType<typeof openPostgresStore>> & { readonly clock: FakeClock };

export async function joinNode(url: string, over: Partial<Patience> = {}): Promise<JoinedNode> {
  // Its name comes of the dice, and is no other's.
  const clock: FakeClock = { ...fakeClock(noonMs), bytes: (length) => randomBytes(length) };
  const patient = { ...patience, ...over };
  return { ...(await openPostgresStore({ url, clock, log: silentLog, patience: patient, nodes: "several" })), clock };
}

/** Until so many nodes hold about as much each. */
export async function untilShared(node: JoinedNode, count: number): Promise<void> {
  const [least, most] = [Math.floor(64 / count) - 1, Math.ceil(64 / count)];
  await until("each has its share", async () => {
    const found = await node.cluster.nodes();
    return found.length === count && found.every(({ shards }) => shards >= least && shards <= most);
  });
}
