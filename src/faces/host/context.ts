import type { ResolverAsker } from "../../platform/host/operations/asker.ts";
import type { ApiContext } from "../http/api-context.ts";
import type { Library } from "../library/library.ts";

/** What the routes of the host interface work with: that of the API, and what programs do that run Signalbox inside themselves. */
export interface HostContext extends ApiContext {
  readonly library: Library;
  /** Asks what became of operations that were begun here. */
  readonly asker: ResolverAsker;
}
