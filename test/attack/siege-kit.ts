/** What attackers do with: sockets and requests from an address of their own, so that no bound by address meets the other tenants. */
import { Agent, request } from "node:http";
import { connect, type Socket } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import type { Credentials } from "../support/s3.ts";

/** Where a siege is laid, and as whom. */
export interface Siege {
  readonly api: { readonly port: number; readonly token: string };
  readonly s3: { readonly port: number; readonly credentials: Credentials; readonly bucket: string };
  /** What {@link Besieger.prepare} left for it. */
  readonly prepared: unknown;
  readonly signal: AbortSignal;
}

/** Another address of the loopback network. */
const localAddress = "127.0.0.2";
const agent = new Agent({ keepAlive: true, maxSockets: 64, localAddress });

/** Writes to a socket and reads nothing of what comes. Resolves when the server has closed it, or the siege is over. */
export function unread(port: number, bytes: string | Buffer, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const socket = opened(port, resolve, signal);
    socket.pause();
    socket.write(bytes);
  });
}

/** Writes the start of a request and then a byte each `everyMs`, for as long as it is let. */
export async function dripped(
  port: number,
  head: string,
  { everyMs, signal }: { readonly everyMs: number; readonly signal: AbortSignal },
): Promise<void> {
  const ended = new AbortController();
  const socket = opened(port, () => ended.abort(), signal);
  socket.resume();
  socket.write(head);
  while (!ended.signal.aborted) {
    socket.write("x");
    await pause(everyMs, undefined, { signal: ended.signal }).catch(() => {});
  }
}

function opened(port: number, closed: () => void, signal: AbortSignal): Socket {
  const socket = connect({ port, host: "127.0.0.1", localAddress });
  const end = (): void => void socket.destroy();
  signal.addEventListener("abort", end, { once: true });
  socket.on("error", () => {});
  socket.on("close", () => {
    signal.removeEventListener("abort", end);
    closed();
  });
  return socket;
}

export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
}

/** The status of the answer, all of which is read; 0 when there was none. */
export function ask(port: number, { method, path, headers = {}, body }: Asked, signal: AbortSignal): Promise<number> {
  return new Promise((resolve) => {
    const sent = request({ port, host: "127.0.0.1", agent, method, path, headers, signal }, (answer) => {
      answer.resume();
      answer.once("close", () => resolve(answer.statusCode ?? 0));
    });
    sent.once("error", () => resolve(0));
    sent.end(body);
  });
}

/** A request to the API with a JSON body, as the attacker. */
export function askApi({ api, signal }: Siege, method: string, path: string, body?: unknown): Promise<number> {
  const headers = {
    authorization: `Bearer ${api.token}`,
    ...(body === undefined ? {} : { "content-type": "application/json" }),
  };
  const text = body === undefined ? {} : { body: JSON.stringify(body) };
  return ask(api.port, { method, path, headers, ...text }, signal);
}

/** The same again and again, `atOnce` at a time, until the siege is over; a moment between, so that refusals are no busy loop of ours. */
export async function again(atOnce: number, signal: AbortSignal, once: () => Promise<unknown>): Promise<void> {
  const one = async (): Promise<void> => {
    while (!signal.aborted) {
      await once();
      await pause(5);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, one));
}
