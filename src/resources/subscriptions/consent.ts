import { parseUuid } from "../../domain/ids.ts";
import { baseAddress } from "../../domain/notifications/address.ts";
import { type EmailSubscription, sendsMail } from "../../domain/subscription.ts";
import { notFound, SignalboxError } from "../../errors.ts";
import type { Change, Condition } from "../../store/unit.ts";
import type { SubscriptionDeps } from "./deps.ts";
import { removeSubscription } from "./remove.ts";
import { userOf } from "./targets.ts";

/** What the owner of an address decides by the links in their mail. Whoever has the link is them: nobody else got it. */

/** What a signed link says. */
export interface Consent {
  readonly subscription: string;
  readonly address: string;
}

/** @throws SignalboxError `not_found` when it is gone, or goes to another address by now. */
export async function consentedSubscription(
  { store }: Pick<SubscriptionDeps, "store">,
  { subscription: id, address }: Consent,
): Promise<EmailSubscription> {
  const uuid = parseUuid(id);
  const found = uuid === undefined ? undefined : await store.subscriptions.get(uuid);
  if (
    found === undefined ||
    found.deletedMs !== undefined ||
    !sendsMail(found) ||
    baseAddress(found.target.address) !== baseAddress(address)
  ) {
    throw notFound("the subscription that this link is about");
  }
  return found;
}

const mostTries = 10;

/** The subscription listens from now on. Where the address is its owner's own, that is known from now on, too. Again is the same. */
export async function confirmSubscription(deps: SubscriptionDeps, consent: Consent): Promise<EmailSubscription> {
  for (let tries = 0; tries < mostTries; tries += 1) {
    const found = await consentedSubscription(deps, consent);
    if (found.unconfirmed === undefined) return found;
    const { uuid, revision } = found;
    const own = await ownAddress(deps, found);
    const atMs = deps.clock.now();
    const commit = await deps.publish({
      conditions: [{ if: "subscription.revision", uuid, revision }, ...own.conditions],
      changes: [{ do: "subscription.change", uuid, patch: { unconfirmed: false }, atMs }, ...own.changes],
    });
    if (commit.kind === "committed") return consentedSubscription(deps, consent);
  }
  throw new SignalboxError("unavailable", "others keep changing this subscription; try again");
}

async function ownAddress(
  { store }: SubscriptionDeps,
  { tenant, owner, target }: EmailSubscription,
): Promise<{ readonly conditions: readonly Condition[]; readonly changes: readonly Change[] }> {
  const principal = await store.identities.principal(tenant, owner);
  const user = principal === undefined || principal.endedMs !== undefined ? undefined : await userOf(store, principal);
  const isOwn = user !== undefined && user.email !== "" && baseAddress(user.email) === baseAddress(target.address);
  if (!isOwn || user.emailVerified) return { conditions: [], changes: [] };
  const { revision, ...rest } = user;
  return {
    conditions: [{ if: "user.revision", uuid: user.uuid, revision }],
    changes: [{ do: "user.put", user: { ...rest, emailVerified: true } }],
  };
}

/** By the link in a mail: nothing more is sent. Again is the same. */
export async function unsubscribeByMail(deps: SubscriptionDeps, consent: Consent): Promise<void> {
  const found = await consentedSubscription(deps, consent).catch((thrown: unknown) => {
    if (thrown instanceof SignalboxError && thrown.code === "not_found") return undefined;
    throw thrown;
  });
  if (found !== undefined) await removeSubscription(deps, found, { actor: found.target.address, origin: "mail" });
}
