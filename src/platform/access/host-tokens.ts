import type { HostScope, Principal } from "../../domain/access.ts";
import { mayPublish, mayUse, ofAllTenants } from "../../domain/host-scope.ts";
import { SignalboxError } from "../../errors.ts";

/** What a caller of the host interface is about to do. */
interface HostNeeds {
  /** Publishes events of this lifecycle type. */
  readonly eventType?: string;
  /** Registers, changes or raises events on resources of this kind. */
  readonly kind?: string;
  /** Changes what all tenants share. */
  readonly allTenants?: true;
}

/**
 * That its token lets it do all of that. It is told what the token is for: the token is the platform's own, and says the same.
 *
 * @throws SignalboxError `forbidden`, naming what it is not for.
 */
export function judgeHost(caller: Principal, { eventType, kind, allTenants }: HostNeeds): void {
  if (eventType !== undefined && !mayPublish(caller, eventType)) {
    throw beyond(`the event type '${eventType}'`, caller.host?.eventTypes);
  }
  if (kind !== undefined && !mayUse(caller, kind)) throw beyond(`the kind '${kind}'`, caller.host?.kinds);
  if (allTenants === true && !ofAllTenants(caller)) {
    throw new SignalboxError(
      "forbidden",
      "this concerns every tenant, and your token is of one: an operator makes tokens of all (all_tenants)",
    );
  }
}

function beyond(what: string, may: HostScope["kinds"] = []): SignalboxError {
  return new SignalboxError("forbidden", `your token is not for ${what}: it is for ${may.join(", ") || "none"}`);
}
