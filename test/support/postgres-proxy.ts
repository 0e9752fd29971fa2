/** A TCP proxy before PostgreSQL that loses what it is told to lose: it reads as much of the protocol as that takes. */
import { connect, createServer, type Socket } from "node:net";
import { isAnswerEnd, isAnswered, messagesOf, partsOf } from "./postgres-messages.ts";

/**
 * What becomes of the next transaction of a connection that writes:
 * - `cut before commit`: COMMIT, or what ends the statement that is a transaction by itself, does not reach PostgreSQL, and the connection ends;
 * - `cut after commit`: PostgreSQL gets it, its answer is lost, and the connection ends;
 * - `cut in the middle`: the connection ends in a statement before that;
 * - `freeze after commit`: the same as the second, but nothing ends: no byte comes any more;
 * - `freeze before commit`: no byte goes on from before COMMIT.
 */
export type Mishap =
  | "cut before commit"
  | "cut after commit"
  | "cut in the middle"
  | "freeze after commit"
  | "freeze before commit";

export interface PostgresProxy extends AsyncDisposable {
  /** Of a database, through it. */
  url(direct: string): string;
  /** The next COMMIT that passes meets with it; resolves when it did, with what resolves when the client has given that connection up. */
  next(mishap: Mishap): Promise<{ readonly ended: Promise<void> }>;
  /** Nothing passes any more, either way, on those that are there or come, until {@link thaw}. */
  freeze(): void;
  thaw(): void;
  /** Ends all connections, as a network does. */
  cut(): void;
  /** Leads to another port from now on. What is there is cut, unless it is to be kept. */
  repoint(port: number, how?: { readonly keeps: boolean }): void;
  /** Connections that are open now. */
  readonly open: number;
}

interface Armed {
  readonly mishap: Mishap;
  readonly met: (connection: { readonly ended: Promise<void> }) => void;
}

export async function postgresProxy(first: number): Promise<PostgresProxy> {
  let port = first;
  let armed: Armed | undefined;
  let isFrozen = false;
  const pairs = new Set<readonly [Socket, Socket]>();

  const server = createServer((near) => {
    const far = connect(port, "127.0.0.1");
    const pair = [near, far] as const;
    pairs.add(pair);
    if (isFrozen) for (const socket of pair) socket.pause();
    const end = (): void => {
      pairs.delete(pair);
      near.destroy();
      far.destroy();
    };
    for (const socket of pair) socket.on("error", end).on("close", end);
    let isOver = false;
    let isTorn = false;
    /** Statements that were sent, and those that were answered: the first answer is to the start. */
    let sent = 0;
    let answered = -1;
    const answersTo: { readonly count: number; readonly met: () => void }[] = [];
    const hear = messagesOf((message) => {
      if (!isAnswerEnd(message)) return;
      answered += 1;
      for (const { count, met } of answersTo) if (count === answered) met();
    }, false);
    far.on("data", (bytes) => {
      if (!isOver) near.write(bytes);
      hear(bytes);
    });
    const meet = (message: Buffer, { mishap, met: tell }: Armed): void => {
      armed = undefined;
      isOver = true;
      const ended = new Promise<void>((resolve) => near.once("close", () => resolve()));
      const met = (): void => tell({ ended });
      if (mishap === "cut in the middle") far.end(message.subarray(0, message.length / 2));
      if (mishap.endsWith("after commit")) {
        const count = sent + 1;
        answersTo.push({
          count,
          met: () => {
            if (mishap.startsWith("cut")) near.destroy();
            met();
          },
        });
        far.write(message);
        return;
      }
      if (mishap.startsWith("cut")) near.destroy();
      met();
    };
    const partOf = partsOf();
    const take = messagesOf((message) => {
      if (isOver) return;
      const part = partOf(message);
      const isMiddle = armed?.mishap === "cut in the middle";
      const isMet = isMiddle ? isTorn || part === "middle" : part === "commit";
      if (armed !== undefined && isMet) return meet(message, armed);
      isTorn = isMiddle && part === "begin";
      if (isAnswered(message)) sent += 1;
      far.write(message);
    });
    near.on("data", take);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const own = typeof address === "object" && address !== null ? address.port : 0;
  const each = (run: (socket: Socket) => void): void => {
    for (const pair of pairs) for (const socket of pair) run(socket);
  };
  const cut = (): void => each((socket) => socket.destroy());
  return {
    url: (direct) => {
      const url = new URL(direct);
      url.port = String(own);
      return url.href;
    },
    next: (mishap) =>
      new Promise((resolve) => {
        armed = { mishap, met: resolve };
      }),
    freeze: () => {
      isFrozen = true;
      each((socket) => socket.pause());
    },
    thaw: () => {
      isFrozen = false;
      each((socket) => socket.resume());
    },
    cut,
    repoint: (other, { keeps } = { keeps: false }) => {
      port = other;
      if (!keeps) cut();
    },
    get open() {
      return pairs.size;
    },
    [Symbol.asyncDispose]: async () => {
      each((socket) => socket.destroy());
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
