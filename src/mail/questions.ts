/** The one mail that goes to who asked for nothing: whether they want the others. How many of them there may be. */
import type { Clock } from "../clock.ts";
import type { EmailSubscription } from "../domain/subscription.ts";
import type { MailQuestion } from "../store/records.ts";
import type { Store } from "../store/store.ts";
import type { Condition } from "../store/unit.ts";
import { mailboxOf } from "./address.ts";

/** For so long an unanswered question bars the next one to the same mailbox, of any owner. */
export const questionMs = 7 * 86_400_000;
const dayMs = 86_400_000;
/** Nothing is put off for longer in one go: the mailbox may have answered by then. */
const longestWaitMs = 3_600_000;

type MayAsk =
  | { readonly kind: "ask" }
  /** Asks again after `waitMs`. */
  | { readonly kind: "later"; readonly waitMs: number; readonly message: string }
  /** Its owner wants no questions. */
  | { readonly kind: "never"; readonly message: string };

export interface Questions {
  /** Counts a question, durably, before its mail is sent. The same delivery may ask again until its mail was {@link sent}. */
  ask(subscription: EmailSubscription, delivery: string): Promise<MayAsk>;
  /** The mail was taken: the mailbox has a week to answer. */
  sent(subscription: EmailSubscription, delivery: string): Promise<void>;
  /** It never will be. */
  unsent(subscription: EmailSubscription, delivery: string): Promise<void>;
}

interface Asking {
  readonly store: Pick<Store, "mailboxes" | "commit">;
  readonly clock: Pick<Clock, "now">;
  /** Of one tenant in a day. */
  readonly perDay: number;
}

/** Of one owner in a day, where the tenant may ask so many. */
function questionsOfOwner(perDay: number): number {
  return Math.max(Math.min(10, perDay), Math.floor(perDay / 20));
}

export const neverAsked =
  "the owner of this address does not want to be asked; only they can undo that, by the link in the mail that asked them";

export function mailQuestions({ store, clock, perDay }: Asking): Questions {
  const commit = async (
    change: "question.sent" | "question.unsent",
    target: string,
    delivery: string,
  ): Promise<void> => {
    await store.commit({ changes: [{ do: change, mailbox: mailboxOf(target), delivery }] });
  };
  return {
    ask,
    sent: ({ target }, delivery) => commit("question.sent", target.address, delivery),
    unsent: ({ target }, delivery) => commit("question.unsent", target.address, delivery),
  };

  async function ask(subscription: EmailSubscription, delivery: string): Promise<MayAsk> {
    const { tenant, owner, uuid, target } = subscription;
    const mailbox = mailboxOf(target.address);
    const askedMs = clock.now();
    const counted = { if: "questions.fewer", tenant, sinceMs: askedMs - dayMs, delivery } as const;
    const forgetMs = askedMs - questionMs;
    const result = await store.commit({
      conditions: [
        { if: "mailbox.askable", mailbox, delivery, sinceMs: forgetMs },
        { ...counted, owner, fewer: questionsOfOwner(perDay) },
        { ...counted, fewer: perDay },
      ],
      changes: [
        { do: "question.ask", question: { mailbox, tenant, owner, subscription: uuid, delivery, askedMs }, forgetMs },
      ],
    });
    return result.kind === "committed" ? { kind: "ask" } : barred(mailbox, result.condition);
  }

  async function barred(mailbox: string, condition: Condition): Promise<MayAsk> {
    if (condition.if === "questions.fewer") {
      const who = condition.owner === undefined ? "this tenant has" : "its owner has";
      const message = `${who} had ${condition.fewer} addresses asked in a day, and may have no more (SIGNALBOX_MAIL_QUESTIONS_PER_DAY)`;
      return { kind: "later", waitMs: longestWaitMs, message };
    }
    if (await store.mailboxes.refused(mailbox)) return { kind: "never", message: neverAsked };
    const open = openQuestion(await store.mailboxes.question(mailbox), clock.now());
    if (open === undefined)
      return { kind: "later", waitMs: 1_000, message: "this address was being asked; it is looked at again" };
    const waitMs = Math.min(longestWaitMs, open.askedMs + questionMs - clock.now());
    return { kind: "later", waitMs: Math.max(1, waitMs), message: waitsFor(open) };
  }
}

/** The question that bars others now, if `question` does. */
export function openQuestion(question: MailQuestion | undefined, nowMs: number): MailQuestion | undefined {
  if (question === undefined || question.answered) return undefined;
  return question.askedMs > nowMs - questionMs ? question : undefined;
}

export function waitsFor({ askedMs }: MailQuestion): string {
  const [asked, next] = [askedMs, askedMs + questionMs].map((ms) => new Date(ms).toISOString());
  return `this address was asked at ${asked} already; the next question goes when that is answered, or at ${next}`;
}
