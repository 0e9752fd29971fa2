import type { Uuid } from "../domain/ids.ts";
import type { MailQuestion } from "./records.ts";

/** Whose addresses were asked whether they want mail. By `mailboxOf`. */
export interface Mailboxes {
  /** The last one, for a week at least. */
  question(mailbox: string): Promise<MailQuestion | undefined>;
  /** Whether its owner said never to ask again. */
  refused(mailbox: string): Promise<boolean>;
  /** How many each has got, counted for all nodes. Absent: one process sends alone, and counts by itself. */
  readonly mails?: CountedMails;
}

/** A bucket of tokens for each mailbox, by the clock of the store; one that is full again is forgotten. */
export interface CountedMails {
  /** 0: one more may be sent now, and is counted. Otherwise it waits for so many milliseconds, which are promised to it, and then asks again. */
  take(mailbox: string, allowance: MailAllowance): Promise<number>;
  /** What was counted was not sent. */
  giveBack(mailbox: string, allowance: MailAllowance): Promise<void>;
}

interface MailAllowance {
  readonly burst: number;
  /** From then on. */
  readonly everyMs: number;
  readonly longestWaitMs: number;
}

export type MailboxCondition =
  /** No question to the mailbox since then is open but this delivery's own, unsent one, and its owner did not refuse to be asked. */
  | { readonly if: "mailbox.askable"; readonly mailbox: string; readonly delivery: string; readonly sinceMs: number }
  /** Fewer than `fewer` mailboxes were asked for the tenant (or one owner in it) since then, not counting by this delivery. */
  | {
      readonly if: "questions.fewer";
      readonly tenant: string;
      readonly owner?: string;
      readonly sinceMs: number;
      readonly fewer: number;
      readonly delivery: string;
    };

export type MailboxChange =
  /** Adds or replaces (by mailbox); those asked until `forgetMs` go. */
  | { readonly do: "question.ask"; readonly question: Omit<MailQuestion, "answered">; readonly forgetMs: number }
  | { readonly do: "question.sent" | "question.unsent"; readonly mailbox: string; readonly delivery: string }
  /** The question about this subscription was, whichever delivery asked it. */
  | { readonly do: "question.answered"; readonly mailbox: string; readonly subscription: Uuid }
  | { readonly do: "refusal.put"; readonly mailbox: string; readonly atMs: number }
  | { readonly do: "refusal.remove"; readonly mailbox: string };
