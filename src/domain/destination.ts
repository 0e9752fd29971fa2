import type { Face } from "./event.ts";
import type { RetryPolicy } from "./retry.ts";
import type { DestinationTarget, Target, WebhookTarget } from "./subscription.ts";

/** A webhook of a tenant's with a name, by which subscriptions of any face go there: what it is at each attempt is what is sent to. */
export interface Destination {
  /** The store's own, never shown. */
  readonly number: number;
  readonly tenant: string;
  /** Of {@link destinationName}; it stays. */
  readonly name: string;
  readonly webhook: DestinationWebhook;
  /** Absent: as the face of each subscription has it. */
  readonly policy?: RetryPolicy;
  /** Whether what goes wrong there raises the tenant's alerts. */
  readonly alerts: boolean;
  /** What tools keep of it, by key. Absent: nothing. */
  readonly tags?: DestinationTags;
  readonly createdMs: number;
  readonly updatedMs: number;
  /** The tenant's revision at its last change. */
  readonly revision: number;
}

/** What does not depend on a face. Without `ack`: as that has it. */
export type DestinationWebhook = Omit<WebhookTarget, "ack"> & Partial<Pick<WebhookTarget, "ack">>;

export type DestinationTags = Readonly<Record<string, string>>;

/** The tag that says where a destination goes, for tools that can say nothing else of a new one. */
export const endpointTag = "push-endpoint";

export const destinationName = /^[A-Za-z0-9_-]{1,100}$/;

/** Of a tenant. */
export const maxDestinations = 1_000;
/** Subscriptions that go to one: a change of it is one of each of them, in one commit. */
export const maxDestinationUsers = 2_000;

/** How the usual payload is written on each face. */
export const usualFormats = { objects: "object", lifecycle: "lifecycle", notifications: "resource" } as const;

/** Which answers acknowledge where nothing was said: as each face's document has it. */
export function usualAck(face: Face): WebhookTarget["ack"] {
  return face === "objects" ? "200" : "2xx";
}

/** A destination's webhook for a subscription of this face. */
export function webhookOn(face: Face, webhook: DestinationWebhook): WebhookTarget {
  const { sentAs, ...rest } = webhook;
  // S3 has records of objects only, and fields are those of their payload.
  const isOfObjects = face === "objects";
  return {
    ...rest,
    ack: webhook.ack ?? usualAck(face),
    fields: isOfObjects ? webhook.fields : [],
    format: usualFormats[face],
    ...(sentAs === undefined || (sentAs === "s3" && !isOfObjects) ? {} : { sentAs }),
  };
}

/** The target of a subscription that goes there. */
export function targetTo(face: Face, { number, name, webhook, alerts }: Destination): DestinationTarget {
  return {
    kind: "destination",
    destination: number,
    name,
    ...(alerts ? {} : { quiet: true }),
    webhook: webhookOn(face, webhook),
  };
}

/** The webhook that a target is, or goes to by name. */
export function webhookOf(target: Target): WebhookTarget | undefined {
  switch (target.kind) {
    case "webhook":
      return target;
    case "destination":
      return target.webhook;
    default:
      return undefined;
  }
}
