import { type Static, Type } from "typebox";
import { deliveryStatuses } from "../../domain/delivery.ts";
import { type Face, faces } from "../../domain/event.ts";
import { deliveryUuid } from "../../domain/ids.ts";
import { standings } from "../../domain/past-state.ts";
import { functionNumberOf, targetFactsOf } from "../../domain/subscription.ts";
import type { ExplainedEvent, ExplainedRule } from "../../history/explain-event.ts";
import { targetNames } from "../../subscriptions/target-kinds/target-kinds.ts";
import { instant, nullable, shownInstant, shownOptional } from "../http/fields.ts";
import { named } from "../http/named.ts";
import { attempt, attemptBody } from "./attempt.ts";

/** What a subscription made of an event, as it is shown. */

export const dispatchSchema = Type.Enum(["done", "waiting", "aside"], {
  description: "`waiting`: it is not dispatched yet. `aside`: that was put off.",
});

export const shownExplained = named(
  "ExplainedRule",
  Type.Object({
    rule: Type.String({ description: "Id of the rule, or uuid of the subscription." }),
    face: Type.Enum([...faces]),
    target: Type.Enum([...targetNames]),
    to: Type.String({
      description:
        "Where it goes now: the host of a webhook, `function 7`, or the domain of a mail's address, as deliveries say it.",
    }),
    function_id: nullable(Type.Integer({ description: "When it goes to a function." })),
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

interface About {
  readonly sequence: number;
  readonly dispatch: ExplainedEvent["dispatch"];
}

/** A subscription that the caller knows of, and what it made of the event. */
export function showExplained(rule: ExplainedRule, about: About): Static<typeof shownExplained> {
  const { subscription, standing, version, matched, reasons, pause, delivery, attempts } = rule;
  const { uuid, face, target } = subscription;
  return {
    rule: uuid,
    face,
    target: target.kind,
    to: targetFactsOf(target).logged(target),
    function_id: functionNumberOf(target) ?? null,
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
  if (delivery !== undefined) {
    // What is known not to have matched has a delivery because someone asked for it.
    const onRequest = matched === false && delivery.reason !== "not_matched";
    const begins = onRequest ? `did not match (${reasons.join("; ")}), but was sent on request` : "matched";
    return `${begins}, and ${ended(delivery, rule)}${pause === undefined ? "" : paused(pause)}`;
  }
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
      return `was delivered after ${tries}`;
    case "dead":
      return `is a dead letter (${reason ?? "unknown"}) after ${tries}${why}`;
    case "paused":
      return `waits because the rule is paused or disabled (${tries}${why})`;
    case "waiting":
      return `waits for its next attempt${dueMs === undefined ? "" : ` at ${shownInstant(dueMs)}`} (${tries}${why})`;
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
