import type { Uuid } from "./ids.ts";
import { type Chain, maxChainDepth } from "./lifecycle.ts";

/** The call of a function to this platform: who is it that asks? */
interface FunctionCall {
  /** Id of the operation that the function runs for. */
  readonly operation: string;
  /** The subscription by which it runs. */
  readonly subscription: Uuid;
}

/** What leads to whatever a function asks for. `chain`: what had led to the function itself. */
export function extendChain(chain: Chain | undefined, { operation, subscription }: FunctionCall): Chain {
  return { root: chain?.root ?? operation, path: [...(chain?.path ?? []), subscription] };
}

/** Whether to run that subscription's function would be to run it for something that it has caused itself. */
export function recursion(chain: Chain | undefined, subscription: Uuid): boolean {
  return chain !== undefined && chain.path.includes(subscription);
}

/** Whether more functions led to a request than may: it is refused before anything is asked or done. */
export function tooDeep(chain: Chain | undefined): boolean {
  return chain !== undefined && chain.path.length > maxChainDepth;
}
