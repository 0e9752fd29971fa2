import type { Clock } from "../clock.ts";
import type { Context } from "../context.ts";
import type { Principal } from "../domain/access.ts";
import type { NewEvent } from "../domain/event.ts";
import { baseAddress, type MailAddress } from "../domain/mail-address.ts";
import { subscriptionEvents } from "../domain/notifications/names.ts";
import { type Subscription, sendsMail } from "../domain/subscription.ts";
import { SignalboxError } from "../errors.ts";
import { mailboxOf } from "../mail/address.ts";
import { neverAsked, openQuestion, questionMs, waitsFor } from "../mail/questions.ts";
import { type Announced, subscriptionEvent } from "../platform/subscription-event.ts";
import { userOfPrincipal } from "../platform/users/self.ts";
import type { Store } from "../store/store.ts";

/** How far the question whether the owner of an address agrees has come. */
export interface Asked {
  /** `waiting`: it has not been sent. `asked`: it was, and is not answered. `refused`: its owner does not want to be asked. */
  readonly state: "waiting" | "asked" | "refused";
  /** For who subscribed. */
  readonly message: string;
  readonly askedMs?: number;
  /** When it may go at the latest, if nothing else holds it back. */
  readonly nextMs?: number;
}

/** `undefined` where no consent is needed, or all of it was given. */
export async function askedOf(
  { mailboxes }: Pick<Store, "mailboxes">,
  subscription: Subscription,
  nowMs: number,
): Promise<Asked | undefined> {
  if (!sendsMail(subscription) || subscription.unconfirmed === undefined) return undefined;
  const mailbox = mailboxOf(subscription.target.address);
  if (await mailboxes.refused(mailbox)) return { state: "refused", message: neverAsked };
  const open = openQuestion(await mailboxes.question(mailbox), nowMs);
  if (open === undefined) {
    const message = "the mail that asks the owner of the address goes as soon as it may";
    return { state: "waiting", message };
  }
  const { askedMs, subscription: about } = open;
  if (about === subscription.uuid) {
    const message = "a mail asked the owner of the address: nothing is sent until they agree by its link";
    return { state: "asked", message, askedMs };
  }
  return { state: "waiting", message: waitsFor(open), nextMs: askedMs + questionMs };
}

/** Whether the owner of the address has to agree first: it is not the caller's own, as far as anybody knows. */
export async function needsConsent(
  { store, config }: Pick<Context, "store" | "config">,
  caller: Principal,
  address: MailAddress,
): Promise<boolean> {
  if (config.mailConfirm === "off") return false;
  const user = await userOfPrincipal(store, caller);
  return user?.emailVerified !== true || user.email === "" || baseAddress(user.email) !== baseAddress(address);
}

/** @throws SignalboxError `conflict` when the owner of the address has said never to ask them. */
export async function checkMayAsk({ mailboxes }: Pick<Store, "mailboxes">, address: string): Promise<void> {
  if (await mailboxes.refused(mailboxOf(address))) throw new SignalboxError("conflict", `'${address}': ${neverAsked}`);
}

/** Sends the owner of its address the question whether they want this. */
export function askConsent(deps: { readonly clock: Clock }, caller: Principal, subscription: Announced): NewEvent {
  const event = subscriptionEvent(deps, caller, subscription, subscriptionEvents.confirmation);
  return { ...event, addressee: subscription.uuid };
}
