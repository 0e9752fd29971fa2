import { setImmediate as nextTurn } from "node:timers/promises";
import type { Context } from "../../context.ts";
import { hostRole, lowerRole, type Principal, type Role } from "../../domain/access.ts";
import { defined } from "../../domain/defined.ts";
import { needsBeyond } from "../../domain/face-rules.ts";
import { invalidField, notFound, SignalboxError } from "../../errors.ts";
import { lastOfFull } from "../../store/page.ts";
import type { ListedPrincipal, StoredPrincipal } from "../../store/records.ts";
import type { Change, Condition, Unit } from "../../store/unit.ts";
import { noted, principalThing } from "../edits.ts";
import { adminName, defaultTenant, mayHandle } from "./identities.ts";

/**
 * Who may do something in a tenant. Live, or ended: then its tokens and keys are gone, its functions act without rights, and what its
 * subscriptions send to webhooks and addresses waits. What it owned keeps its owner's name, which no other principal gets: those who manage the
 * tenant reach it, and decide. An ended principal can be restored; it then needs new tokens and keys.
 */

export type PrincipalContext = Pick<Context, "clock" | "mutex" | "publish" | "store" | "vault" | "wake">;

type Named = Pick<Principal, "tenant" | "name">;

/** A page by name of those whom the caller may handle. It may be short while there is a `next`. */
export async function listPrincipals(
  { store, clock }: Pick<PrincipalContext, "store" | "clock">,
  caller: Principal,
  { after, max }: { readonly after?: string; readonly max: number },
): Promise<{ readonly principals: ListedPrincipal[]; readonly next?: string }> {
  const query = { tenant: caller.tenant, nowMs: clock.now() };
  const page = await store.identities.principals(query, { max, ...defined({ after }) });
  const principals = page.filter(({ role }) => mayHandle(caller, role));
  return { principals, ...defined({ next: lastOfFull(page, { max })?.name }) };
}

/** @throws SignalboxError `not_found` when there is none that the caller may handle. */
export async function findPrincipal(
  { store, clock }: Pick<PrincipalContext, "store" | "clock">,
  caller: Principal,
  name: string,
): Promise<ListedPrincipal> {
  const { tenant } = caller;
  const [known] = await store.identities.principals({ tenant, name, nowMs: clock.now() }, { max: 1 });
  if (known === undefined || !mayHandle(caller, known.role)) throw notFound(`principal '${name}'`);
  return known;
}

/**
 * Another role, from the next request on: also for its tokens and keys, and for what its functions do. Subscriptions to webhooks and
 * addresses that a lower role may not have wait until another takes them over.
 *
 * @throws SignalboxError `not_found`; `invalid_request` for a role above the caller's; `conflict` for one that was ended, for oneself,
 * and for the operator of the configuration.
 */
export async function changeRole(
  deps: PrincipalContext,
  caller: Principal,
  name: string,
  role: Role,
): Promise<ListedPrincipal> {
  const changed = await changing(deps, caller, name, (known) => {
    if (!mayHandle(caller, role))
      throw invalidField("role", `your own role is ${caller.role}: give that or a lower one`);
    if (known.role === hostRole || role === hostRole) {
      throw new SignalboxError(
        "conflict",
        `principal '${name}' has the role ${known.role}: a principal is made with the role host and keeps it; no other can become a host. Make another principal`,
      );
    }
    if (role === "operator" && caller.tenant !== defaultTenant) {
      throw invalidField("role", `operators live in the tenant '${defaultTenant}': leave X-Signalbox-Tenant out`);
    }
    if (known.endedMs !== undefined)
      throw new SignalboxError("conflict", `principal '${name}' was ended: restore it first`);
    return { changes: roleChanges(known, role, deps.clock.now()) };
  });
  await wakeSubscriptionsOf(deps, changed);
  return changed;
}

