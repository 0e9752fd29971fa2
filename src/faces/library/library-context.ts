import type { Context } from "../../context.ts";
import type { InboxRelay } from "../../platform/host/inbox/relay.ts";
import type { UserContext } from "../../platform/users/deps.ts";
import type { Resolve } from "./host.ts";

/** What the programs of a host work with. */
export interface LibraryContext
  extends UserContext,
    Pick<Context, "audience" | "cluster" | "inbox" | "kinds" | "mutex" | "nextRecord" | "rates"> {
  readonly functions: Pick<Context["functions"], "nextNumber">;
  /** Absent: there is no inbox. */
  readonly relay?: InboxRelay;
  /** The host's, if it gave one. */
  readonly resolve?: Resolve;
}
