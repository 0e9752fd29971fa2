import type { Json } from "./event.ts";
import type { Params } from "./lifecycle.ts";

/** What a hook says about an operation. */
export type Verdict =
  | {
      readonly decision: "allow";
      /** RFC 7396, over the params. Only in `prepare`, only paths that the event type lets hooks change. */
      readonly patch?: Params;
    }
  | {
      readonly decision: "deny";
      /** For whoever asked for the operation. At most 500 characters. */
      readonly message: string;
      /** The hook's own, for programs. */
      readonly code?: string;
      readonly fields?: readonly DeniedField[];
    };

export interface DeniedField {
  readonly path: string;
  readonly message: string;
  readonly code?: string;
}

/**
 * What a function returned, as a verdict; a text says why it is none, and then it is a failure: a hook that answers nonsense has
 * not agreed. Nothing (`null`) and `true` allow.
 */
export type ReadVerdict = (returned: Json) => Verdict | string;