/** What giving another role to a principal changes. */
export function roleChanges(known: StoredPrincipal, role: Role, atMs: number): readonly Change[] {
  const { tenant, name } = known;
  const put = { do: "principal.put", principal: { ...known, role } } as const;
  if (role === known.role || lowerRole(role, known.role) !== role) return [put];
  const of = { tenant, name, beyond: needsBeyond(role), atMs };
  return [put, { do: "principal.lowered", ...of, everywhere: known.role === "operator" }];
}

/**
 * Ends a principal with its tokens and keys at once, and with the rights of its functions. Again is the same.
 *
 * @throws SignalboxError `not_found`; `conflict` for oneself, and for the operator of the configuration.
 */
export async function endPrincipal(deps: PrincipalContext, caller: Principal, name: string): Promise<ListedPrincipal> {
  const ended = await changing(deps, caller, name, ({ tenant, role, endedMs }) => {
    const end = { do: "principal.end", tenant, name, atMs: deps.clock.now(), everywhere: role === "operator" } as const;
    return endedMs === undefined ? { changes: [end] } : {};
  });
  await wakeSubscriptionsOf(deps, ended);
  return ended;
}

/**
 * Undoes that, but for its tokens and keys; its subscriptions go on as they are resumed.
 *
 * @throws SignalboxError `not_found`; `conflict` when it was not ended.
 */
export function restorePrincipal(deps: PrincipalContext, caller: Principal, name: string): Promise<ListedPrincipal> {
  return changing(deps, caller, name, ({ endedMs, ...known }) => {
    if (endedMs === undefined) throw new SignalboxError("conflict", `principal '${name}' was not ended`);
    return { changes: [{ do: "principal.put", principal: known }] };
  });
}

/** One after the other, so that none is refused because another came between. */
export async function changing(
  deps: PrincipalContext,
  caller: Principal,
  name: string,
  decide: (known: Omit<ListedPrincipal, "tokens" | "accessKeys">) => Unit,
): Promise<ListedPrincipal> {
  const { tenant } = caller;
  return deps.mutex.take(`${tenant}/${name}`, async () => {
    const { tokens, accessKeys, ...known } = await findPrincipal(deps, caller, name);
    if (tenant === defaultTenant && name === adminName) {
      throw new SignalboxError(
        "conflict",
        `'${name}' is the operator that the configuration names: change SIGNALBOX_ADMIN_TOKEN and start again, and its token before ends`,
      );
    }
    if (name === caller.name) throw new SignalboxError("conflict", "you cannot do this to yourself: another admin can");
    const unit = decide(known);
    if (unit.changes === undefined) return { ...known, tokens, accessKeys };
    const unchanged: Condition =
      known.endedMs === undefined
        ? { if: "principal.is", tenant, name, role: known.role }
        : { if: "principal.ended", tenant, name };
    const changes = [...unit.changes, noted(deps, caller, principalThing(known))];
    const commit = await deps.publish({ ...unit, changes, conditions: [unchanged, ...(unit.conditions ?? [])] });
    if (commit.kind === "refused" && commit.condition.if === "issuerLink.free") {
      throw new SignalboxError(
        "conflict",
        `the subject is another principal's, or '${name}' is another subject: unlink first`,
      );
    }
    if (commit.kind === "refused") {
      throw new SignalboxError("conflict", `principal '${name}' was changed at that moment; look, and try again`);
    }
    return findPrincipal(deps, caller, name);
  });
}

/** So many are announced in one turn of the loop. */
const wokenTogether = 100;

/** What stands in line for them is parked. What happens from now on waits already. */
export async function wakeSubscriptionsOf(
  { store, wake }: Pick<PrincipalContext, "store" | "wake">,
  { tenant, name }: Named,
): Promise<void> {
  for (let after: number | undefined; ; ) {
    const from = defined({ after });
    const page = await store.subscriptions.newest({ tenant, owner: name }, { max: wokenTogether, ...from });
    for (const { number } of page) wake(number);
    after = page.at(-1)?.number;
    if (page.length < wokenTogether || after === undefined) return;
    await nextTurn();
  }
}
