import type { Principal } from "../../domain/access.ts";
import type { GivenTarget } from "../../domain/notifications/target-of-url.ts";
import type { RetryPolicy } from "../../domain/retry.ts";
import { mailRetryPolicy, type RetryWish, retryPolicyOf } from "../../domain/retry-wish.ts";
import type { EmailTarget, Subscription, Target, TargetSecrets, WebhookTarget } from "../../domain/subscription.ts";
import { addSubscription } from "../add.ts";
import { ownAddress } from "../own-address.ts";
import { webhookTarget } from "../targets.ts";
import { checkWish } from "./check.ts";
import type { NotificationDeps } from "./deps.ts";
import { readWish } from "./wish.ts";

/** A subscription as it is now. */
export interface Made {
  readonly subscription: Subscription;
  /** To be shown once: only of a webhook that had none before. */
  readonly signingSecret?: string;
  /** What is doubtful about what was asked for. */
  readonly warnings?: readonly string[];
}

/**
 * Subscribes the caller: who is told of an event, and where, is what `body` says.
 *
 * @throws SignalboxError what `readWish`, `checkWish` and `addSubscription` throw.
 */
export async function createNotification(deps: NotificationDeps, caller: Principal, body: unknown): Promise<Made> {
  const wish = readWish(body, { egressAllow: deps.egressAllow, own: await ownAddress(deps, caller) });
  const { event, warnings } = await checkWish(deps, caller, wish, undefined);
  const { target: wanted, scope, persistent, retry } = wish;
  if (wanted.kind === "same") throw new RangeError("a new subscription has no target to keep");
  const { target, signingSecret } = targetFor(deps, wanted, undefined);
  const subscription = await addSubscription(deps, caller, {
    face: "notifications",
    scope,
    event,
    target,
    policy: policyFor(target, retry),
    retry,
    once: !persistent,
    enabled: true,
  });
  return { subscription, warnings, ...(signingSecret === undefined ? {} : { signingSecret }) };
}

const timeoutMs = 10_000;

/** The target of a url in the place of another; a webhook keeps the keys of the one before it. */
export function targetFor(
  deps: NotificationDeps,
  wanted: GivenTarget,
  before: Target | undefined,
): { readonly target: EmailTarget | WebhookTarget; readonly signingSecret?: string } {
  if (wanted.kind === "email") return { target: { kind: "email", address: wanted.address } };
  const signing =
    before?.kind === "webhook" ? (JSON.parse(deps.vault.open(before.sealed)) as TargetSecrets).signing : undefined;
  const { url, auth } = wanted;
  const wish = { url, format: "resource", ack: "2xx", timeoutMs } as const;
  return webhookTarget(deps, {
    ...wish,
    ...(auth === undefined ? {} : { auth }),
    ...(signing === undefined ? {} : { signing }),
  });
}

/** Mail servers are given their own time, whatever was said. */
export function policyFor(target: Target, retry: RetryWish): RetryPolicy {
  return target.kind === "email" ? mailRetryPolicy : retryPolicyOf(retry);
}
