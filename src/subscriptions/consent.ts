import { setImmediate as nextTurn } from "node:timers/promises";
import type { Context, SubscriptionContext } from "../context.ts";
import { parseUuid } from "../domain/ids.ts";
import { baseAddress } from "../domain/mail-address.ts";
import { type EmailSubscription, sendsMail } from "../domain/subscription.ts";
import { mailboxOf } from "../mail/address.ts";
import { userOfPrincipal } from "../platform/users/self.ts";
import { commitOptimistically } from "../store/optimistic.ts";
import type { Change, Condition, Unit } from "../store/unit.ts";
import { removeFound } from "./remove.ts";

/** What the owner of an address decides by the links in their mail. The holder of the link is the owner: it was sent to no one else. */

/** What a signed link says. */
interface Consent {
  readonly subscription: string;
  readonly address: string;
}

/** `undefined` when it is gone, or goes to another address by now. */
export async function consentedSubscription(
  { store }: Pick<Context, "store">,
  { subscription: id, address }: Consent,
): Promise<EmailSubscription | undefined> {
  const uuid = parseUuid(id);
  const found = uuid === undefined ? undefined : await store.subscriptions.get(uuid);
  if (found === undefined || found.deletedMs !== undefined || !sendsMail(found)) return undefined;
  return baseAddress(found.target.address) === baseAddress(address) ? found : undefined;
}

/**
 * The subscription listens from now on. Where the address is its owner's own, that is known from now on, too. Again is the same.
 * `undefined`: it is gone, or goes to another address by now.
 */
export function confirmSubscription(
  deps: SubscriptionContext,
  consent: Consent,
): Promise<EmailSubscription | undefined> {
  return commitOptimistically({ publish: deps.publish, what: "subscription" }, async () => {
    const found = await consentedSubscription(deps, consent);
    if (found?.unconfirmed === undefined) return { committed: () => found };
    const { uuid, revision } = found;
    const own = await ownAddress(deps, found);
    const atMs = deps.clock.now();
    const unit: Unit = {
      conditions: [{ if: "subscription.revision", uuid, revision }, ...own.conditions],
      changes: [
        { do: "subscription.change", uuid, patch: { unconfirmed: false }, atMs },
        { do: "question.answered", mailbox: mailboxOf(found.target.address), subscription: uuid },
        ...own.changes,
      ],
    };
    const committed = async () => {
      if (own.isOwn) await confirmOthers(deps, found);
      return consentedSubscription(deps, consent);
    };
    return { unit, committed };
  });
}

interface OwnAddress {
  /** It is the one of the user who subscribed. */
  readonly isOwn: boolean;
  readonly conditions: readonly Condition[];
  readonly changes: readonly Change[];
}

const page = 100;

/** What else its owner asked to be sent to their own address need not be asked about any more. */
async function confirmOthers(deps: SubscriptionContext, { tenant, owner, target }: EmailSubscription): Promise<void> {
  const address = baseAddress(target.address);
  for (let after: number | undefined; ; ) {
    const from = after === undefined ? {} : { after };
    const found = await deps.store.subscriptions.newest({ tenant, owner }, { max: page, ...from });
    const same = found.filter(
      (one) => sendsMail(one) && one.unconfirmed === true && baseAddress(one.target.address) === address,
    );
    // Of one that was changed meanwhile nothing is known: its own question stands.
    await Promise.all(
      same.map(({ uuid, revision }) =>
        deps.publish({
          conditions: [{ if: "subscription.revision", uuid, revision }],
          changes: [{ do: "subscription.change", uuid, patch: { unconfirmed: false }, atMs: deps.clock.now() }],
        }),
      ),
    );
    after = found.at(-1)?.number;
    if (found.length < page || after === undefined) return;
    await nextTurn();
  }
}

async function ownAddress(
  { store }: SubscriptionContext,
  { tenant, owner, target }: EmailSubscription,
): Promise<OwnAddress> {
  const principal = await store.identities.principal(tenant, owner);
  const user =
    principal === undefined || principal.endedMs !== undefined ? undefined : await userOfPrincipal(store, principal);
  const isOwn = user !== undefined && user.email !== "" && baseAddress(user.email) === baseAddress(target.address);
  if (!isOwn || user.emailVerified) return { isOwn, conditions: [], changes: [] };
  const { revision, ...rest } = user;
  return {
    isOwn,
    conditions: [{ if: "user.revision", uuid: user.uuid, revision }],
    changes: [{ do: "user.put", user: { ...rest, emailVerified: true } }],
  };
}

/** By the link in a mail: that mailbox gets no further question of anyone. Again is the same. */
export async function refuseQuestions({ publish, clock }: SubscriptionContext, { address }: Consent): Promise<void> {
  await publish({ changes: [{ do: "refusal.put", mailbox: mailboxOf(address), atMs: clock.now() }] });
}

/** Undoes that. */
export async function allowQuestions({ publish }: SubscriptionContext, { address }: Consent): Promise<void> {
  await publish({ changes: [{ do: "refusal.remove", mailbox: mailboxOf(address) }] });
}

/** Whether the owner of the address has said never to ask them. */
export function refusesQuestions({ store }: Pick<Context, "store">, { address }: Consent): Promise<boolean> {
  return store.mailboxes.refused(mailboxOf(address));
}

/** By the link in a mail: nothing more is sent. Again is the same. */
export async function unsubscribeByMail(deps: SubscriptionContext, consent: Consent): Promise<void> {
  const found = await consentedSubscription(deps, consent);
  if (found !== undefined) await removeFound(deps, found, { actor: found.target.address, origin: "mail" });
}
