import { type ReceivedHeaders, type Secrets, verifyWebhook } from "./webhooks.ts";

/** A receiver of webhooks for whatever server there is: what is not signed never reaches its handler. */

/** A webhook that was signed with one of the secrets. */
export interface Webhook<Body = unknown> {
  /**
   * `webhook-id`: the same on every attempt. Deliveries come at least once: what was done for an id need not be done again. In a batch each
   * event has one of its own, its `delivery`.
   */
  readonly id: string;
  /** When it was sent. */
  readonly sentAt: Date;
  /** Parsed; of lines of JSON, in which batches of some subscriptions come, a list of them. */
  readonly body: Body;
  /** As it came. */
  readonly text: string;
  readonly headers: ReceivedHeaders;
}

/**
 * Does what is to be done. When it resolves the delivery is acknowledged (200); when it throws it is not (500), and Signalbox tries again as the
 * subscription says.
 */
export type WebhookHandler<Body> = (webhook: Webhook<Body>) => void | Promise<void>;

export interface ReceiveOptions {
  readonly secrets: Secrets;
  /** Longest body in bytes. Default 1,048,576. */
  readonly maxBytes?: number;
  /** How far the time of sending may lie from now, either way, in milliseconds. Default 300,000. */
  readonly toleranceMs?: number;
  /** Gets what the handler threw, and what was refused: for a log. */
  readonly onError?: (error: unknown) => void;
}

/** What is used of Node's `IncomingMessage`, and of Express' `Request`. */
export interface NodeRequest extends AsyncIterable<Uint8Array | string> {
  readonly method?: string | undefined;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** Of Express with `express.raw()`: the bytes, which were read already. */
  readonly body?: unknown;
}

/** What is used of Node's `ServerResponse`, and of Express' `Response`. */
export interface NodeResponse {
  statusCode: number;
  setHeader(name: string, value: string): unknown;
  end(text: string): unknown;
}

/** One receiver, for each form of server. */
export interface Receiver {
  /** Of servers that answer a `Request` with a `Response`: Deno, Bun, workers, Hono, Next.js. */
  readonly fetch: (request: Request) => Promise<Response>;
  /** Of `node:http`, and of Express, where it stands before any `express.json()`, or behind `express.raw({ type: "*\/*" })`. */
  readonly node: (request: NodeRequest, response: NodeResponse) => Promise<void>;
}

interface Reply {
  readonly status: number;
  readonly text: string;
}

/** @throws TypeError for secrets that are none, when the first webhook comes. */
export function receive<Body = unknown>(options: ReceiveOptions, handler: WebhookHandler<Body>): Receiver {
  const { maxBytes = 1_048_576 } = options;
  const answer = async (
    method: string | undefined,
    headers: ReceivedHeaders,
    read: () => Promise<Uint8Array | undefined>,
  ): Promise<Reply> => {
    try {
      // How a receiver is asked whether it is there.
      if (method !== "POST") return { status: 405, text: "webhooks are sent by POST" };
      const bytes = await read();
      if (bytes === undefined) return { status: 413, text: `longer than ${maxBytes} bytes` };
      return await handled(options, { headers, bytes }, handler);
    } catch (thrown) {
      options.onError?.(thrown);
      return { status: 500, text: "not handled" };
    }
  };
  return {
    fetch: async (request) => {
      const read = (): Promise<Uint8Array | undefined> => within(maxBytes, request.body ?? []);
      const { status, text } = await answer(request.method, request.headers, read);
      return new Response(text, { status, headers: { "content-type": "text/plain" } });
    },
    node: async (request, response) => {
      const read = (): Promise<Uint8Array | undefined> => within(maxBytes, chunksOf(request));
      const { status, text } = await answer(request.method, request.headers, read);
      response.statusCode = status;
      response.setHeader("content-type", "text/plain");
      response.end(text);
    },
  };
}

async function handled<Body>(
  { secrets, toleranceMs, onError }: ReceiveOptions,
  { headers, bytes }: { readonly headers: ReceivedHeaders; readonly bytes: Uint8Array },
  handler: WebhookHandler<Body>,
): Promise<Reply> {
  const verification = await verifyWebhook(secrets, headers, bytes, toleranceMs === undefined ? {} : { toleranceMs });
  if (verification.kind === "refused") {
    onError?.(new Error(`a webhook was refused: ${verification.why}`));
    return { status: 401, text: verification.why };
  }
  const text = new TextDecoder().decode(bytes);
  const get = (name: string): string => String(headers instanceof Headers ? headers.get(name) : headers[name]);
  await handler({
    id: get("webhook-id"),
    sentAt: new Date(Number(get("webhook-timestamp")) * 1_000),
    body: parsed(get("content-type"), text) as Body,
    text,
    headers,
  });
  return { status: 200, text: "ok" };
}

function parsed(type: string, text: string): unknown {
  if (text === "") return undefined;
  if (!type.startsWith("application/x-ndjson")) return JSON.parse(text);
  return text.split("\n").flatMap((line): unknown[] => (line === "" ? [] : [JSON.parse(line)]));
}

type Chunks = AsyncIterable<Uint8Array | string> | Iterable<Uint8Array | string> | ReadableStream<Uint8Array>;

function chunksOf(request: NodeRequest): Chunks {
  const { body } = request;
  if (body === undefined) return request;
  if (body instanceof Uint8Array || typeof body === "string") return [body];
  throw new TypeError(
    "the body was parsed before it came here, and what was signed are its bytes: put this before express.json(), or express.raw({ type: '*/*' }) before this",
  );
}

/** All of it; `undefined` when that is more than `maxBytes`. */
async function within(maxBytes: number, chunks: Chunks): Promise<Uint8Array | undefined> {
  const encoder = new TextEncoder();
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of chunks instanceof ReadableStream ? chunksOfStream(chunks) : chunks) {
    const bytes = typeof chunk === "string" ? encoder.encode(chunk) : chunk;
    length += bytes.length;
    if (length > maxBytes) return undefined;
    parts.push(bytes);
  }
  const all = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/** Not every browser iterates streams. */
async function* chunksOfStream(stream: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
  const reader = stream.getReader();
  try {
    for (let read = await reader.read(); !read.done; read = await reader.read()) yield read.value;
  } finally {
    // When the consumer stops early, what is left need not come.
    await reader.cancel().catch(() => undefined);
  }
}
