import { rmSync, statSync, utimesSync } from "node:fs";
import { readFile, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Blobs } from "../blobs/blobs.ts";
import { type Clock, sleep } from "../clock.ts";
import { asError, SignalboxError } from "../errors.ts";
import { writeDurably } from "../folder/durable-file.ts";
import type { Log } from "../log.ts";

/**
 * How a backup asks the server that uses a folder to put aside what it would delete, and learns that it does. By files, since who may read the folder
 * may do this, without a token.
 */
const asked = "backup.hold";
const granted = "backup.held";
const lookEveryMs = 500;
/** A backup says so often that it goes on; one that has not for so long is dead. */
const touchEveryMs = 5_000;
const deadAfterMs = 60_000;

/** The server's side. Runs until `signal` aborts. */
export async function holdForBackups(
  {
    folder,
    blobs,
    clock,
    log,
  }: {
    readonly folder: string;
    readonly blobs: Pick<Blobs, "hold">;
    readonly clock: Clock;
    readonly log: Log;
  },
  signal: AbortSignal,
): Promise<void> {
  let hold: { readonly by: string; readonly release: () => Promise<void> } | undefined;
  while (!signal.aborted) {
    try {
      const by = await requester(join(folder, asked));
      if (by !== hold?.by) {
        const before = hold;
        hold = by === undefined ? undefined : { by, release: blobs.hold() };
        if (hold === undefined) await rm(join(folder, granted), { force: true });
        else await writeFile(join(folder, granted), hold.by, { mode: 0o600 });
        await before?.release();
      }
    } catch (thrown) {
      log.warn({ error: asError(thrown).message }, "the request of a backup could not be read, or carried out");
    }
    await sleep(clock, lookEveryMs, signal);
  }
  await hold?.release().catch(() => {});
}

async function requester(path: string): Promise<string | undefined> {
  const found = await stat(path).catch(() => undefined);
  // By the clock of files, which set the time.
  if (found === undefined || Date.now() - found.mtimeMs > deadAfterMs) return undefined;
  return readFile(path, "utf8").catch(() => undefined);
}

/** The backup's side: resolves once the server puts aside what it would delete, until it is disposed of. Throws `unavailable` when none answers. */
export async function askToHold(folder: string, nonce: string, clock: Clock): Promise<Disposable> {
  const path = join(folder, asked);
  writeDurably(path, nonce);
  const timer = setInterval(() => {
    const now = new Date();
    if (statSync(path, { throwIfNoEntry: false }) !== undefined) utimesSync(path, now, now);
  }, touchEveryMs);
  const hold: Disposable = {
    [Symbol.dispose]: () => {
      clearInterval(timer);
      rmSync(path, { force: true });
    },
  };
  for (let waited = 0; waited < 60 * lookEveryMs; waited += lookEveryMs / 10) {
    if ((await readFile(join(folder, granted), "utf8").catch(() => "")) === nonce) return hold;
    await sleep(clock, lookEveryMs / 10);
  }
  hold[Symbol.dispose]();
  throw new SignalboxError(
    "unavailable",
    `the process that uses ${folder} does not answer: it hangs, or is an older Signalbox, which has to be stopped for a backup`,
  );
}
