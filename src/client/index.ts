/** The client of Signalbox: of what every user has, of what receives its webhooks, and of the host interface. It needs nothing but what run times have. */

import { Calls } from "./calls.ts";
import { type Followed, type FollowQuery, following } from "./follow.ts";
import { keyed, type Operations, places, raw, uploads } from "./operations.ts";
import type { CallOptions, ClientOptions } from "./transport.ts";

export type { AgreedOperation, PlatformOperation, PlatformOptions } from "./around.ts";
export type { Answer, Answered, Asked, Functions, Listing, Upload } from "./calls.ts";
export type { AnyEvents, GivenParams, HeardParams, OperationName } from "./event-params.ts";
export { ApiError, type FieldProblem } from "./failure.ts";
export type { Followed, FollowedEvent, FollowQuery } from "./follow.ts";
export {
  HostClient,
  type HostOperations,
  type PlatformEvent,
  type PublishedMany,
  type PublishedOne,
  type PublishOptions,
} from "./host.ts";
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
export type { StartedFunction, WaitOptions } from "./tasks.ts";
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

  /**
   * What happens, as it happens: `open`, `event`, `delivery`, `invocation`, `redrive` and `gap`. A connection that is lost, silent for 45 s, or ended by a server
   * that stops is opened again behind what came last, without a gap or a double, as long as it takes. Ends at `until`, when it is left
   * (`break`), and with the signal's reason.
   *
   * @param query as of `GET /api/cloud/live/`; `cursor` is where to begin, the `id` of something that came.
   * @throws ApiError when it cannot be opened at first, or may be followed no more.
   */
  follow(
    query: FollowQuery = {},
    options: Pick<CallOptions, "signal" | "tenant" | "timeoutMs" | "retries"> = {},
  ): AsyncGenerator<Followed, void, undefined> {
    return following((asked, calling) => this.api.follow(asked, calling), query, options);
  }
}
