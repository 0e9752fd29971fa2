import { chmodSync, chownSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Clock } from "../../clock.ts";
import type { ApiAnswer, ApiRequest, SandboxCall } from "../sandbox.ts";

type Api = NonNullable<SandboxCall["api"]>;

/** Of one request to `api`, as JSON with its headers. The shim refuses more, in a way that can be told to the function. */
const requestBytes = 4 * 2 ** 20;
/** Of one call, at once. */
const mostRequests = 64;

/**
 * What one process reaches of this one: the `api` of the calls that are under way in it. Each has a token that cannot be guessed,
 * so that no function can act as a call that is not its own.
 */
export class HostSocket {
  readonly #server: Server;
  readonly #clock: Clock;
  readonly #calls = new Map<string, { readonly api: Api; requests: number }>();

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#server = createServer((request, response) => void this.#answer(request, response));
    this.#server.requestTimeout = 0;
    // Closed from here, a connection could just be getting its next request.
    this.#server.keepAliveTimeout = 0;
    this.#server.on("error", () => {});
  }

  /** `user`: the one that workerd runs as, when it is not this process's own. */
  async listen(path: string, user?: number): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once("error", reject);
      this.#server.listen(path, resolve);
    });
    chmodSync(path, 0o600);
    if (user !== undefined) chownSync(path, user, user);
  }

  /** The token by which a call's function reaches `api`, until {@link close}. */
  open(api: Api): string {
    const token = Buffer.from(this.#clock.bytes(16)).toString("hex");
    this.#calls.set(token, { api, requests: 0 });
    return token;
  }

  close(token: string): void {
    this.#calls.delete(token);
  }

  /** Closes all of it. */
  end(): void {
    this.#calls.clear();
    this.#server.close();
    this.#server.closeAllConnections();
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const refuse = (status: number, why: string): void => void response.writeHead(status).end(why);
    const body = await textOf(request).catch(() => undefined);
    if (body === undefined) return void response.destroy();
    const call = this.#calls.get((request.url ?? "").slice(1));
    const asked = parseApiRequest(body);
    if (call === undefined) return refuse(410, "the call is over");
    if (asked === undefined) return refuse(400, "the request cannot be read");
    if (call.requests >= mostRequests) return refuse(429, `more than ${mostRequests} requests at once`);
    call.requests += 1;
    try {
      const answer = JSON.stringify(told(await call.api(asked)));
      response.writeHead(200, { "content-type": "application/json" }).end(answer);
    } catch (error) {
      refuse(500, error instanceof Error ? error.message : "it failed");
    }
    call.requests -= 1;
  }
}

/** `undefined` when it is too long. */
function textOf(request: IncomingMessage): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    request.on("data", (chunk: Buffer) => {
      bytes += chunk.length;
      chunks.push(chunk);
      if (bytes <= requestBytes) return;
      request.pause();
      resolve(undefined);
    });
    request.once("end", () => resolve(Buffer.concat(chunks).toString("utf8")));
    request.once("error", reject);
  });
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null;

/** What comes from a function's isolate may be anything. */
function parseApiRequest(text: string): ApiRequest | undefined {
  const { method, path, headers, body }: Record<string, unknown> = asRecord(text);
  if (typeof method !== "string" || !/^[A-Z]{1,16}$/.test(method)) return undefined;
  // A second slash, or one the other way round, would make what follows a host to whoever takes this for a part of a URL.
  if (typeof path !== "string" || !/^\/(?![/\\])[\x21-\x7e]*$/.test(path)) return undefined;
  if (!isRecord(headers) || (body !== undefined && typeof body !== "string")) return undefined;
  const named: [string, string][] = [];
  for (const [name, value] of Object.entries(headers)) {
    if (!/^[a-z0-9!#$%&'*+.^_`|~-]+$/.test(name) || typeof value !== "string" || /[\r\n\0]/.test(value))
      return undefined;
    named.push([name, value]);
  }
  return { method, path, headers: Object.fromEntries(named), ...(body === undefined ? {} : { body }) };
}

function asRecord(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    return isRecord(value) ? value : {};
  } catch {
    return {};
  }
}

/** A status that `Response` cannot have would be an error in the function instead of an answer. */
const told = (answer: ApiAnswer): ApiAnswer =>
  answer.status >= 200 && answer.status <= 599 ? answer : { ...answer, status: 500 };
