import type { Uuid } from "../../domain/ids.ts";
import { SignalboxError } from "../../errors.ts";
import { keepsChanging, untilCommitted } from "../../store/optimistic.ts";
import type { Store } from "../../store/store.ts";
import type { Condition } from "../../store/unit.ts";
import type { Done } from "./deps.ts";
import type { OperationOutcome } from "./operation.ts";

/** What becomes of a change of users when another was faster. */

interface WantedName {
  readonly tenant: string;
  readonly username: string;
  /** Whose name it may be. */
  readonly except?: Uuid;
}

/** Before any function runs for nothing; the commit judges again. @throws SignalboxError `conflict` when another user has the name. */
export async function refuseTaken(
  { users }: Pick<Store, "users">,
  { tenant, username, except }: WantedName,
): Promise<void> {
  const found = await users.byName(tenant, username);
  if (found !== undefined && found.uuid !== except) throw taken(username);
}

function taken(username: string): SignalboxError {
  const message = `'${username}' is taken: choose another`;
  return new SignalboxError("conflict", `username: ${message}`, { fields: [{ path: "username", message }] });
}

/** The error for the caller of a commit that was refused. */
export function userRefusal(condition: Condition): SignalboxError {
  if (condition.if === "user.nameFree") return taken(condition.username);
  if (condition.if === "user.revision") {
    return new SignalboxError(
      "conflict",
      "the user was changed while hooks ran: read it, and ask again if you still want to",
    );
  }
  return new SignalboxError("conflict", "the same request was answered by another process meanwhile: send it again");
}

/** Reads, decides and commits, again while others come in between; but hooks are never asked again without a word. */
export function untilDone(attempt: () => Promise<OperationOutcome>): Promise<Done> {
  return untilCommitted({ busy: () => keepsChanging("user") }, async () => {
    const outcome = await attempt();
    if (outcome.kind === "done") return { value: outcome.done };
    if (outcome.hooked || outcome.condition.if !== "user.revision") throw userRefusal(outcome.condition);
    return undefined;
  });
}
