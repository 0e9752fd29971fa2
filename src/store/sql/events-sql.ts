import { countedUnder, type Event, type FaceNames, type Json, type NewEvent, type Parent } from "../../domain/event.ts";
import type { Uuid } from "../../domain/ids.ts";
import { integer, json, optional, parsed, type Row, text } from "./step.ts";
import type { WireEvent } from "./wire.ts";

/** How an event is written and read back. */

/** Sequences per millisecond before they run ahead of the clock. Keeps a sequence a safe integer until the year 2248. */
export const sequencesPerMs = 1024;

export const insertEvent = `INSERT INTO event
  (sequence, revision, id, tenant, resource, scope, names, actor, origin, time_ms, data, owners, addressee, parents)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`;

export const eventColumns =
  "e.sequence, e.id, e.tenant, e.resource, e.scope, e.names, e.actor, e.origin, e.time_ms, e.revision, e.data, e.owners, e.addressee, e.parents";

export const eventsAfter = `SELECT ${eventColumns} FROM event e WHERE e.sequence > ? ORDER BY e.sequence LIMIT ?`;

export function wireEvent(event: NewEvent): WireEvent {
  const counted = countedUnder(event);
  return {
    tenant: event.tenant,
    ...(counted === undefined ? {} : { counted }),
    row: [
      event.id,
      event.tenant,
      event.resource,
      event.scope ?? null,
      JSON.stringify(event.names),
      event.actor ?? null,
      event.origin,
      event.timeMs,
      JSON.stringify(event.data),
      json(event.owners),
      event.addressee ?? null,
      json(event.parents),
    ],
  };
}

/** What the values of an event take, about: they are nearly all ASCII. */
export function wireBytes({ row }: WireEvent): number {
  let bytes = 0;
  for (const value of row) bytes += typeof value === "string" ? value.length : 8;
  return bytes;
}

/** There are few distinct ones, and every event has one. */
const parsedNames = new Map<string, FaceNames>();

function names(json: string): FaceNames {
  let parsed = parsedNames.get(json);
  if (parsed === undefined) {
    parsed = JSON.parse(json) as FaceNames;
    if (parsedNames.size >= 1_000) parsedNames.clear();
    parsedNames.set(json, parsed);
  }
  return parsed;
}

/** What the data of an event's row takes, about: it is nearly all ASCII. */
export function dataBytes(row: Row): number {
  return text(row, "data").length;
}

export function eventOfRow(row: Row): Event {
  return {
    id: text(row, "id"),
    tenant: text(row, "tenant"),
    resource: text(row, "resource") as Uuid,
    ...optional("scope", row["scope"] as Uuid | null),
    names: names(text(row, "names")),
    ...optional("actor", row["actor"] as string | null),
    ...optional("owners", parsed(row, "owners") as readonly string[] | undefined),
    ...optional("addressee", row["addressee"] as Uuid | null),
    ...optional("parents", parsed(row, "parents") as readonly Parent[] | undefined),
    origin: text(row, "origin"),
    timeMs: integer(row, "time_ms"),
    data: JSON.parse(text(row, "data")) as Record<string, Json>,
    sequence: integer(row, "sequence"),
    revision: integer(row, "revision"),
  };
}
