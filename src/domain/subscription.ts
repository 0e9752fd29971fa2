import type { Batch } from "./batch.ts";
import type { Face } from "./event.ts";
import type { FilterText } from "./filter/index.ts";
import type { Uuid } from "./ids.ts";
import type { MailAddress } from "./mail-address.ts";
import type { Pace } from "./pace.ts";
import type { RequestedRetries } from "./requested-retries.ts";
import type { RetryPolicy } from "./retry.ts";
import type { ForeignFormat } from "./webhook-format.ts";
import type { WebhookUrl } from "./webhook-url.ts";
import type { Capture } from "./wire-facts.ts";

/** A url that a subscription's events go to. What is secret lies in `sealed`, encrypted (see {@link TargetSecrets}). */
export interface WebhookTarget {
  readonly kind: "webhook";
  readonly url: WebhookUrl;
  /** Which answers acknowledge: exactly 200, or any 2xx. */
  readonly ack: "200" | "2xx";
  /** For one attempt, from its start to the end of the answer's body. 1–60,000 ms. */
  readonly timeoutMs: number;
  /** Additive fields of the payload, in the order they were asked for. */
  readonly fields: readonly string[];
  /** How the payload is written (`targets/formats/`): that of bucket rules, of resources, or what functions get. */
  readonly format: "object" | "resource" | "lifecycle";
  /** The format around or instead of that. Absent: it is sent as it is. */
  readonly sentAs?: ForeignFormat;
  /** How bodies are compressed. Absent: they are not. */
  readonly compression?: "gzip";
  /** Its receiver has to agree before anything is posted to it, and says how fast. */
  readonly handshake?: true;
  /** Several events go in one request. Absent: each has its own. */
  readonly batch?: Batch;
  /** Ciphertext of {@link TargetSecrets} as JSON. */
  readonly sealed: string;
}

/** A function of the tenant's own. */
export interface FunctionTarget {
  readonly kind: "function";
  /** Its number. */
  readonly function: number;
  /** Bound for one run, under that of the function itself. */
  readonly timeoutMs?: number;
  /** Present exactly on subscriptions to a `pre` event type. */
  readonly hook?: HookOptions;
}

export const hookStages = ["prepare", "validate"] as const;
export type HookStage = (typeof hookStages)[number];
export const failurePolicies = ["closed", "open"] as const;
type FailurePolicy = (typeof failurePolicies)[number];

interface EmailTarget {
  readonly kind: "email";
  readonly address: MailAddress;
}

/** A destination of the tenant's, by its name. */
export interface DestinationTarget {
  readonly kind: "destination";
  /** The store's own number of it. */
  readonly destination: number;
  readonly name: string;
  /** The subscription has retries of its own, which go before those of the destination. */
  readonly ownRetries?: true;
  /** What goes wrong there raises no alerts. */
  readonly quiet?: true;
  /** It was deleted: nothing is sent there any more. */
  readonly gone?: true;
  /** What it was for the subscription's face when that was read. Stores keep it with the destination. */
  readonly webhook: WebhookTarget;
}

/** How a function takes part in deciding about an operation. */
export interface HookOptions {
  /** `prepare` sees what was proposed and may change it; `validate` sees what came of that, and only agrees or denies. */
  readonly stage: HookStage;
  /** Patches are merged, and denials listed, by ascending priority and then number. -1000 to 1000. */
  readonly priority: number;
  /** What a failure does: `closed` stops the operation, `open` lets it go on with a warning. */
  readonly failurePolicy: FailurePolicy;
}

export type Target = WebhookTarget | DestinationTarget | FunctionTarget | EmailTarget;
export type TargetName = Target["kind"];
export type TargetOf<K extends TargetName> = Extract<Target, { readonly kind: K }>;

/** What everybody has to know of a kind of target; how it is read, shown and sent to is said in `subscriptions/target-kinds/`. */
interface TargetFacts<T extends Target> {
  /** What needs the role developer; `undefined`: nothing does. */
  readonly ofDevelopers: string | undefined;
  /** Where to, as may be shown: without a password. What has no url has what can be none: `function:7`. */
  shown(target: T): string;
  /** The same for logs, which show nothing of a url but its host. */
  logged(target: T): string;
  /** Whose owner has to agree before anything is sent there. */
  addressee(target: T): MailAddress | undefined;
  /** Number of the function that is run. */
  runs(target: T): number | undefined;
  /** Whether an operation waits for its answer. */
  isHook(target: T): boolean;
}

const targetFacts: { readonly [K in TargetName]: TargetFacts<TargetOf<K>> } = {
  webhook: {
    ofDevelopers: undefined,
    shown: ({ url }) => url,
    logged: ({ url }) => (URL.canParse(url) ? new URL(url).host : ""),
    addressee: () => undefined,
    runs: () => undefined,
    isHook: () => false,
  },
  destination: {
    ofDevelopers: undefined,
    shown: ({ name }) => `destination:${name}`,
    logged: ({ name }) => `destination ${name}`,
    addressee: () => undefined,
    runs: () => undefined,
    isHook: () => false,
  },
  email: {
    ofDevelopers: undefined,
    shown: ({ address }) => address,
    logged: ({ address }) => address.slice(address.lastIndexOf("@") + 1),
    addressee: ({ address }) => address,
    runs: () => undefined,
    isHook: () => false,
  },
  function: {
    ofDevelopers: "running a function",
    shown: ({ function: number }) => `function:${number}`,
    logged: ({ function: number }) => `function ${number}`,
    addressee: () => undefined,
    runs: ({ function: number }) => number,
    isHook: ({ hook }) => hook !== undefined,
  },
};

