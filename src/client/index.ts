/** The client of Signalbox: of what every user has, of what receives its webhooks, and of the host interface. It needs nothing but what run times have. */

import { Calls } from "./calls.ts";
import { keyed, type Operations, places, raw, uploads } from "./operations.ts";
import type { ClientOptions } from "./transport.ts";

export type { Answer, Answered, Asked, Functions, Listing, Upload } from "./calls.ts";
export { ApiError, type FieldProblem } from "./failure.ts";
export { HostClient, type HostOperations } from "./host.ts";
export type * from "./operations.ts";
export {
  type NodeRequest,
  type NodeResponse,
  type ReceiveOptions,
  type Receiver,
  receive,
  type Webhook,
  type WebhookHandler,
} from "./receive.ts";
export type { CallOptions, ClientOptions } from "./transport.ts";
export {
  type ReceivedHeaders,
  type Secrets,
  type SignedHeaders,
  type Verification,
  verifyWebhook,
} from "./webhooks.ts";

/** The public API: `client.api` has one function for each operation of its document. */
export class SignalboxClient extends Calls<Operations, (typeof uploads)[number]> {
  readonly api = this.functions();

  /** @throws TypeError and RangeError for options that cannot be meant. */
  constructor(options: ClientOptions) {
    super({ places, keyed, raw, uploads }, options);
  }
}
