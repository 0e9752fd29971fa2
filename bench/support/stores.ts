import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "../../src/clock.ts";
import { newUuid, type Uuid } from "../../src/domain/ids.ts";
import { silentLog } from "../../src/log.ts";
import { openPostgresStore } from "../../src/store/postgres/store.ts";
import { openSqliteStore } from "../../src/store/sqlite/store.ts";
import {
  aBucket,
  anEvent,
  anObject,
  aRecord,
  aSubscription,
  givenSubscription,
  tenantWithAda,
} from "../../test/conformance/store/given.ts";
import { postgresServer } from "../../test/support/postgres.ts";

type Opened = Pick<Awaited<ReturnType<typeof openPostgresStore>>, "store" | "feed">;

/** What is done with a store, again and again, until it is over. Each resolves with how often. */
export interface StoreWork extends AsyncDisposable {
  readonly name: string;
  /** Events with 0.6 KB of data, each with its delivery, both durable. @param took called with how long each took to be accepted, in ms */
  events(callers: number, isOver: () => boolean, took?: (ms: number) => void): Promise<number>;
  /** Objects, each on two conditions and with its event. */
  puts(callers: number, isOver: () => boolean): Promise<number>;
  /** Looks objects up by their keys. */
  gets(callers: number, isOver: () => boolean): Promise<number>;
  /** Reads pages of a hundred deliveries. */
  lists(callers: number, isOver: () => boolean): Promise<number>;
}

const data = { key: "a", text: "x".repeat(600) };
const keys = 1_000;

async function workOf(
  name: string,
  { store, feed }: Opened,
  close: () => Promise<void>,
  tenant = "acme",
): Promise<StoreWork> {
  // Those of the tests are the same in each process.
  const own = (kind: Parameters<typeof newUuid>[0]): Uuid =>
    newUuid(kind, { nowMs: Date.now(), bytes: systemClock.bytes(10) });
  const bucket = aBucket({ tenant, uuid: own("bucket") });
  await store.commit({ changes: [...tenantWithAda(tenant), { do: "bucket.add", bucket }] });
  const subscription = await givenSubscription(
    store,
    aSubscription(bucket.uuid, { tenant, uuid: own("subscription") }),
  );
  const ended = new AbortController();
  let settled = 0;
  let heard = (): void => {};
  const dispatching = (async () => {
    while (!ended.signal.aborted) {
      const fed = await feed.next(256, ended.signal);
      for (const { event } of fed) {
        const records = [aRecord(event.sequence, subscription, { status: "delivered", isNew: true })];
        feed.take({
          records,
          done: [event.sequence],
          settled: () => {
            settled += 1;
            heard();
          },
        });
      }
    }
  })();

  /** As many at once, none beginning anything new once it is over. */
  const many = async (callers: number, isOver: () => boolean, once: () => Promise<unknown>): Promise<number> => {
    let count = 0;
    const caller = async (): Promise<void> => {
      while (!isOver()) {
        await once();
        count += 1;
      }
    };
    await Promise.all(Array.from({ length: callers }, caller));
    return count;
  };
  /** Of what makes an event each, until all of those are settled. */
  const announcing = async (callers: number, isOver: () => boolean, once: () => Promise<unknown>): Promise<number> => {
    const before = settled;
    const count = await many(callers, isOver, async () => {
      await once();
      feed.wake();
    });
    const isBehind = (): boolean => settled - before < count;
    while (isBehind())
      await new Promise<void>((resolve) => {
        heard = resolve;
      });
    return count;
  };
  let puts = 0;
  const put = async (): Promise<void> => {
    const object = anObject(bucket.uuid, `images/${String((puts += 1)).padStart(9, "0")}`);
    const commit = await store.commit({
      conditions: [
        { if: "bucket.live", bucket: bucket.uuid },
        { if: "object.version", bucket: bucket.uuid, key: object.key, version: undefined },
      ],
      changes: [{ do: "object.put", object }],
      events: [anEvent(bucket.uuid, { tenant, resource: object.uuid, data })],
    });
    if (commit.kind !== "committed") throw new Error("a put was refused");
  };
  let gets = 0;
  return {
    name,
    events: (callers, isOver, took = () => {}) =>
      announcing(callers, isOver, async () => {
        const beganMs = performance.now();
        await store.commit({ events: [anEvent(bucket.uuid, { tenant, data })] });
        took(performance.now() - beganMs);
      }),
    puts: (callers, isOver) => announcing(callers, isOver, put),
    gets: (callers, isOver) =>
      many(callers, isOver, async () => {
        gets += 1;
        const key = `images/${String((gets % Math.min(keys, puts)) + 1).padStart(9, "0")}`;
        if ((await store.objects.object(bucket.uuid, key)) === undefined) throw new Error(`${key} is not there`);
      }),
    lists: (callers, isOver) =>
      many(callers, isOver, () => store.deliveries.list({ tenant, statuses: ["delivered"] }, { max: 100 })),
    [Symbol.asyncDispose]: async () => {
      ended.abort();
      await dispatching;
      await close();
    },
  };
}

export async function sqliteWork(): Promise<StoreWork> {
  const folder = await mkdtemp(join(tmpdir(), "signalbox-bench-"));
  const opened = await openSqliteStore({ folder, clock: systemClock, log: silentLog });
  return workOf("SQLite", opened, async () => {
    await opened[Symbol.asyncDispose]();
    await rm(folder, { recursive: true, force: true });
  });
}

/** @param commitMs how much longer a commit takes than this machine's disk does: as with a standby that must have it too */
export function benchPostgres(commitMs: number): ReturnType<typeof postgresServer> {
  const delay = { commit_delay: String(commitMs * 1_000), commit_siblings: "0" };
  return postgresServer({
    settings: { shared_buffers: "256MB", max_wal_size: "1GB", ...(commitMs > 0 ? delay : {}) },
  });
}

/** One of several nodes on a database, with a tenant of its own. */
export async function nodeWork(url: string, tenant: string): Promise<StoreWork> {
  const opened = await openPostgresStore({ url, clock: systemClock, log: silentLog, nodes: "several" });
  return workOf(tenant, opened, async () => opened[Symbol.asyncDispose](), tenant);
}

export async function postgresWork(commitMs: number): Promise<StoreWork> {
  const server = await benchPostgres(commitMs);
  const opened = await openPostgresStore({ url: await server.database(), clock: systemClock, log: silentLog });
  return workOf("PostgreSQL", opened, async () => {
    await opened[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
  });
}
