/** A receiver of webhooks of which some fail: by an error, by hanging up, or by never answering. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { bodyOf, httpListener } from "../support/listeners.ts";
import type { Dice } from "./dice.ts";

type Answer = "ok" | "error" | "hang up" | "silence";

/** One request that came in whole. */
export interface Arrival {
  readonly path: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
  readonly answer: Answer;
}

export interface FlakyReceiver extends AsyncDisposable {
  readonly url: string;
  readonly arrivals: readonly Arrival[];
}

/** A third fail. Silence costs a whole timeout, so it is the rarest. */
export function thirdFails(dice: Dice): () => Answer {
  return () => {
    const fails = dice.oneOf(["error", "error", "error", "hang up", "hang up", "silence"] as const);
    return dice.chance(1 / 3) ? fails : "ok";
  };
}

interface Receiving {
  /** How a request to a path is answered. */
  readonly answers: (path: string) => Answer;
  /** Told of each arrival before it is answered. */
  readonly arrived: (arrival: Arrival) => void;
  /** Where it listens: the loopback by default. */
  readonly host?: string | undefined;
}

export async function flakyReceiver({ answers, arrived, host = "127.0.0.1" }: Receiving): Promise<FlakyReceiver> {
  const arrivals: Arrival[] = [];
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await bodyOf(request);
    const path = request.url ?? "";
    const answer = answers(path);
    const arrival = { path, headers: request.headers, body, answer };
    arrivals.push(arrival);
    arrived(arrival);
    if (answer === "ok") response.end("thank you");
    else if (answer === "error") response.writeHead(500).end("not now");
    else if (answer === "hang up") request.socket.destroy();
  };
  const listener = await httpListener((request, response) => {
    // A server that was killed in the middle of a request: nothing has arrived.
    answer(request, response).catch(() => {});
  }, host);
  return {
    url: `http://${host}:${listener.port}`,
    arrivals,
    [Symbol.asyncDispose]: () => listener[Symbol.asyncDispose](),
  };
}
