import type { Context } from "../../context.ts";
import { type HostScope, hostRole, isReservedName, type Principal, type Role } from "../../domain/access.ts";
import { defined } from "../../domain/defined.ts";
import { newUuid, type Uuid } from "../../domain/ids.ts";
import { invalidField, notFound, SignalboxError } from "../../errors.ts";
import { untilCommitted } from "../../store/optimistic.ts";
import { lastOfFull } from "../../store/page.ts";
import type { KnownToken, StoredPrincipal, Token } from "../../store/records.ts";
import type { Store } from "../../store/store.ts";
import type { Change } from "../../store/unit.ts";
import { defaultTenant, mayHandle } from "./identities.ts";
import { newToken, tokenHash } from "./token-secrets.ts";

/** Bearer tokens. Making the first one for a name makes the principal. */

interface NewTokenInput {
  readonly principal: string;
  /** Needed when the principal is new; otherwise it must be the one that it has. */
  readonly role?: Role;
  readonly label: string;
  readonly expiresMs?: number;
  /** What a host's token is restricted to. Absent for one of all that its tenant's hosts may do. */
  readonly host?: HostScope;
  /** Name of who acts with it for the principal. */
  readonly madeBy?: string;
}

/**
 * A new token, and the text that is to be shown once.
 *
 * @throws SignalboxError `conflict` when the principal has another role; `invalid_request` when the caller may not give it, and for
 * restrictions of a host's token where the principal is none.
 */
export async function createToken(
  deps: Pick<Context, "clock" | "store" | "vault">,
  caller: Principal,
  input: NewTokenInput,
): Promise<KnownToken & { readonly text: string }> {
  const { store, clock } = deps;
  const changed = `principal '${input.principal}' was changed at that moment; try again`;
  return untilCommitted({ busy: () => new SignalboxError("conflict", changed) }, async () => {
    const known = await store.identities.principal(caller.tenant, input.principal);
    const principal = known ?? newPrincipal(caller, input, clock.now());
    if (known?.endedMs !== undefined && mayHandle(caller, known.role)) throw ended(known);
    checkRole(caller, principal, input.role);
    const host = hostScope(caller, principal, input.host);
    const text = newToken(clock);
    const token: Token = {
      uuid: newUuid("token", { nowMs: clock.now(), bytes: clock.bytes(10) }),
      tenant: caller.tenant,
      principal: principal.name,
      hash: tokenHash(text),
      label: input.label,
      createdMs: clock.now(),
      ...defined({ expiresMs: input.expiresMs, host, madeBy: input.madeBy }),
    };
    const made: Change[] = known === undefined ? [{ do: "principal.put", principal }] : [];
    const { tenant, name, role } = principal;
    const commit = await store.commit({
      // Another may have made it, ended it, or given it another role since it was looked at: a principal has one role.
      conditions: [
        known === undefined ? { if: "principal.absent", tenant, name } : { if: "principal.is", tenant, name, role },
      ],
      changes: [...made, { do: "token.put", token }],
    });
    return commit.kind === "committed" ? { value: { token, principal, text } } : undefined;
  });
}

function newPrincipal(caller: Principal, { principal, role }: NewTokenInput, createdMs: number): StoredPrincipal {
  if (role === undefined) throw invalidField("role", `is required, because there is no principal '${principal}' yet`);
  if (role === "operator" && caller.tenant !== defaultTenant) {
    throw invalidField("role", `operators live in the tenant '${defaultTenant}': leave X-Signalbox-Tenant out`);
  }
  if (isReservedName(principal)) {
    throw invalidField(
      "principal",
      "must not begin with operator:, host:, hook: or function:, which operators, hosts and functions are called",
    );
  }
  return { tenant: caller.tenant, name: principal, role, createdMs };
}

function ended({ name }: Principal): SignalboxError {
  return new SignalboxError(
    "conflict",
    `principal '${name}' was ended, and nobody else comes to what it owned by taking its name: restore it (POST /api/cloud/principals/${name}/restore/), or choose another name`,
  );
}

function checkRole(caller: Principal, { name, role }: Principal, wanted: Role | undefined): void {
  if (!mayHandle(caller, role) || (wanted !== undefined && !mayHandle(caller, wanted))) {
    throw invalidField("role", `your own role is ${caller.role}: make tokens for that role or a lower one`);
  }
  if (wanted !== undefined && wanted !== role) {
    throw new SignalboxError(
      "conflict",
      `principal '${name}' has the role ${role}, and a principal has one role: leave role out or choose another principal`,
    );
  }
}

function hostScope(caller: Principal, { role }: Principal, given: HostScope | undefined): HostScope | undefined {
  if (role !== hostRole) {
    if (given === undefined) return undefined;
    const { allTenants, eventTypes } = given;
    const field = allTenants ? "all_tenants" : eventTypes === undefined ? "kinds" : "event_types";
    throw invalidField(field, "goes with the role host only");
  }
  const scope = given ?? { allTenants: false };
  if (scope.allTenants && caller.role !== "operator") {
    throw invalidField("all_tenants", "is for operators to give: leave it out, and the token is of your tenant");
  }
  if (scope.allTenants && caller.tenant !== defaultTenant) {
    throw invalidField(
      "all_tenants",
      `such tokens live in the tenant '${defaultTenant}': leave X-Signalbox-Tenant out`,
    );
  }
  return scope;
}

/** One that reaches every tenant is for operators only. */
function handlesToken(caller: Principal, { token, principal }: KnownToken): boolean {
  return mayHandle(caller, token.host?.allTenants === true ? "operator" : principal.role);
}

/** A page of the tenant's tokens that the caller may know of, newest first. It may be short while there is a `next`. */
export async function listTokens(
  store: Store,
  caller: Principal,
  { after, max }: { readonly after?: Uuid; readonly max: number },
): Promise<{ readonly tokens: KnownToken[]; readonly next?: Uuid }> {
  const page = await store.credentials.tokens(caller.tenant, { max, ...defined({ after }) });
  const tokens = page.filter((known) => handlesToken(caller, known));
  return { tokens, ...defined({ next: lastOfFull(page, { max })?.token.uuid }) };
}

/**
 * Ends a token at once.
 *
 * @throws SignalboxError `not_found` when there is none that the caller may know of, or it was revoked before.
 */
export async function revokeToken(
  deps: Pick<Context, "clock" | "store" | "vault">,
  caller: Principal,
  uuid: Uuid,
): Promise<void> {
  for (let after: Uuid | undefined; ; ) {
    const { tokens, next } = await listTokens(deps.store, caller, {
      max: 500,
      ...defined({ after }),
    });
    const found = tokens.find(({ token }) => token.uuid === uuid);
    if (found !== undefined && found.token.revokedMs === undefined) break;
    if (found !== undefined || next === undefined) throw notFound(`token '${uuid}'`);
    after = next;
  }
  await deps.store.commit({
    changes: [{ do: "token.revoke", tenant: caller.tenant, uuid, atMs: deps.clock.now() }],
  });
}
