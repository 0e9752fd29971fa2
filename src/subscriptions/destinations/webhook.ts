import { Type } from "typebox";
import { type Destination, type DestinationWebhook, webhookOn } from "../../domain/destination.ts";
import { anyResource } from "../../domain/ids.ts";
import { commonMacros } from "../../domain/notifications/known-kinds.ts";
import type { WebhookTarget } from "../../domain/subscription.ts";
import { checkMacros, parseTemplate } from "../../domain/template.ts";
import { surfaceRules } from "../surfaces.ts";
import { inTarget, orNull, type TargetContext, type TargetPlace } from "../target-kinds/target-kind.ts";
import { type WebhookChange, type WebhookInput, webhook } from "../target-kinds/webhook.ts";

/** The webhook of a destination: one like any other, but for what is left to the face of each subscription that goes there. */

/** Where all members of a webhook are for. */
const at: TargetPlace = {
  place: { face: "objects", event: "*", scope: anyResource },
  rules: surfaceRules.subscriptions,
};

const { made, shown } = webhook.schemas;
const { type: _, ...members } = made.properties;

export const newDestinationWebhook = made;
export const changedDestinationWebhook = Type.Object(
  {
    type: Type.Optional(Type.Literal("webhook", { description: "Stays as it is." })),
    ...Type.Partial(Type.Object(members)).properties,
  },
  {
    additionalProperties: false,
    title: "DestinationWebhookChange",
    description: "What is absent stays; `null` takes away.",
  },
);
export const shownDestinationWebhook = Type.Object(
  {
    ...shown.properties,
    ack: orNull(
      Type.Enum(["200", "2xx"], { description: "`null`: exactly 200 on the objects face, any 2xx on the others." }),
    ),
  },
  { title: "ShownDestinationWebhook" },
);

interface MadeWebhook {
  readonly webhook: DestinationWebhook;
  /** To be shown once. */
  readonly signingSecret: string;
}

/** @throws SignalboxError `invalid_request` naming the field (`target.url`) and the remedy. */
export function makeWebhook(deps: TargetContext, input: WebhookInput): MadeWebhook {
  const { target, signingSecret = "" } = webhook.make(deps, at, input);
  if (target.kind !== "webhook") throw new TypeError(`a ${target.kind} is no webhook`);
  return { webhook: withAck(checked(target), input.ack), signingSecret };
}

/** @throws SignalboxError as {@link makeWebhook}. */
export function changeWebhook(
  deps: TargetContext,
  before: DestinationWebhook,
  change: WebhookChange,
): DestinationWebhook {
  const { ack = before.ack } = change;
  return withAck(checked(webhook.change(deps, at, webhookOn("objects", before), change)), ack);
}

export function showWebhook(deps: Pick<TargetContext, "vault">, { webhook: of }: Pick<Destination, "webhook">) {
  return { ...webhook.show(deps, webhookOn("objects", of)), ack: of.ack ?? null };
}

function withAck(target: WebhookTarget, said: DestinationWebhook["ack"]): DestinationWebhook {
  const { ack: _, ...rest } = target;
  return said === undefined ? rest : { ...rest, ack: said };
}

/** Its macros stand for something in events of every face. */
function checked(target: WebhookTarget): WebhookTarget {
  inTarget(at, () => checkMacros(parseTemplate(target.url), commonMacros));
  return target;
}
