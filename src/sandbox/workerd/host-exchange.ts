import type { IncomingMessage, ServerResponse } from "node:http";
import type { Clock } from "../../clock.ts";
import type { ApiAnswer, ApiRequest, SandboxCall } from "../sandbox.ts";
import type { ByteBudget } from "./byte-budget.ts";
import { hostLimits } from "./host-limits.ts";

/** Of one call and its process. The adapter stands below the Ports: no context has these. */
interface HostExchangeDeps {
  readonly clock: Clock;
  /** Of its process. */
  readonly bytes: ByteBudget;
  readonly api: NonNullable<SandboxCall["api"]>;
  /** Aborts when the call has ended. */
  readonly signal: AbortSignal;
}

interface Transfer {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

/** Answers before the body has come, and then closes the connection: the rest of what is sent is not read. */
export function refuse(response: ServerResponse, status: number, why: string): void {
  response.writeHead(status, { connection: "close" }).end(why, () => response.destroy());
}

/** One request of a function, from its first line to the last byte of its answer. */
export class HostExchange {
  /** Resolves when nothing is kept for it any more. */
  readonly gone: Promise<void>;
  readonly #transfer: Transfer;
  readonly #deps: HostExchangeDeps;
  #kept = 0;
  #cancel = (): void => {};

  constructor(transfer: Transfer, deps: HostExchangeDeps) {
    this.#transfer = transfer;
    this.#deps = deps;
    this.gone = new Promise((resolve) => {
      transfer.response.once("close", () => {
        this.#cancel();
        this.#give();
        resolve();
      });
    });
    transfer.request.on("error", () => {});
    transfer.response.on("error", () => {});
  }

  /** Closes its connection, unless it has ended. */
  end(): void {
    this.#transfer.response.destroy();
  }

  /** Never rejects. */
  async answer(): Promise<void> {
    const { request, response } = this.#transfer;
    const length = Number(request.headers["content-length"]);
    // What a function's api asks has a length. A body without one could be of any number of pieces.
    if (!Number.isSafeInteger(length)) return refuse(response, 411, "the request has no length");
    if (length > hostLimits.requestBytes) return refuse(response, 413, "the request is too long");
    if (!this.#take(length)) return refuse(response, 429, "too much is under way at once");
    this.#within();
    const whole = await bodyOf(request, length);
    if (whole === undefined) return this.end();
    this.#cancel();
    const asked = parseApiRequest(whole);
    if (asked === undefined) return refuse(response, 400, "the request cannot be read");
    this.#give();
    try {
      this.#tell(await this.#deps.api(asked, this.#deps.signal));
    } catch (error) {
      refuse(response, 500, error instanceof Error ? error.message : "it failed");
    }
  }

  #tell(answer: ApiAnswer): void {
    const { response } = this.#transfer;
    if (response.destroyed) return;
    const { status, headers, body } = answerable(answer);
    const bytes = Buffer.from(`${JSON.stringify({ status, headers })}\n${body}`);
    if (!this.#take(bytes.length)) return refuse(response, 429, "too much is under way at once");
    this.#within();
    response.writeHead(200, { "content-length": bytes.length }).end(bytes);
  }

  #take(bytes: number): boolean {
    if (!this.#deps.bytes.take(bytes)) return false;
    this.#kept += bytes;
    return true;
  }

  #give(): void {
    this.#deps.bytes.give(this.#kept);
    this.#kept = 0;
  }

  /** Who is slower than this is not waited for. */
  #within(): void {
    this.#cancel = this.#deps.clock.after(hostLimits.transferMs, () => this.end());
  }
}

/** `undefined` when it breaks off. */
function bodyOf(request: IncomingMessage, length: number): Promise<Buffer | undefined> {
  return new Promise((resolve) => {
    const whole = Buffer.allocUnsafe(length);
    let bytes = 0;
    request.on("data", (chunk: Buffer) => {
      bytes += chunk.copy(whole, bytes);
    });
    request.once("end", () => resolve(whole));
    request.once("close", () => resolve(undefined));
  });
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null;

/** What comes from a function's isolate may be anything. Only its head is parsed: the body is text. */
function parseApiRequest(whole: Buffer): ApiRequest | undefined {
  const end = whole.subarray(0, hostLimits.headBytes + 1).indexOf(0x0a);
  if (end < 0) return undefined;
  const { method, path, headers, has } = asRecord(whole.toString("utf8", 0, end));
  if (typeof method !== "string" || !/^[A-Z]{1,16}$/.test(method)) return undefined;
  // A second slash, or one the other way round, would make what follows a host to a reader that takes this for a part of a URL.
  if (typeof path !== "string" || !/^\/(?![/\\])[\x21-\x7e]*$/.test(path)) return undefined;
  if (!isRecord(headers)) return undefined;
  const named: [string, string][] = [];
  for (const [name, value] of Object.entries(headers)) {
    if (!/^[a-z0-9!#$%&'*+.^_`|~-]+$/.test(name) || typeof value !== "string" || /[\r\n\0]/.test(value))
      return undefined;
    named.push([name, value]);
  }
  const asked = { method, path, headers: Object.fromEntries(named) };
  return has === true ? { ...asked, body: whole.toString("utf8", end + 1) } : asked;
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
const answerable = (answer: ApiAnswer): ApiAnswer =>
  answer.status >= 200 && answer.status <= 599 ? answer : { ...answer, status: 500 };
