import assert from "node:assert/strict";

/** Milliseconds of the processor that this thread used while `act` went on: what everybody else waited for at the most. */
export async function threadMs(act: () => Promise<unknown>): Promise<number> {
  const before = process.threadCpuUsage();
  await act();
  const { user, system } = process.threadCpuUsage(before);
  return (user + system) / 1_000;
}

/** That `act` cost the thread which all tenants share at most `mostMs`. In one process with the server, whose thread is this one. */
export async function costsAtMost(mostMs: number, act: () => Promise<unknown>): Promise<void> {
  const ms = await threadMs(act);
  assert.ok(ms <= mostMs, `it cost the thread of all ${Math.round(ms)} ms, of at most ${mostMs}`);
}
