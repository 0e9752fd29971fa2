/** As much of PostgreSQL's protocol as it takes to see the ends of transactions: https://www.postgresql.org/docs/current/protocol-message-formats.html */

/** Whole messages of a stream. @param isFirstBare the first has no type, as a client's has none */
export function messagesOf(take: (message: Buffer) => void, isFirstBare = true): (bytes: Buffer) => void {
  let left = Buffer.alloc(0);
  let isBare = isFirstBare;
  return (bytes) => {
    left = Buffer.concat([left, bytes]);
    for (;;) {
      const head = isBare ? 0 : 1;
      if (left.length < head + 4) return;
      const length = left.readInt32BE(head) + head;
      if (left.length < length) return;
      isBare = false;
      const message = left.subarray(0, length);
      left = left.subarray(length);
      take(message);
    }
  };
}

const simpleQuery = 0x51;
const bind = 0x42;
const sync = 0x53;
const readyForQuery = 0x5a;

/** Statements that are transactions by themselves: prepared under such names. */
const usualCommit = /^usual_commit/;

/** What a message of a client means for a transaction that writes. */
export type Part = "begin" | "middle" | "commit" | undefined;

/** Tells of each message in turn. */
export function partsOf(): (message: Buffer) => Part {
  let isUsual = false;
  return (message) => {
    if (message[0] === simpleQuery) {
      const text = message.subarray(5, -1).toString();
      return text === "BEGIN" ? "begin" : text === "COMMIT" ? "commit" : undefined;
    }
    if (message[0] === bind) {
      const portalEnd = message.indexOf(0, 5);
      isUsual = usualCommit.test(message.subarray(portalEnd + 1, message.indexOf(0, portalEnd + 1)).toString());
      return isUsual ? "middle" : undefined;
    }
    return message[0] === sync && isUsual ? "commit" : undefined;
  };
}

/** Whether it is answered for itself, behind all that was sent before. */
export function isAnswered(message: Buffer): boolean {
  return message[0] === simpleQuery || message[0] === sync;
}

export function isAnswerEnd(message: Buffer): boolean {
  return message[0] === readyForQuery;
}
