import { Calls } from "./calls.ts";
import { keyed, type Operations, places, raw, uploads } from "./host-operations.ts";
import type { ClientOptions } from "./transport.ts";

export type { Operations as HostOperations } from "./host-operations.ts";

/**
 * The host interface, for the platform's own services: `host.api` has one function for each operation of its document. `url` is that of its
 * listener, the token one of the role `host`, `tenant` the one to act in, for tokens of all tenants. Every POST takes an `Idempotency-Key`, so
 * all of them are tried again.
 */
export class HostClient extends Calls<Operations> {
  readonly api = this.functions();

  /** @throws TypeError and RangeError for options that cannot be meant. */
  constructor(options: ClientOptions) {
    super({ places, keyed, raw, uploads }, options);
  }
}
