/** A folder with very many deliveries, as a server leaves it that has made them: past the engine, through the store. */
import { systemClock } from "../../src/clock.ts";
import type { DeliveryRecord } from "../../src/domain/delivery.ts";
import type { NewEvent } from "../../src/domain/event.ts";
import { newUuid, parseUuid, uuidV7 } from "../../src/domain/ids.ts";
import { silentLog } from "../../src/log.ts";
import { openSqliteStore, type SqliteStore } from "../../src/store/sqlite/store.ts";

interface Many {
  /** With nobody at work in it. */
  readonly folder: string;
  readonly bucket: string;
  readonly rules: readonly string[];
  readonly count: number;
  /** Of the event of an index; by default a quarter of them dead, and an eighth due in a year. */
  readonly statusOf?: (index: number) => DeliveryStatus;
}

type DeliveryStatus = (typeof statuses)[number];

const together = 5_000;
const yearMs = 31_536_000_000;
const statuses = ["delivered", "delivered", "dead", "delivered", "delivered", "waiting", "delivered", "dead"] as const;

/** Of one event a second each, in the past, to the rules in turn. What waits is due in a year. */
export async function fillDeliveries({ folder, bucket, rules, count, statusOf = mixed }: Many): Promise<void> {
  await using opened = await openSqliteStore({ folder, clock: systemClock, log: silentLog });
  const { store } = opened;
  const found = await store.objects.bucket("default", bucket);
  if (found === undefined) throw new Error(`there is no bucket ${bucket}`);
  const numbers: number[] = [];
  for (const rule of rules) {
    const uuid = parseUuid(rule);
    const subscription = uuid === undefined ? undefined : await store.subscriptions.get(uuid);
    if (subscription === undefined) throw new Error(`there is no rule ${rule}`);
    numbers.push(subscription.number);
  }
  const nowMs = Date.now();
  for (let from = 0; from < count; from += together) {
    const events = Array.from({ length: Math.min(together, count - from) }, (_, index): NewEvent => {
      const timeMs = nowMs - (count - from - index) * 1_000;
      const key = `images/${String(from + index).padStart(6, "0")}.jpg`;
      const moment = { nowMs: timeMs, bytes: systemClock.bytes(10) };
      return {
        id: uuidV7(moment),
        tenant: "default",
        resource: newUuid("file", moment),
        scope: found.uuid,
        names: { objects: "OBJECT_CREATED_PUT" },
        origin: "s3",
        timeMs,
        data: { bucket, key, size: 1, eTag: "c4ca4238a0b923820dcc509a6f75849b" },
      };
    });
    await settled(opened, { events, numbers, from, nowMs, statusOf });
  }
}

function mixed(index: number): DeliveryStatus {
  return statuses[index % statuses.length] ?? "dead";
}

interface Batch extends Required<Pick<Many, "statusOf">> {
  readonly events: readonly NewEvent[];
  readonly numbers: readonly number[];
  /** Index of the first. */
  readonly from: number;
  readonly nowMs: number;
}

async function settled({ store, feed }: SqliteStore, { events, numbers, from, nowMs, statusOf }: Batch): Promise<void> {
  const commit = await store.commit({ events });
  if (commit.kind === "refused") throw new Error("events without conditions were refused");
  const records = commit.sequences.map((sequence, index): DeliveryRecord => {
    const status = statusOf(from + index);
    const isDelivered = status === "delivered";
    const failed = isDelivered ? {} : { reason: "status" as const, message: "answered 503", snippet: "no" };
    const startedMs = events[index]?.timeMs ?? nowMs;
    return {
      sequence,
      subscription: numbers[(from + index) % numbers.length] ?? 0,
      tenant: "default",
      status,
      attempts: 1,
      tries: 1,
      ...(status === "waiting" ? { dueMs: nowMs + yearMs, waitMs: yearMs } : {}),
      ...(status === "dead" ? { reason: "status" } : {}),
      attempt: { number: 1, startedMs, durationMs: 7, status: isDelivered ? 200 : 503, ...failed },
    };
  });
  await feed.settle({ records, done: commit.sequences });
}
