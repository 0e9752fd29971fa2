import { connect } from "node:net";

/**
 * A client that costs little: a request is one write, and of an answer only its status and its end are looked for. So what is measured is the
 * server, and not who asks it.
 */

interface Load<T> {
  readonly port: number;
  /** Makes a request when it is its turn: whole, as it goes on the wire. */
  readonly written: (request: T) => Buffer;
  /** For so long, requests are sent from the beginning again. Absent: each once. */
  readonly ms?: number;
}

/**
 * One connection for each list of requests, of which the next is sent when the one before was answered.
 *
 * @throws Error for an answer other than 200
 */
export async function loadOf<T>(
  connections: readonly (readonly T[])[],
  { port, ms, written }: Load<T>,
): Promise<{ readonly answers: number; readonly seconds: number }> {
  const started = performance.now();
  const isOver = (answers: number, requests: number): boolean =>
    ms === undefined ? answers === requests : performance.now() - started >= ms;
  const counts = await Promise.all(
    connections.map((requests) => {
      const next = (answers: number): Buffer | undefined => {
        const request = requests[answers % requests.length];
        return request === undefined || isOver(answers, requests.length) ? undefined : written(request);
      };
      return answered(port, next);
    }),
  );
  const answers = counts.reduce((sum, count) => sum + count, 0);
  return { answers, seconds: (performance.now() - started) / 1_000 };
}

/** How many answers came until there was no next request. */
function answered(port: number, requestAfter: (answers: number) => Buffer | undefined): Promise<number> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: "127.0.0.1", noDelay: true });
    let isHead = false;
    let answers = 0;
    let head = "";
    /** Bytes of the body that are still to come. */
    let left = 0;
    const next = (): void => {
      const request = requestAfter(answers);
      isHead = request?.[0] === "H".charCodeAt(0);
      if (request === undefined) socket.end(() => resolve(answers));
      else socket.write(request);
    };
    /** Whether the answer is whole. */
    const read = (bytes: Buffer): boolean => {
      if (left > 0) left -= bytes.length;
      else {
        head += bytes.toString("latin1");
        const end = head.indexOf("\r\n\r\n");
        if (end === -1) return false;
        if (!head.startsWith("HTTP/1.1 200")) throw new Error(head);
        const length = isHead ? 0 : Number(/\ncontent-length: *(\d+)/i.exec(head)?.[1]);
        left = length - (head.length - end - 4);
        head = "";
      }
      return left === 0;
    };
    socket.on("connect", next).on("data", (bytes) => {
      try {
        if (!read(bytes)) return;
        answers += 1;
        next();
      } catch (error) {
        reject(error);
        socket.destroy();
      }
    });
    socket.on("error", reject).on("close", () => reject(new Error("the server closed a connection")));
  });
}
