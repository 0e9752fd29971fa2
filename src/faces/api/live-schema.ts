import { type Static, Type } from "typebox";
import type { Context } from "../../context.ts";
import type { Event } from "../../domain/event.ts";
import { sequenceText } from "../../domain/ids.ts";
import type { LiveItem } from "../../history/live/item.ts";
import type { WebhookPayload } from "../../history/live/payloads.ts";
import { instant, nullable, shownInstant } from "../http/fields.ts";
import { named } from "../http/named.ts";
import { showInvocation } from "../lifecycle/invocation-schema.ts";
import { showDelivery } from "./delivery-schema.ts";
import { showRedrive } from "./redrives.ts";

/** How what happens is shown: as the lists show it. */

const shownLiveEvent = named(
  "LiveEvent",
  Type.Object({
    id: Type.String(),
    sequence: Type.String(),
    time: instant,
    names: Type.Object({
      objects: Type.Optional(Type.String()),
      notifications: Type.Optional(Type.String()),
      lifecycle: Type.Optional(Type.String()),
    }),
    resource: Type.String({ description: "Uuid of what changed." }),
    scope: nullable(Type.String({ description: "Uuid of what that lies in." })),
    bucket: nullable(Type.String()),
    key: nullable(Type.String({ description: "When it is about an object." })),
    actor: nullable(Type.String()),
    payload: Type.Optional(
      nullable(
        Type.Object(
          { id: Type.String({ description: "`webhook-id`." }), body: Type.String() },
          {
            description: "Where it was asked for; null of an event that has no name on the face.",
          },
        ),
      ),
    ),
    origin: Type.String({ description: "By which way it was done: `s3`, `api`, `library`, `operator`." }),
    data: Type.Object({}, { additionalProperties: true }),
  }),
);

function showLiveEvent(event: Event): Static<typeof shownLiveEvent> {
  const { id, sequence, timeMs, names, resource, scope = null, actor = null, origin, data } = event;
  const { bucket, key } = data;
  return {
    id,
    sequence: sequenceText(sequence),
    time: shownInstant(timeMs),
    names,
    resource,
    scope,
    bucket: typeof bucket === "string" ? bucket : null,
    key: typeof key === "string" ? key : null,
    actor,
    origin,
    data: { ...data },
  };
}

interface ShowingItems extends Pick<Context, "store"> {
  /** Makes what a webhook gets of an event, where that is shown too. */
  readonly payloadOf?: (event: Event) => Promise<WebhookPayload | undefined>;
}

export async function showItem(deps: ShowingItems, item: LiveItem): Promise<unknown> {
  switch (item.topic) {
    case "events": {
      const { event } = item;
      const shown = showLiveEvent(event);
      return deps.payloadOf === undefined ? shown : { ...shown, payload: (await deps.payloadOf(event)) ?? null };
    }
    case "deliveries":
      return showDelivery(item.delivery);
    case "invocations":
      return showInvocation(item.run);
    case "redrives":
      return showRedrive(deps, item.redrive);
    default:
      return item satisfies never;
  }
}
