import type { Context } from "../../context.ts";
import type { Principal } from "../../domain/access.ts";
import { usualFormats } from "../../domain/destination.ts";
import { parseEgressAllow } from "../../domain/egress.ts";
import type { Event, Face } from "../../domain/event.ts";
import { deliveryUuid, type Uuid } from "../../domain/ids.ts";
import { defaultRetryPolicy } from "../../domain/retry.ts";
import { newSigningSecret } from "../../domain/signature.ts";
import type { Subscription, WebhookTarget } from "../../domain/subscription.ts";
import { parseWebhookUrl } from "../../domain/webhook-url.ts";

/** What a webhook gets of an event: nothing is subscribed, and nothing sent. */
export interface WebhookPayload {
  /** `webhook-id`: the same of the same event. */
  readonly id: string;
  /** To be signed by who sends it. */
  readonly body: string;
}

/** Of no subscription that there is. */
const listening = "listening-011" as Uuid;

/** Makes the body that a webhook of the caller's to that face would get of an event; `undefined` of an event that has no name there. */
export function webhookPayloads(
  { prepareTarget, vault, clock }: Pick<Context, "prepareTarget" | "vault" | "clock">,
  caller: Principal,
  face: Face,
): (event: Event) => Promise<WebhookPayload | undefined> {
  const nowMs = clock.now();
  // A secret of its own: what is made by it is not shown.
  const signing = [{ secret: newSigningSecret(clock.bytes(32)) }];
  const target: WebhookTarget = {
    kind: "webhook",
    url: parseWebhookUrl("https://listening.invalid/", { egressAllow: parseEgressAllow([]) }).url,
    ack: "2xx",
    timeoutMs: 10_000,
    fields: [],
    format: usualFormats[face],
    sealed: vault.seal(JSON.stringify({ signing })),
  };
  const subscription: Omit<Subscription, "scope"> = {
    uuid: listening,
    number: 0,
    tenant: caller.tenant,
    face,
    event: "*",
    target,
    policy: defaultRetryPolicy,
    enabled: true,
    owner: caller.name,
    createdMs: nowMs,
    updatedMs: nowMs,
    fromRevision: 0,
    revision: 0,
  };
  return async (event) => {
    if (event.names[face] === undefined) return undefined;
    const id = deliveryUuid(event.sequence, listening);
    const prepared = prepareTarget({ ...subscription, scope: event.resource });
    const sent = await prepared.sent({ uuid: id, event, attempt: 1 }, { startedMs: event.timeMs, unchanged: false });
    return sent?.kind === "request" ? { id, body: sent.request.body } : undefined;
  };
}
