import { type Static, Type } from "typebox";
import type { Event, Json } from "../../../domain/event.ts";
import { sequenceText } from "../../../domain/ids.ts";
import { lifecycleOf } from "../../../domain/lifecycle.ts";
import type { LoggedEvent } from "../../../history/event-log.ts";
import type { ExplainedEvent } from "../../../history/explain-event.ts";
import type { Decision } from "../../../store/records.ts";
import { instant, nullable, shownInstant } from "../../http/fields.ts";
import { named } from "../../http/named.ts";
import { dispatchSchema, showExplained, shownExplained } from "../explained-rule.ts";

/** How events of the log are shown. */

const facts = {
  id: Type.String(),
  sequence: Type.String({ description: "16 hex digits: of two events of one resource the later has the greater." }),
  time: instant,
  name: Type.String({ description: "The first of its names." }),
  names: Type.Object(
    { objects: nullable(Type.String()), notifications: nullable(Type.String()), lifecycle: nullable(Type.String()) },
    { description: "What it is called on each face; null where it is not announced." },
  ),
  resource: Type.String({ description: "Uuid of what changed." }),
  bucket: nullable(Type.String({ description: "When it is about an object." })),
  key: nullable(Type.String({ description: "When it is about an object." })),
  app: nullable(Type.String({ description: "Slug of the app whose functions alone get it." })),
  actor: nullable(Type.String({ description: "Name of the principal who did it." })),
  origin: Type.String({ description: "By which way: `s3`, `api`, `library`, `operator`, …" }),
};

export const shownLogged = named(
  "LoggedEvent",
  Type.Object({
    ...facts,
    deliveries: Type.Object(
      {
        waiting: Type.Integer(),
        delivered: Type.Integer(),
        dead: Type.Integer(),
        paused: Type.Integer(),
        more: Type.Boolean({ description: "Of one event 200 are counted." }),
      },
      {
        description:
          "To subscriptions that the caller knows of. None: no subscription wanted it, or it is not dispatched yet.",
      },
    ),
  }),
);

export const shownWhole = named(
  "WholeEvent",
  Type.Object({
    ...facts,
    data: Type.Object(
      {},
      {
        additionalProperties: true,
        description: "What functions get as `params`, without secrets and sensitive fields.",
      },
    ),
    operation: nullable(
      Type.Object(
        { id: Type.String(), event: Type.String(), outcome: Type.Enum(["allowed", "denied", "failed"]) },
        { description: "That it came of, when hooks were asked about it. For developers." },
      ),
    ),
    dispatch: dispatchSchema,
    subscriptions: Type.Array(shownExplained, {
      description:
        "That one knows of and that listened there, as they stood then: who wanted it, and who not, and why.",
    }),
    more_subscriptions: Type.Boolean({ description: "Only 100 are looked at." }),
  }),
);

export function showLogged({ event, counts }: LoggedEvent): Static<typeof shownLogged> {
  return { ...showFacts(event), deliveries: { ...counts } };
}

export function showWhole(
  { event, dispatch, rules, more }: ExplainedEvent,
  decision: Decision | undefined,
): Static<typeof shownWhole> {
  return {
    ...showFacts(event),
    data: { ...lifecycleOf(event).params },
    operation:
      decision === undefined ? null : { id: decision.operation, event: decision.eventType, outcome: decision.outcome },
    dispatch,
    subscriptions: rules.map((rule) => showExplained(rule, { sequence: event.sequence, dispatch })),
    more_subscriptions: more,
  };
}

function showFacts(event: Event): Pick<Static<typeof shownLogged>, keyof typeof facts> {
  const { id, sequence, timeMs, names, resource, data, actor, origin } = event;
  const { objects = null, notifications = null, lifecycle = null } = names;
  return {
    id,
    sequence: sequenceText(sequence),
    time: shownInstant(timeMs),
    name: objects ?? lifecycle ?? notifications ?? "",
    names: { objects, notifications, lifecycle },
    resource,
    bucket: textOrNull(data["bucket"]),
    key: textOrNull(data["key"]),
    app: lifecycleOf(event).app?.slug ?? null,
    actor: actor ?? null,
    origin,
  };
}

function textOrNull(value: Json | undefined): string | null {
  return typeof value === "string" ? value : null;
}
