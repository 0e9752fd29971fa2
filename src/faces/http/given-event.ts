import { type Static, Type } from "typebox";
import { type Json, objectEventNames, objectReasons } from "../../domain/event.ts";
import type { FilterCandidate } from "../../subscriptions/try-filter.ts";
import { instant, readInstant } from "./fields.ts";
import { named } from "./named.ts";

const closed = { additionalProperties: false };
/** Far more than an object can have, and little enough to match. */
const longestText = 8_192;
const texts = Type.Record(Type.String(), Type.String({ maxLength: longestText }), { maxProperties: 64 });

/** One of a payload's `events`, so that one that was received can be pasted. What is left out is absent to the filter. */
export const givenEvent = named(
  "GivenEvent",
  Type.Object(
    {
      eventName: Type.Enum([...objectEventNames]),
      object: Type.Object(
        {
          key: Type.String({ minLength: 1, maxLength: 1024 }),
          size: Type.Optional(Type.Integer({ minimum: 0 })),
          eTag: Type.Optional(Type.String({ maxLength: longestText })),
          contentType: Type.Optional(Type.String({ maxLength: longestText })),
          lastModified: Type.Optional(instant),
          userMetadata: Type.Optional(texts),
          tags: Type.Optional(texts),
        },
        closed,
      ),
      reason: Type.Optional(Type.Enum([...objectReasons])),
      eventVersion: Type.Optional(Type.String()),
      eventSource: Type.Optional(Type.String()),
      eventTime: Type.Optional(instant),
      bucket: Type.Optional(Type.String({ description: "Of no meaning here: it is the bucket of the path." })),
      eventId: Type.Optional(Type.String()),
      sequence: Type.Optional(Type.String()),
      principal: Type.Optional(Type.String()),
      test: Type.Optional(Type.Boolean()),
    },
    closed,
  ),
);

/** @param at where it stood in the body. */
export function readEvent(
  { eventName, reason, eventTime, object }: Static<typeof givenEvent>,
  at = "event",
): FilterCandidate {
  const { lastModified, userMetadata = {}, tags = {}, ...rest } = object;
  if (eventTime !== undefined) readInstant(`${at}.eventTime`, eventTime);
  const data: Record<string, Json> = { ...rest, userMetadata, tags };
  if (reason !== undefined) data["reason"] = reason;
  if (lastModified !== undefined) data["lastModifiedMs"] = readInstant(`${at}.object.lastModified`, lastModified);
  return { names: { objects: eventName }, data };
}
