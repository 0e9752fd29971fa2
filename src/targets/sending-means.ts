import type { Event } from "../domain/event.ts";
import type { ResourceKinds } from "../domain/notifications/resource-kinds.ts";
import type { EventView } from "../domain/notifications/view.ts";
import type { EmailSubscription, Subscription, TargetSecrets } from "../domain/subscription.ts";
import type { FunctionRunner } from "../invocation/runner.ts";
import type { AddressLimit } from "../mail/address-limit.ts";
import type { MailLinks } from "../mail/links.ts";
import type { Questions } from "../mail/questions.ts";
import type { MailTemplates } from "../mail/template.ts";
import type { Ports } from "../ports.ts";
import type { Egress } from "./egress.ts";

/** With what deliveries leave, of any kind; each kind of target takes a `Pick` of it. */
export interface SendingMeans extends Pick<Ports, "mailer" | "clock" | "log"> {
  readonly egress: Egress;
  readonly functions: FunctionRunner;
  /** Opens a target's `sealed`. May throw. */
  readonly open: (sealed: string) => TargetSecrets;
  /** `eventSource` in payloads. */
  readonly eventSource: string;
  readonly kinds: ResourceKinds;
  /** Of the API as others reach it, without a final slash. */
  readonly publicUrl: () => string;
  /** The host's own, which go before ours. */
  readonly templates: MailTemplates;
  readonly limit: AddressLimit;
  readonly questions: Questions;
  readonly links: MailLinks;
  /** An event as the subscription shows it to its target. May throw. */
  readonly view: (event: Event, subscription: Subscription) => EventView;
  /** The address with what its `${…}` stand for. May throw. */
  readonly addressOf: (subscription: EmailSubscription, view: EventView) => string;
  /** What this installation calls itself in mails. */
  readonly platform: string;
}
