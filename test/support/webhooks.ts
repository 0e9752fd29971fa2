/** A webhook receiver for tests: keeps all that it hears, answers as it is told, gone with its scope. */
import type { IncomingHttpHeaders, IncomingMessage } from "node:http";
import { bodyOf, httpListener } from "./listeners.ts";

/** One event as the documented payload has it, with whatever additive fields its rule asked for. */
export interface PayloadEvent {
  readonly eventVersion: string;
  readonly eventSource: string;
  readonly eventName: string;
  readonly eventTime: string;
  readonly bucket: string;
  readonly object: { readonly key: string; readonly size: number; readonly eTag: string };
  readonly eventId?: string;
  readonly sequence?: string;
  readonly reason?: string;
}

export interface Received {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  readonly events: readonly PayloadEvent[];
}

export interface WebhookReceiver extends AsyncDisposable {
  /** `http://127.0.0.1:12345` */
  readonly url: string;
  /** Every request so far, in order of arrival. */
  readonly received: readonly Received[];
}

/** `answer`: the status for a request; 200 unless given. */
export async function webhookReceiver(answer: (request: Received) => number = () => 200): Promise<WebhookReceiver> {
  const received: Received[] = [];
  const hear = async (request: IncomingMessage): Promise<number> => {
    const body = await bodyOf(request);
    // Other formats have none.
    const { events = [] } = JSON.parse(body) as { events?: readonly PayloadEvent[] };
    const one = { path: request.url ?? "", headers: request.headers, body, events };
    received.push(one);
    return answer(one);
  };
  const listener = await httpListener((request, response) => {
    void hear(request).then(
      (status) => response.writeHead(status).end(status === 200 ? "ok" : ""),
      // Cut off before it was whole: the sender will come again.
      () => response.destroy(),
    );
  });
  return {
    url: `http://127.0.0.1:${listener.port}`,
    received,
    [Symbol.asyncDispose]: () => listener[Symbol.asyncDispose](),
  };
}
