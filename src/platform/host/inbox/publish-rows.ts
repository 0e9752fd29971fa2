import { setImmediate } from "node:timers/promises";
import type { Context } from "../../../context.ts";
import { asError, SignalboxError } from "../../../errors.ts";
import type { InboxRow } from "../../../inbox/inbox.ts";
import { commitOptimistically } from "../../../store/optimistic.ts";
import type { Condition } from "../../../store/unit.ts";
import { endOf } from "../operations/end.ts";
import { type ReadRow, type RowContext, readRow, tenantOf } from "./read-row.ts";

/** What became of one batch of rows. Of each row exactly one of the two is told. */
interface PublishedRows {
  /** Their events are durable, now or before: the rows may go. */
  readonly published: readonly InboxRow[];
  /** Of the published ones, those that had been published before. */
  readonly duplicates: number;
  readonly refused: readonly { readonly row: InboxRow; readonly reason: string }[];
}

export type PublishRowsContext = RowContext & Pick<Context, "publish">;

/** The loop is left to others after so long. */
const turnMs = 5;
const longestReason = 1_000;

/**
 * Publishes the events of rows in one commit, in their order, but those that were published before. What cannot be published keeps none of the
 * others back.
 *
 * @throws whatever the store throws when it can take nothing at all: nothing was published then that is not known to be.
 */
export async function publishRows(context: PublishRowsContext, rows: readonly InboxRow[]): Promise<PublishedRows> {
  try {
    return await publishTogether(context, rows);
  } catch (thrown) {
    if (rows.length === 1)
      return { published: [], duplicates: 0, refused: [refusedAlone(rows[0] as InboxRow, thrown)] };
    return publishApart(context, rows);
  }
}

/** One of them may be what the store does not take. If it takes none, that is not the rows' fault. */
async function publishApart(context: PublishRowsContext, rows: readonly InboxRow[]): Promise<PublishedRows> {
  const published: InboxRow[] = [];
  const refused: { row: InboxRow; reason: string }[] = [];
  let duplicates = 0;
  let last: unknown;
  for (const row of rows) {
    try {
      const alone = await publishTogether(context, [row]);
      published.push(...alone.published);
      refused.push(...alone.refused);
      duplicates += alone.duplicates;
    } catch (thrown) {
      last = thrown;
      refused.push(refusedAlone(row, thrown));
    }
  }
  if (published.length === 0 && last !== undefined) throw last;
  return { published, duplicates, refused };
}

/** @throws what was thrown, where that may be another time: the store is full, or cannot be reached. */
function refusedAlone(row: InboxRow, thrown: unknown): { readonly row: InboxRow; readonly reason: string } {
  if (!(thrown instanceof SignalboxError) || thrown.status >= 500) throw thrown;
  return { row, reason: reasonOf(thrown) };
}

function reasonOf(thrown: unknown): string {
  return asError(thrown).message.slice(0, longestReason);
}

function publishTogether(context: PublishRowsContext, rows: readonly InboxRow[]): Promise<PublishedRows> {
  const { publish, store, clock } = context;
  return commitOptimistically({ publish, what: "inbox" }, async () => {
    const { read, refused } = await readAll(context, rows);
    const known = await knownKeys(store, read);
    const fresh = read.filter(({ tenant, key }) => {
      const isNew = !known.has(nameOf(tenant, key));
      // Of two rows of one name the second is a duplicate too.
      known.add(nameOf(tenant, key));
      return isNew;
    });
    const outcome: PublishedRows = {
      published: read.map(({ row }) => row),
      duplicates: read.length - fresh.length,
      refused,
    };
    if (fresh.length === 0) return { committed: () => outcome };
    const atMs = clock.now();
    const tenants = [...new Set(fresh.map(({ tenant }) => tenant))];
    const conditions: Condition[] = [
      ...tenants.map((id) => ({ if: "tenant.exists", id }) as const),
      ...fresh.flatMap(({ tenant, key, intent }): Condition[] => [
        { if: "received.absent", tenant, key },
        ...(intent === undefined ? [] : [{ if: "intent.open", operation: intent.operation } as const]),
      ]),
    ];
    const changes = fresh.flatMap(({ tenant, key, intent, event }) => [
      { do: "received.add", tenant, key, atMs } as const,
      ...(intent === undefined ? [] : [endOf(intent, { outcome: "committed", event: event.id, endedMs: atMs })]),
    ]);
    return { unit: { conditions, changes, events: fresh.map(({ event }) => event) }, committed: () => outcome };
  });
}

interface RowOfTenant extends ReadRow {
  readonly row: InboxRow;
  readonly tenant: string;
}

async function readAll(
  context: PublishRowsContext,
  rows: readonly InboxRow[],
): Promise<{ readonly read: readonly RowOfTenant[]; readonly refused: PublishedRows["refused"] }> {
  const read: RowOfTenant[] = [];
  const refused: { row: InboxRow; reason: string }[] = [];
  let turnSince = performance.now();
  for (const row of rows) {
    try {
      const tenant = await tenantOf(context, row);
      read.push({ row, tenant, ...(await readRow(context, row, tenant)) });
    } catch (thrown) {
      refused.push(refusedAlone(row, thrown));
    }
    if (performance.now() - turnSince < turnMs) continue;
    await setImmediate();
    turnSince = performance.now();
  }
  return { read, refused };
}

/** A key is one of its tenant's. Neither holds a line break. */
function nameOf(tenant: string, key: string): string {
  return `${tenant}\n${key}`;
}

async function knownKeys(store: PublishRowsContext["store"], read: readonly RowOfTenant[]): Promise<Set<string>> {
  const known = new Set<string>();
  for (const [tenant, rows] of Map.groupBy(read, (row) => row.tenant)) {
    const keys = [...new Set(rows.map(({ key }) => key))];
    for (const key of await store.receivedEvents.known(tenant, keys)) known.add(nameOf(tenant, key));
  }
  return known;
}
