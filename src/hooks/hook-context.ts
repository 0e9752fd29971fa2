import type { Publish } from "../delivery/publish.ts";
import type { Catalog } from "../domain/catalog.ts";
import type { Params } from "../domain/lifecycle.ts";
import type { FunctionSubscription } from "../domain/subscription.ts";
import type { FunctionRunner } from "../invocation/runner.ts";
import type { Ports } from "../ports.ts";

/** The part of the audience that hooks are. */
interface HookAudience {
  /** All live, enabled subscriptions of the lifecycle face to that event type, as of now; `wanted`: the filter agrees, or `unreadable`. */
  hooks(
    tenant: string,
    type: string,
    params: Params,
  ): Promise<
    readonly { readonly subscription: FunctionSubscription; readonly wanted: boolean; readonly unreadable?: boolean }[]
  >;
}

/** What the guard and its parts work with, each with a `Pick` of it. The Context stands above: the guard is a part of that. */
export interface HookContext extends Pick<Ports, "clock" | "log"> {
  readonly audience: HookAudience;
  readonly functions: FunctionRunner;
  readonly publish: Publish;
  readonly catalog: Catalog;
  /** How long both waves may take together, unless the operation says otherwise. */
  readonly chainMs: number;
  readonly meter?: {
    /** An operation that had hooks was decided. */
    hook(outcome: "allowed" | "denied" | "failed", durationMs: number): void;
    breakerOpened(): void;
  };
}
