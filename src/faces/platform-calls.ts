import type { FastifyInstance } from "fastify";
import type { Principal } from "../domain/access.ts";
import { defined } from "../domain/defined.ts";
import type { CallPlatform } from "../invocation/runner.ts";
import type { ApiAnswer, ApiRequest } from "../sandbox/sandbox.ts";

/** Of an answer to a function; lists are paged, so nothing that is asked for sensibly is longer. */
export const longestCallAnswer = 2 ** 20;
const ticketPrefix = "sbxcall_";
/** What a function may not say in its own name. */
const ours = new Set([
  "authorization",
  "host",
  "connection",
  "content-length",
  "transfer-encoding",
  "x-signalbox-tenant",
]);

/**
 * This platform's API as functions reach it: without a socket, each call in the name of its own principal. A ticket stands for
 * that principal, and for as long as the call takes.
 */
export class Platform {
  readonly #tickets = new Map<string, Principal>();
  readonly #random: () => string;
  #app: FastifyInstance | undefined;

  /** @param random gives a text that cannot be guessed. */
  constructor(random: () => string) {
    this.#random = random;
  }

  /** From now on calls are answered by this server. */
  serve(app: FastifyInstance): void {
    this.#app = app;
  }

  /** Who calls with this bearer token, if it is a ticket of a call under way. */
  principalOf(token: string): Principal | undefined {
    return token.startsWith(ticketPrefix) ? this.#tickets.get(token) : undefined;
  }

  readonly call: CallPlatform = async (caller, request, signal) => {
    if (this.#app === undefined) return refusal(503, "unavailable", "the platform is starting; try again");
    const ticket = `${ticketPrefix}${this.#random()}`;
    this.#tickets.set(ticket, caller);
    try {
      return await this.#inject(this.#app, { ticket, signal }, request);
    } catch {
      return refusal(500, "internal", "the call could not be made");
    } finally {
      this.#tickets.delete(ticket);
    }
  };

  async #inject(
    app: FastifyInstance,
    { ticket, signal }: { readonly ticket: string; readonly signal: AbortSignal },
    { method, path, headers, body }: ApiRequest,
  ): Promise<ApiAnswer> {
    const said = Object.entries(headers).filter(([name]) => !ours.has(name));
    const answer = await app.inject({
      method: method as "GET",
      url: path,
      headers: { ...Object.fromEntries(said), authorization: `Bearer ${ticket}` },
      signal,
      ...defined({ payload: body }),
    });
    if (answer.payload.length > longestCallAnswer) {
      return refusal(502, "too_large", `the answer has more than ${longestCallAnswer} bytes; ask for less, with limit`);
    }
    const shown = Object.entries(answer.headers).map(([name, value]) => [name, String(value)] as const);
    return { status: answer.statusCode, headers: Object.fromEntries(shown), body: answer.payload };
  }
}

function refusal(status: number, code: string, message: string): ApiAnswer {
  return {
    status,
    headers: { "content-type": "application/json; charset=utf-8" },
    body: JSON.stringify({ success: false, message, code }),
  };
}