export function targetFactsOf({ kind }: Pick<Target, "kind">): TargetFacts<Target> {
  return targetFacts[kind];
}

/** Number of the function that a target runs, if it does. */
export function functionNumberOf(target: Target): number | undefined {
  return targetFactsOf(target).runs(target);
}

/** The address whose owner has to agree before anything is sent there, if the target is one. */
export function addresseeOf(target: Target): MailAddress | undefined {
  return targetFactsOf(target).addressee(target);
}

export type WebhookAuth =
  | { readonly type: "basic"; readonly username: string; readonly password: string }
  | { readonly type: "bearer"; readonly token: string }
  /** Any other scheme: the whole value of `Authorization`. */
  | { readonly type: "header"; readonly value: string };

/** What only the sender may know. */
export interface TargetSecrets {
  readonly auth?: WebhookAuth;
  readonly headers?: Readonly<Record<string, string>>;
  /** The newest first. */
  readonly signing: readonly SigningSecret[];
}

export interface SigningSecret {
  /** `whsec_…` */
  readonly secret: string;
  /** It is no longer used from then on. */
  readonly untilMs?: number;
  /** Of one that took the place of another: the last revision of the subscription that did not have it, and when the others end. */
  readonly after?: number;
  readonly aloneFromMs?: number;
}

export const pauseReasons = ["gone", "disabled", "owner_ended", "owner_role", "filter", "destination"] as const;

/** Why nothing is sent for a while although the owner wants it; undone by resume. */
export interface Pause {
  /**
   * `gone`: the receiver answered 410. `disabled`: the function was disabled. `owner_ended`: its owner is no principal any more.
   * `owner_role`: its owner's role does not suffice any more. `filter`: its filter cannot be read any more.
   * `destination`: its destination was deleted.
   */
  readonly reason: (typeof pauseReasons)[number];
  readonly sinceMs: number;
}

/** Who wants what, where to. The object face calls one a *rule*. */
export interface Subscription {
  readonly uuid: Uuid;
  /** The store's own number, never shown. */
  readonly number: number;
  readonly tenant: string;
  readonly face: Face;
  /** A resource, or what resources lie in (a bucket), or {@link anyResource}. */
  readonly scope: Uuid;
  /** Event name of the face, or `*`. */
  readonly event: string;
  readonly filter?: FilterText;
  readonly target: Target;
  readonly policy: RetryPolicy;
  /** Absent: as fast as its target takes it, in no order. */
  readonly pace?: Pace;
  /** Absent: `failures`. */
  readonly capture?: Exclude<Capture, "failures">;
  readonly enabled: boolean;
  /** For one event only: the first that it matches takes it. Absent: for all, until it is deleted. */
  readonly once?: true;
  /** Sequence of the event that took it: it matches nothing any more. */
  readonly taken?: number;
  /** Of the delivery of that event, once it is known. */
  readonly outcome?: "complete" | "failed";
  /** The owner of its address has not agreed yet: it matches nothing. */
  readonly unconfirmed?: true;
  /** What its owner said about retries, in the words of the notifications face; {@link policy} is what comes of it. */
  readonly retry?: RequestedRetries;
  readonly paused?: Pause;
  /** Set once its owner deleted it: it matches nothing any more, and what still waited is a dead letter. */
  readonly deletedMs?: number;
  /** Set once its scope was deleted: it matches nothing any more, but what it had matched is still sent. */
  readonly endedMs?: number;
  /** It is what another way of setting up says, and only that changes it. */
  readonly managed?: ManagedRule;
  readonly owner: string;
  readonly createdMs: number;
  readonly updatedMs: number;
  /** The tenant's revision since which scope, event, filter and `enabled` are as they are. */
  readonly fromRevision: number;
  /** The tenant's revision at the last change of any kind. */
  readonly revision: number;
}

/** What S3's notification configuration says of a rule that it made, as it was said. */
export interface ManagedRule {
  readonly by: "s3";
  readonly id: string;
  readonly kind: "Topic" | "Queue" | "CloudFunction";
  readonly arn: string;
  readonly events: readonly string[];
  /** Absent: it had no filter. */
  readonly filter?: readonly { readonly name: string; readonly value: string }[];
  /** Among those of its kind, from 0. */
  readonly position: number;
}

export type WebhookSubscription = Subscription & { readonly target: WebhookTarget };
export type FunctionSubscription = Subscription & { readonly target: FunctionTarget };
export type EmailSubscription = Subscription & { readonly target: EmailTarget };

/** Of what the object face calls a rule: it goes to a webhook, by itself or by a name. */
export type RuleSubscription = Subscription & { readonly target: WebhookTarget | DestinationTarget };

export function isRule(subscription: Subscription): subscription is RuleSubscription {
  return subscription.target.kind === "webhook" || subscription.target.kind === "destination";
}

export function sendsToWebhook(subscription: Subscription): subscription is WebhookSubscription {
  return subscription.target.kind === "webhook";
}

export function runsFunction(subscription: Subscription): subscription is FunctionSubscription {
  return subscription.target.kind === "function";
}

export function sendsMail(subscription: Subscription): subscription is EmailSubscription {
  return subscription.target.kind === "email";
}

/** Whether an event that happens now may meet it. */
export function isListening(subscription: Subscription): boolean {
  const { enabled, unconfirmed, taken, deletedMs, endedMs } = subscription;
  return (
    enabled && unconfirmed === undefined && taken === undefined && deletedMs === undefined && endedMs === undefined
  );
}

/** Whether attempts may be made for it now. */
export function isSending(subscription: Subscription): boolean {
  return subscription.enabled && subscription.paused === undefined && subscription.deletedMs === undefined;
}
