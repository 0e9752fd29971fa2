/** The primary is lost under load, its synchronous standby takes over, and the one that was primary comes back. */
import assert from "node:assert/strict";
import { Client } from "pg";
import type { PostgresServer } from "../../support/postgres.ts";
import type { ReplicatedPostgres } from "../../support/replicated-postgres.ts";
import { until } from "../../support/until.ts";
import { database, type Nodes } from "./nodes.ts";
import type { Loaded } from "./under-load.ts";

/** What waits for the standby that it had does so for ever. */
const underWay = `SELECT 1 FROM pg_stat_activity
  WHERE application_name LIKE 'signalbox %' AND wait_event IS DISTINCT FROM 'SyncRep'`;

interface Promotion {
  /** How the primary is lost. */
  readonly how: "kill" | "freeze";
  readonly say: (line: string) => void;
}

export async function promoteOnce(loaded: Loaded, postgres: ReplicatedPostgres, promotion: Promotion): Promise<void> {
  const { nodes, chance, acknowledged, untilAcknowledged } = loaded;
  const { how, say } = promotion;
  await untilAcknowledged(60);
  const beganMs = performance.now();
  nodes.hurt(database, `${how} of the primary`);
  if (how === "kill") await postgres.kill();
  else await postgres.freeze();
  const before = await postgres.promote();
  for (const name of nodes.names) nodes.way(name).repoint(postgres.port);
  nodes.well(database);
  const awayMs = performance.now() - beganMs;
  const [had, againMs] = [acknowledged(), performance.now()];
  await untilAcknowledged(1);
  say(
    `${how} of the primary, another one after ${Math.round(awayMs)} ms, the first answer ${Math.round(performance.now() - againMs)} ms later`,
  );
  await untilAcknowledged(59);

  if (how === "kill") await before.start();
  else before.thaw();
  await mislead(nodes, chance.oneOf(["node 1", "node 2", "node 3"]), { before, untilAcknowledged });
  for (const name of nodes.names) nodes.way(name).repoint(postgres.port);
  await postgres.replicate();
  await untilAcknowledged(60);
  say(`${acknowledged() - had} acknowledged by the new primary`);
}

/** Leads a node to the one that was primary: it writes nothing there. */
async function mislead(
  nodes: Nodes,
  name: string,
  { before, untilAcknowledged }: Pick<Loaded, "untilAcknowledged"> & { readonly before: PostgresServer },
): Promise<void> {
  const { pathname } = new URL(nodes.url);
  const client = new Client({ connectionString: before.url(pathname.slice(1)) });
  // Where a client was answered wrongly, servers end while this one is idle: what is told is the answer.
  client.on("error", () => {});
  await client.connect();
  try {
    const nextWrite = async (): Promise<unknown> =>
      (await client.query("SELECT pg_snapshot_xmax(pg_current_snapshot()) AS next")).rows;
    await until("nothing is under way there", async () => (await client.query(underWay)).rows.length === 0);
    const next = await nextWrite();
    nodes.hurt(name, "led to the old primary");
    nodes.way(name).repoint(before.port);
    await until("it refuses what it is led to", async () => {
      const asked = nodes.get(name).api("GET", "/api/cloud/deliveries/?limit=1");
      return asked.then(
        () => false,
        (refused: Error) => refused.message.includes("stop the old primary"),
      );
    });
    await untilAcknowledged(60);
    assert.deepEqual(await nextWrite(), next, "nothing was written to the old primary");
    nodes.well(name);
  } finally {
    await client.end();
  }
}
