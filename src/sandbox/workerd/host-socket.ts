import { chmodSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Clock } from "../../clock.ts";
import type { SandboxCall } from "../sandbox.ts";
import { ByteBudget } from "./byte-budget.ts";
import { HostExchange, refuse } from "./host-exchange.ts";
import { hostLimits } from "./host-limits.ts";

type Api = NonNullable<SandboxCall["api"]>;

interface Call {
  readonly api: Api;
  /** Made when it first asks for something, as most calls never do. */
  asking?: { readonly exchanges: Set<HostExchange>; readonly stop: AbortController };
}

/**
 * What one process reaches of this one: the `api` of the calls that are under way in it. Each has a token that cannot be guessed,
 * so that no function can act as a call that is not its own. A request is judged by its first line, before any of its body is kept;
 * and all that was begun for a call ends with it.
 */
export class HostSocket {
  readonly #server: Server;
  readonly #clock: Clock;
  readonly #bytes: ByteBudget;
  readonly #calls = new Map<string, Call>();
  #underWay = 0;

  /** @param bytes of all processes together. */
  constructor(clock: Clock, bytes: ByteBudget) {
    this.#clock = clock;
    this.#bytes = new ByteBudget(hostLimits.processBytes, bytes);
    this.#server = createServer({ requestTimeout: 0 }, (request, response) => this.#handle(request, response));
    // Closed from here, a connection could just be getting its next request.
    this.#server.keepAliveTimeout = 0;
    // Those that are refused are closed at once, so that more than this is no work of a function's.
    this.#server.maxConnections = 2 * hostLimits.processRequests;
    this.#server.on("error", () => {});
  }

  async listen(path: string): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once("error", reject);
      this.#server.listen(path, resolve);
    });
    chmodSync(path, 0o600);
  }

  /** The token by which a call's function reaches `api`, until {@link close}. */
  open(api: Api): string {
    const token = Buffer.from(this.#clock.bytes(16)).toString("hex");
    this.#calls.set(token, { api });
    return token;
  }

  /** Ends what is under way for it, too. */
  close(token: string): void {
    const asking = this.#calls.get(token)?.asking;
    this.#calls.delete(token);
    if (asking === undefined) return;
    asking.stop.abort();
    for (const exchange of asking.exchanges) exchange.end();
  }

  /** Closes all of it. */
  end(): void {
    for (const token of this.#calls.keys()) this.close(token);
    this.#server.close();
    this.#server.closeAllConnections();
  }

  /** For tests: requests under way, and bytes that are kept for them. */
  get load(): { readonly requests: number; readonly bytes: number } {
    return { requests: this.#underWay, bytes: this.#bytes.used };
  }

  #handle(request: IncomingMessage, response: ServerResponse): void {
    const call = this.#calls.get((request.url ?? "").slice(1));
    const { callRequests, processRequests } = hostLimits;
    if (call === undefined) return refuse(response, 410, "the call is over");
    call.asking ??= { exchanges: new Set(), stop: new AbortController() };
    const { exchanges, stop } = call.asking;
    if (exchanges.size >= callRequests) return refuse(response, 429, `more than ${callRequests} requests at once`);
    if (this.#underWay >= processRequests) {
      return refuse(response, 429, `more than ${processRequests} requests of all calls at once`);
    }
    this.#underWay += 1;
    const exchange = new HostExchange(
      { request, response },
      { clock: this.#clock, bytes: this.#bytes, api: call.api, signal: stop.signal },
    );
    exchanges.add(exchange);
    void exchange.gone.then(() => {
      exchanges.delete(exchange);
      this.#underWay -= 1;
    });
    void exchange.answer();
  }
}
