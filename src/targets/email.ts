/** Events as mails: one try to send a mail for each attempt. */

import { defined } from "../domain/defined.ts";
import { subscriptionEvents } from "../domain/notifications/names.ts";
import type { EventView } from "../domain/notifications/view.ts";
import type { EmailSubscription } from "../domain/subscription.ts";
import { asError } from "../errors.ts";
import { plainAddress } from "../mail/address.ts";
import type { MailLinks } from "../mail/links.ts";
import type { Mail, MailOutcome } from "../mail/mailer.ts";
import type { MailContext } from "../mail/template.ts";
import { renderMail } from "../mail/templates.ts";
import type { SendingMeans } from "./sending-means.ts";
import type { AttemptResult, Deliverable, PreparedTarget } from "./target.ts";

type EmailMeans = Pick<
  SendingMeans,
  "mailer" | "templates" | "limit" | "questions" | "links" | "view" | "addressOf" | "platform" | "clock" | "log"
>;

type Result = Omit<AttemptResult, "startedMs" | "durationMs">;

const longestMessage = 500;
/** As long as answers of webhooks are kept. */
const snippetLength = 2_048;

/**
 * Prepares a subscription's address. 4xx answers and broken connections end as `failed`/`mail_deferred`, 5xx answers about
 * the mail as `refused`/`mail_refused`; over the address's limit it is `later`/`rate_limited`,
 * and so is a question whether its owner agrees while another question is open.
 *
 * Links in mails sign the address as the subscription has it, with its `${…}`: an address that has been changed since is
 * another one.
 */
export function emailTargets(means: EmailMeans): (subscription: EmailSubscription) => PreparedTarget {
  return (subscription) => ({
    attempt: async (delivery, signal) => {
      const [startedMs, beganMs] = [means.clock.now(), means.clock.steady()];
      const result = await attempt(means, { subscription, delivery }, signal).catch((thrown: unknown) =>
        internal(asError(thrown).message),
      );
      return { ...result, startedMs, durationMs: means.clock.steady() - beganMs };
    },
    sent: async (delivery) => {
      try {
        const view = means.view(delivery.event, subscription);
        const { subject, text } = mailOf(means, { subscription, delivery }, view, shownLinks);
        return { kind: "mail", mail: { to: means.addressOf(subscription, view), subject, text } };
      } catch {
        return undefined;
      }
    },
  });
}

/** Who has one of these agrees, or unsubscribes, in the place of the address's owner. */
const shownLinks: Pick<MailLinks, "confirm" | "never" | "unsubscribe"> = {
  confirm: () => "https://redacted.invalid/confirm/",
  never: () => "https://redacted.invalid/never/",
  unsubscribe: () => "https://redacted.invalid/unsubscribe/",
};

interface Task {
  readonly subscription: EmailSubscription;
  readonly delivery: Deliverable;
}

async function attempt(means: EmailMeans, task: Task, signal: AbortSignal | undefined): Promise<Result> {
  const { addressOf } = means;
  const { subscription, delivery } = task;
  const view = means.view(delivery.event, subscription);
  const written = addressOf(subscription, view);
  const to = plainAddress(written);
  if (to === undefined) return refused(`${JSON.stringify(written)} is not one mail address`);
  const asks = view.event === subscriptionEvents.confirmation && delivery.event.resource === subscription.uuid;
  return asks ? ask(means, task, { to, view, signal }) : send(means, task, { to, view, signal });
}

interface Sending {
  readonly to: string;
  readonly view: EventView;
  readonly signal: AbortSignal | undefined;
}

/** The owner of the address is asked, unless an answer of theirs, or another's, has to be waited for first. */
async function ask(means: EmailMeans, task: Task, sending: Sending): Promise<Result> {
  const { questions } = means;
  const { subscription, delivery } = task;
  if (subscription.unconfirmed === undefined) {
    return {
      outcome: { kind: "delivered" },
      message: "no question was sent: the owner of the address has agreed already",
    };
  }
  const may = await questions.ask(subscription, delivery.uuid);
  if (may.kind === "never") return refused(may.message);
  if (may.kind === "later") {
    return { outcome: { kind: "later", reason: "rate_limited", waitMs: may.waitMs }, message: may.message };
  }
  const result = await send(means, task, sending);
  if (result.outcome.kind === "delivered") await questions.sent(subscription, delivery.uuid);
  else if (result.outcome.kind === "refused") await questions.unsent(subscription, delivery.uuid);
  return result;
}

async function send(means: EmailMeans, task: Task, { to, view, signal }: Sending): Promise<Result> {
  const { limit, mailer } = means;
  const mail = { to, ...mailOf(means, task, view) };
  const waitMs = await limit.take(to);
  if (waitMs > 0) {
    return {
      outcome: { kind: "later", reason: "rate_limited", waitMs },
      message: "this address has had its share for now",
    };
  }
  const outcome = await mailer.send(mail, signal);
  // What was not taken does not use up their share.
  if (outcome.kind !== "accepted") await limit.giveBack(to);
  if (signal?.aborted === true && outcome.kind !== "accepted") return internal("cancelled");
  return result(outcome);
}

function mailOf(
  means: EmailMeans,
  { subscription, delivery }: Task,
  view: EventView,
  links: typeof shownLinks = means.links,
): Omit<Mail, "to"> {
  const { templates, platform, log } = means;
  const { uuid, event, once, target } = subscription;
  const confirms = view.event === subscriptionEvents.confirmation && delivery.event.resource === uuid;
  const context: MailContext = {
    view,
    subscription: { uuid, event, persistent: once === undefined },
    links: confirms
      ? { confirm: links.confirm(uuid, target.address), never: links.never(uuid, target.address) }
      : { unsubscribe: links.unsubscribe(uuid, target.address) },
    platform,
  };
  const unsubscribe = context.links.unsubscribe ?? context.links.never;
  return {
    ...renderMail(templates, context, log),
    id: delivery.uuid,
    tenant: subscription.tenant,
    headers: {
      "X-Agave-Delivery": delivery.uuid,
      "X-Agave-Notification": uuid,
      // So that no vacation notice answers it.
      "Auto-Submitted": "auto-generated",
      Precedence: "bulk",
    },
    ...defined({ unsubscribe }),
  };
}

function result(outcome: MailOutcome): Result {
  switch (outcome.kind) {
    case "accepted":
      return { outcome: { kind: "delivered" }, status: 250, snippet: outcome.answer.slice(0, snippetLength) };
    case "refused":
      return { ...refused(outcome.message), ...statusOf(outcome) };
    case "later": {
      const { waitMs } = outcome;
      const message = outcome.message.slice(0, longestMessage);
      if (waitMs !== undefined) return { outcome: { kind: "later", reason: "mail_deferred", waitMs }, message };
      return { outcome: { kind: "failed", reason: "mail_deferred" }, message, ...statusOf(outcome) };
    }
    default:
      return outcome satisfies never;
  }
}

function statusOf({ status }: { readonly status?: number }): Pick<Result, "status"> {
  return defined({ status });
}

function refused(message: string): Result {
  return { outcome: { kind: "refused", reason: "mail_refused" }, message: message.slice(0, longestMessage) };
}

function internal(message: string): Result {
  return { outcome: { kind: "failed", reason: "internal" }, message: message.slice(0, longestMessage) };
}
