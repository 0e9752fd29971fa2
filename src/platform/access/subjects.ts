import { hostRole, type Principal } from "../../domain/access.ts";
import { SignalboxError } from "../../errors.ts";
import type { ListedPrincipal } from "../../store/records.ts";
import { changing, type PrincipalContext } from "./principals.ts";

/** Which subject of an issuer a principal is, as admins say it. Its own tokens say so when it is seen for the first time. */

/**
 * From the next request on, tokens of that subject log the principal in. Again is the same.
 *
 * @throws SignalboxError `not_found`; `conflict` when one of the two is linked otherwise, when it was ended, for oneself, and for the operator
 * of the configuration.
 */
export async function linkPrincipal(
  deps: PrincipalContext,
  caller: Principal,
  name: string,
  { issuer, subject }: { readonly issuer: string; readonly subject: string },
): Promise<ListedPrincipal> {
  return changing(deps, caller, name, (known) => {
    const { tenant, endedMs, role } = known;
    if (role === hostRole) {
      throw new SignalboxError(
        "conflict",
        `principal '${name}' is a service of the platform: only tokens of its own log it in`,
      );
    }
    if (endedMs !== undefined) throw new SignalboxError("conflict", `principal '${name}' was ended: restore it first`);
    if (known.issuer === issuer && known.subject === subject) return {};
    return {
      conditions: [{ if: "issuerLink.free", tenant, issuer, subject, principal: name }],
      changes: [{ do: "issuerLink.put", link: { tenant, issuer, subject, principal: name } }],
    };
  });
}

/**
 * The subject's tokens are refused from the next request on, unless it may become a principal anew. Again is the same.
 *
 * @throws SignalboxError `not_found`; `conflict` for oneself, and for the operator of the configuration.
 */
export function unlinkPrincipal(deps: PrincipalContext, caller: Principal, name: string): Promise<ListedPrincipal> {
  return changing(deps, caller, name, ({ tenant, issuer }) =>
    issuer === undefined ? {} : { changes: [{ do: "issuerLink.remove", tenant, principal: name }] },
  );
}
