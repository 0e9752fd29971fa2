import { parseBlobId } from "../blobs/blobs.ts";
import { writerOf } from "../blobs/bodies.ts";
import { asError } from "../errors.ts";
import { type BlobName, bodyDigits } from "../store/blob-names.ts";
import type { Store } from "../store/store.ts";
import { areOurs, type SweptNames } from "./bodies-owner.ts";

const pageSize = 1000;
const dayMs = 86_400_000;
/** A name that was never used is given up after this, although its node works: no upload takes so long. */
const pendingMs = 7 * dayMs;
/** A body without a name is given this long: clocks differ, and it costs nothing. */
const unnamedMs = dayMs;

/** Deletes the bodies that no name needs; with `isNet` all names and all bodies are looked through. Gives whether it came to its end. Never rejects. */
export async function sweepNames(
  swept: SweptNames,
  signal: AbortSignal,
  { isNet }: { readonly isNet: boolean },
): Promise<boolean> {
  const { bodies, log, isHeld } = swept;
  const counts: Counts = { deleted: 0, aborted: 0, unknown: 0 };
  try {
    if (isHeld()) return false;
    if (!(await areOurs(swept))) {
      log.warn(
        { place: bodies.place },
        "the bytes of objects are not, or not only, this server's: nothing of them is deleted",
      );
      return false;
    }
    if (isNet) await dropUnreferred(swept, signal);
    await doomUnwanted(swept, signal);
    await doomPending(swept, signal);
    await deleteDoomed(swept, signal, counts);
    await abortUnfinished(swept, signal, counts);
    if (isNet) await deleteUnnamed(swept, signal, counts);
  } catch (thrown) {
    log.warn({ ...counts, error: asError(thrown).message }, "sweeping the bytes of objects broke off");
    return false;
  }
  if (counts.deleted + counts.aborted > 0) log.info({ ...counts }, "deleted bytes that nothing refers to");
  if (counts.unknown > 0) {
    log.warn(
      { bodies: counts.unknown },
      "bytes without a name were written by a run that this database does not know, or not to its end: they are left alone, as a newer " +
        "database may need them; if there is none, signalbox adopt lets them be swept",
    );
  }
  return !signal.aborted;
}

interface Counts {
  deleted: number;
  aborted: number;
  unknown: number;
}

/** What is used, and referred to by nothing: the process ended between the commit that took the reference away and the one that said so. */
async function dropUnreferred({ store, clock }: SweptNames, signal: AbortSignal): Promise<void> {
  for (let after = ""; !signal.aborted; ) {
    const names = await store.blobNames.used({ after, max: pageSize });
    const referred = await store.objects.referred(names);
    const unwanted = names.filter((name) => !referred.has(name));
    if (unwanted.length > 0) {
      await store.commit({ changes: [{ do: "blob.unwanted", names: unwanted, atMs: clock.now() }] });
    }
    after = names.at(-1) ?? "";
    if (names.length < pageSize) return;
  }
}

async function doomUnwanted(swept: SweptNames, signal: AbortSignal): Promise<void> {
  const beforeMs = swept.clock.now() - swept.graceMs;
  for await (const names of inState(swept, { state: "unwanted", beforeMs }, signal)) await doom(swept, names);
}

async function doomPending(swept: SweptNames, signal: AbortSignal): Promise<void> {
  const { cluster, clock } = swept;
  const nowMs = clock.now();
  for await (const names of inState(swept, { state: "pending", beforeMs: nowMs }, signal)) {
    const gone = new Map<string, boolean>();
    for (const { node } of names) if (!gone.has(node)) gone.set(node, await cluster.isGone(node));
    await doom(
      swept,
      names.filter(({ node, sinceMs }) => gone.get(node) === true || sinceMs < nowMs - pendingMs),
    );
  }
}

async function doom({ store, clock }: SweptNames, names: readonly BlobName[]): Promise<void> {
  if (names.length === 0) return;
  const changes = [{ do: "blob.doomed", names: names.map(({ name }) => name), atMs: clock.now() }] as const;
  await store.commit({ changes });
}

/** Names whose body others need still are forgotten at once, the rest once their body is gone: no crash between leaves a body that no name tells of. */
async function deleteDoomed(swept: SweptNames, signal: AbortSignal, counts: Counts): Promise<void> {
  const { bodies, store, clock, isHeld } = swept;
  for await (const page of inState(swept, { state: "doomed", beforeMs: clock.now() + 1 }, signal)) {
    const names = page.map(({ name }) => name);
    const standing = await store.blobNames.doomed([...new Set(names.map(bodyOfName))]);
    const free = [...standing].filter(([, allDoomed]) => allDoomed).map(([body]) => body);
    if (isHeld()) return;
    await bodies.delete(free);
    counts.deleted += free.length;
    await store.commit({ changes: [{ do: "blob.forget", names }] });
  }
}

/** Uploads in parts that broke off with their process. */
async function abortUnfinished({ bodies, store }: SweptNames, signal: AbortSignal, counts: Counts): Promise<void> {
  for await (const page of bodies.unfinished(signal)) {
    const standing = await store.blobNames.doomed([...new Set(page.map(({ body }) => body))]);
    const known = await store.upkeep.completeRuns([...new Set(page.map(({ body }) => writerOf(body)))]);
    for (const unfinished of page) {
      const isNeeded = standing.get(unfinished.body) === false;
      if (isNeeded || !known.has(writerOf(unfinished.body))) continue;
      await bodies.abort(unfinished);
      counts.aborted += 1;
    }
  }
}

/** A body has its name before its first byte and until after its last: what has none was left by what is told at {@link claimBodies}. */
async function deleteUnnamed({ bodies, store, clock }: SweptNames, signal: AbortSignal, counts: Counts): Promise<void> {
  for await (const page of bodies.all(signal)) {
    const standing = await store.blobNames.doomed(page.map(({ body }) => body));
    const unnamed = page.filter(({ body, modifiedMs }) => !standing.has(body) && modifiedMs < clock.now() - unnamedMs);
    const known = await store.upkeep.completeRuns([...new Set(unnamed.map(({ body }) => writerOf(body)))]);
    const useless = unnamed.filter(({ body }) => known.has(writerOf(body)));
    await bodies.delete(useless.map(({ body }) => body));
    counts.deleted += useless.length;
    counts.unknown += unnamed.length - useless.length;
  }
}

function bodyOfName(name: string): string {
  if (parseBlobId(name) === undefined) throw new TypeError("a name of a blob has another form");
  return name.slice(0, bodyDigits);
}

async function* inState(
  { store }: SweptNames,
  query: Parameters<Store["blobNames"]["since"]>[0],
  signal: AbortSignal,
): AsyncGenerator<readonly BlobName[]> {
  for (let after: BlobName | undefined; !signal.aborted; ) {
    const page: readonly BlobName[] = await store.blobNames.since(query, {
      max: pageSize,
      ...(after === undefined ? {} : { after }),
    });
    if (page.length > 0) yield page;
    after = page.at(-1);
    if (page.length < pageSize) return;
  }
}
