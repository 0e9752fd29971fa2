/** A receiver of webhooks of which a third fail: by an error, by hanging up, or by never answering. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { bodyOf, httpListener } from "../support/listeners.ts";
import type { Dice } from "./dice.ts";

/** One request that came in whole. */
export interface Arrival {
  readonly path: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
  readonly answer: "ok" | "error" | "hang up" | "silence";
}

export interface FlakyReceiver extends AsyncDisposable {
  readonly url: string;
  readonly arrivals: readonly Arrival[];
}

/** `arrived` is told of each arrival before it is answered. */
export async function flakyReceiver(dice: Dice, arrived: () => void): Promise<FlakyReceiver> {
  const arrivals: Arrival[] = [];
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await bodyOf(request);
    // Silence costs a whole timeout, so it is the rarest.
    const fails = dice.oneOf(["error", "error", "error", "hang up", "hang up", "silence"] as const);
    const answer = dice.chance(1 / 3) ? fails : "ok";
    arrivals.push({ path: request.url ?? "", headers: request.headers, body, answer });
    arrived();
    if (answer === "ok") response.end("thank you");
    else if (answer === "error") response.writeHead(500).end("not now");
    else if (answer === "hang up") request.socket.destroy();
  };
  const listener = await httpListener((request, response) => {
    // A server that was killed in the middle of a request: nothing has arrived.
    answer(request, response).catch(() => {});
  });
  return {
    url: `http://127.0.0.1:${listener.port}`,
    arrivals,
    [Symbol.asyncDispose]: () => listener[Symbol.asyncDispose](),
  };
}
