import { type Static, Type } from "typebox";
import type { Context } from "../../context.ts";
import { deliveryStatuses } from "../../domain/delivery.ts";
import { type Face, faces } from "../../domain/event.ts";
import { deliveryUuid, sequenceText } from "../../domain/ids.ts";
import { standings } from "../../domain/past-state.ts";
import { type ExplainedEvent, type ExplainedRule, explainKey } from "../../history/explain.ts";
import { targetNames } from "../../subscriptions/target-kinds/target-kinds.ts";
import { Cursors } from "../http/cursors.ts";
import { instant, nextCursor, nullable, paging, readInstant, shownInstant, shownOptional } from "../http/fields.ts";
import { named } from "../http/named.ts";
import { type Route, route } from "../http/route.ts";
import { attempt, attemptBody } from "./attempt.ts";

const shownRule = named(
  "ExplainedRule",
  Type.Object({
    rule: Type.String({ description: "Id of the rule, or uuid of the subscription." }),
    face: Type.Enum([...faces]),
    target: Type.Enum([...targetNames]),
    standing: Type.Enum([...standings], {
      description:
        "How it stood when the event happened: `live`; `disabled` or `unconfirmed`: it was off; `taken`, `ended`, `deleted`: it was over; `not_made`: made afterwards; `unknown`: changed since, and kept no longer.",
    }),
    filter: nullable(Type.String({ description: "As it was then." })),
    matched: nullable(Type.Boolean({ description: "Null when that cannot be known any more." })),
    reasons: Type.Array(Type.String(), { description: "Why it did not match." }),
    paused: nullable(Type.Object({ reason: Type.String(), since: instant, until: nullable(instant) })),
    said: Type.String({ description: "All of it in one sentence." }),
    delivery: nullable(
      Type.Object({
        id: Type.String(),
        status: Type.Enum([...deliveryStatuses]),
        next_attempt_at: nullable(instant),
        reason: nullable(Type.String({ description: "Why it is a dead letter." })),
        attempts: Type.Array(attempt),
      }),
    ),
  }),
);

const shownEvent = named(
  "ExplainedEvent",
  Type.Object({
    event: Type.Object({
      id: Type.String(),
      name: Type.String(),
      time: instant,
      sequence: Type.String(),
      resource: Type.String(),
      actor: nullable(Type.String()),
      reason: nullable(Type.String({ description: "The operation, such as `PutObject`." })),
    }),
    dispatch: Type.Enum(["done", "waiting", "aside"], {
      description: "`waiting`: it is not dispatched yet. `aside`: that was put off.",
    }),
    rules: Type.Array(shownRule),
    more_rules: Type.Boolean({ description: "Only 100 are looked at of one event." }),
  }),
);

const most = 20;

/** Why something came, or did not. */
export function explainRoutes(deps: Pick<Context, "slices" | "store" | "vault">): Route[] {
  const cursors = new Cursors<number>(deps.vault, "explain");
  return [
    route({
      method: "GET",
      path: "/api/cloud/explain/",
      operationId: "explainObject",
      role: "member",
      tag: "deliveries",
      summary: "Says what happened to an object, which subscriptions it went to, and why it did not go to others",
      description:
        "Events of the key, newest first, each with the rules and subscriptions that one knows of as they stood then. For who may read the bucket. An answer looks through 100,000 events; `next_cursor` goes on, also after an empty page.",
      query: Type.Object({
        bucket: Type.String({ minLength: 1, maxLength: 256 }),
        key: Type.String({ minLength: 1, maxLength: 1024 }),
        at: Type.Optional(
          Type.String({ format: "date-time", description: "Only what happened within five minutes of this instant." }),
        ),
        limit: Type.Optional(Type.Integer({ minimum: 1, maximum: most, default: 10 })),
        cursor: paging.cursor,
      }),
      message: "Explained",
      data: Type.Object({
        bucket: Type.String(),
        key: Type.String(),
        events: Type.Array(shownEvent),
        next_cursor: nextCursor,
      }),
      handle: async ({ caller, query: { bucket, key, at, limit = 10, cursor }, signal }) => {
        const { events, next } = await explainKey(deps, caller, {
          bucket,
          key,
          signal,
          ...(at === undefined ? {} : { atMs: readInstant("at", at) }),
          ...cursors.page(caller, { limit, cursor }),
        });
        return {
          bucket,
          key,
          events: events.map(showEvent),
          ...cursors.next(caller, next),
        };
      },
    }),
  ];
}

