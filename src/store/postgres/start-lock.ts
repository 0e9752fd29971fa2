import { setTimeout as pause } from "node:timers/promises";
import type { Client } from "pg";
import { SignalboxError } from "../../errors.ts";
import type { Log } from "../../log.ts";

/** Of the advisory lock that a process holds while it brings the database up to date and joins those that work on it. */
const lockKey = 5_126_402;
const againMs = 50;
/** Building an index over all there is may take that long, and is waited for. */
const mostMs = 3_600_000;

/** Runs `work` while no other process starts on the database. */
export async function whileStarting<T>(client: Client, log: Log, work: () => Promise<T>): Promise<T> {
  const untilMs = performance.now() + mostMs;
  for (let isTold = false; !(await isLocked(client)); isTold = true) {
    if (!isTold) log.info({}, "waiting until another process has started on the database");
    if (performance.now() > untilMs) {
      throw new SignalboxError("unavailable", "another process has been starting on the database for an hour");
    }
    await pause(againMs);
  }
  try {
    return await work();
  } finally {
    // Where that fails the connection is lost, and the lock with it.
    await client.query(`SELECT pg_advisory_unlock(${lockKey})`).catch(() => {});
  }
}

async function isLocked(client: Client): Promise<boolean> {
  const { rows } = await client.query(`SELECT pg_try_advisory_lock(${lockKey}) AS mine`);
  return (rows[0] as { readonly mine: number } | undefined)?.mine === 1;
}
