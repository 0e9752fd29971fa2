import type { ReceivedEventChange, ReceivedEventCondition, ReceivedEvents } from "../received-events.ts";
import { type Check, type Reads, type Step, text } from "./step.ts";

const add = "INSERT INTO received_event (tenant, key, received_ms) VALUES (?, ?, ?)";
const at = "SELECT 1 FROM received_event WHERE tenant = ? AND key = ?";
const known = "SELECT key FROM received_event WHERE tenant = ? AND key IN (SELECT value FROM json_each(?))";

export function receivedEventChange({ tenant, key, atMs }: ReceivedEventChange): Step[] {
  return [{ sql: add, params: [tenant, key, atMs] }];
}

export function receivedEventCheck({ tenant, key }: ReceivedEventCondition): Check {
  return { sql: at, params: [tenant, key], expect: "none" };
}

/** The reads of `ReceivedEvents`. */
export function receivedEvents(reads: Reads): ReceivedEvents {
  return {
    known: async (tenant, keys) =>
      new Set((await reads.all(known, tenant, JSON.stringify(keys))).map((row) => text(row, "key"))),
  };
}