function showEvent({ event, dispatch, rules, more }: ExplainedEvent): Static<typeof shownEvent> {
  const { id, names, timeMs, sequence, resource, actor, data } = event;
  const reason = data["reason"];
  return {
    event: {
      id,
      name: names.objects ?? names.notifications ?? names.lifecycle ?? "",
      time: shownInstant(timeMs),
      sequence: sequenceText(sequence),
      resource,
      actor: actor ?? null,
      reason: typeof reason === "string" ? reason : null,
    },
    dispatch,
    rules: rules.map((rule) => showRule(rule, { sequence, dispatch })),
    more_rules: more,
  };
}

interface About {
  readonly sequence: number;
  readonly dispatch: ExplainedEvent["dispatch"];
}

function showRule(rule: ExplainedRule, about: About): Static<typeof shownRule> {
  const { subscription, standing, version, matched, reasons, pause, delivery, attempts } = rule;
  const { uuid, face, target } = subscription;
  return {
    rule: uuid,
    face,
    target: target.kind,
    standing,
    filter: version?.filter ?? null,
    matched: matched ?? null,
    reasons: [...reasons],
    paused:
      pause === undefined
        ? null
        : { reason: pause.reason, since: shownInstant(pause.sinceMs), until: shownOptional(pause.untilMs) },
    said: said(rule, about.dispatch),
    delivery:
      delivery === undefined
        ? null
        : {
            id: deliveryUuid(about.sequence, uuid),
            status: delivery.status,
            next_attempt_at: delivery.status === "waiting" ? shownOptional(delivery.dueMs) : null,
            reason: delivery.reason ?? null,
            attempts: attempts.map(attemptBody),
          },
  };
}

function said(rule: ExplainedRule, dispatch: ExplainedEvent["dispatch"]): string {
  const { matched, reasons, delivery, pause, subscription } = rule;
  if (delivery !== undefined) return `${ended(delivery, rule)}${pause === undefined ? "" : paused(pause)}`;
  if (matched === undefined) return `cannot be known any more: ${reasons.join("; ")}`;
  if (!matched) return `did not match: ${reasons.join("; ")}`;
  if (dispatch === "done") return unsent[subscription.face];
  const waits = dispatch === "waiting" ? "it is about to be dispatched" : "its dispatch was put off";
  return `matches; nothing was tried yet: ${waits}`;
}

function ended(
  { status, dueMs, reason, last }: NonNullable<ExplainedRule["delivery"]>,
  { attempts }: ExplainedRule,
): string {
  const tries = `${attempts.length} ${attempts.length === 1 ? "attempt" : "attempts"}`;
  const why = last?.reason === undefined ? "" : `, the last: ${last.message ?? last.reason}`;
  switch (status) {
    case "delivered":
      return `matched, and was delivered after ${tries}`;
    case "dead":
      return `matched, and is a dead letter (${reason ?? "unknown"}) after ${tries}${why}`;
    case "paused":
      return `matched, and waits because the rule is paused or disabled (${tries}${why})`;
    case "waiting":
      return `matched, and waits for its next attempt${dueMs === undefined ? "" : ` at ${shownInstant(dueMs)}`} (${tries}${why})`;
    default:
      return status satisfies never;
  }
}

function paused({ reason, sinceMs, untilMs }: NonNullable<ExplainedRule["pause"]>): string {
  const until = untilMs === undefined ? "" : ` until ${shownInstant(untilMs)}`;
  return `; it was paused (${reason}) from ${shownInstant(sinceMs)}${until}`;
}

/** Matched and dispatched, and no delivery is kept. */
const unsent: Readonly<Record<Face, string>> = {
  objects: "matched, and its delivery was cleared",
  lifecycle: "matched, and its delivery was cleared",
  notifications: "matched, but its owner did not see the object when that happened, or its delivery was cleared",
};
