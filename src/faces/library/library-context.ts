import type { Context } from "../../context.ts";
import type { UserContext } from "../../platform/users/deps.ts";
import type { Resolve } from "./host.ts";

/** What the programs of a host work with. */
export interface LibraryContext
  extends UserContext,
    Pick<Context, "audience" | "cluster" | "kinds" | "mutex" | "nextRecord" | "rates"> {
  readonly functions: Pick<Context["functions"], "nextNumber">;
  /** The host's, if it gave one. */
  readonly resolve?: Resolve;
}
