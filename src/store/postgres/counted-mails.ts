import type { CountedMails } from "../mailboxes.ts";
import { integer, type Reads } from "../sql/step.ts";

const take = "SELECT take_mail(?1, ?2, ?3, ?4) AS wait_ms";
const giveBack = "UPDATE mail_bucket SET tokens = least(?2, tokens + 1) WHERE mailbox = ?1";

/** Of all nodes: one row for each mailbox, each step a transaction by itself. */
export function countedMails(reads: Pick<Reads, "get">): CountedMails {
  return {
    take: async (mailbox, { burst, everyMs, longestWaitMs }) =>
      integer((await reads.get(take, mailbox, burst, everyMs, longestWaitMs)) ?? {}, "wait_ms"),
    giveBack: async (mailbox, { burst }) => void (await reads.get(giveBack, mailbox, burst)),
  };
}
