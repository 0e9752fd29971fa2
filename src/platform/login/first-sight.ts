import type { Context } from "../../context.ts";
import { hostRole, lowerRole, type Principal, type Role } from "../../domain/access.ts";
import { defined } from "../../domain/defined.ts";
import { SignalboxError } from "../../errors.ts";
import type { IssuerLink, KnownIssuerLink } from "../../store/issuer-links.ts";
import { untilCommitted } from "../../store/optimistic.ts";
import type { StoredPrincipal } from "../../store/records.ts";
import type { Change, Condition } from "../../store/unit.ts";
import { roleChanges, wakeSubscriptionsOf } from "../access/principals.ts";
import { createUser } from "../users/create.ts";
import type { UserContext } from "../users/deps.ts";
import { type Bearer, refusedToken } from "./claims.ts";

/**
 * The principal of a bearer. A subject of an issuer that is seen for the first time becomes a principal of the name that its token says, and
 * stays that one whatever its later tokens call it. A name that belongs to another is never given to it.
 */

export type BearerContext = UserContext & Pick<Context, "mutex" | "wake" | "vault">;

/**
 * @throws SignalboxError `unauthenticated` when it is no principal and may not become one, or was ended; what making its user throws
 * (`hook_denied`, …); `quota_exceeded`.
 */
export async function principalOf(context: BearerContext, bearer: Bearer): Promise<Principal> {
  const { store, mutex } = context;
  const subject = { tenant: bearer.tenant, issuer: bearer.issuer.issuer, subject: bearer.subject };
  const known = await store.issuerLinks.bySubject(subject);
  if (known !== undefined && isCurrent(known, bearer)) return live(known.principal);
  // Of many requests with a new token the first does it for all.
  return mutex.take(`bearer ${bearer.tenant}/${bearer.name}`, () =>
    untilCommitted(
      { busy: () => new SignalboxError("unavailable", "others change this principal; try again") },
      async () => {
        const again = await store.issuerLinks.bySubject(subject);
        if (again === undefined) return firstSeen(context, bearer);
        return isCurrent(again, bearer) ? { value: live(again.principal) } : withNewerRole(context, bearer, again);
      },
    ),
  );
}

function live({ tenant, name, role, user, endedMs }: StoredPrincipal): Principal {
  if (role === hostRole) throw refusedToken(`'${name}' is a service of the platform, which has a token of its own`);
  if (endedMs === undefined) return { tenant, name, role, ...defined({ user }) };
  throw refusedToken(`'${name}' was ended here: an admin can restore it`);
}

/** Whether this token has nothing to say of the role that was not known, because a newer one did, or because tokens give none. */
function isCurrent({ link, principal }: KnownIssuerLink, { issuedS, role }: Bearer): boolean {
  if (principal.endedMs !== undefined) return true;
  if (issuedS === undefined) return link.issuedS === undefined;
  if (link.issuedS === undefined || issuedS > link.issuedS) return false;
  // Of two of one second the lower counts.
  return issuedS < link.issuedS || lowerRole(role, principal.role) === principal.role;
}

type Tried = { readonly value: Principal } | undefined;

async function withNewerRole(context: BearerContext, bearer: Bearer, known: KnownIssuerLink): Promise<Tried> {
  const { issuedS: _, ...rest } = known.link;
  const link: IssuerLink = { ...rest, ...defined({ issuedS: bearer.issuedS }) };
  // Where tokens give no role any more, the last one stays.
  const role = bearer.issuedS === undefined ? known.principal.role : bearer.role;
  const { tenant, name, role: before } = known.principal;
  const commit = await context.publish({
    conditions: [
      { if: "issuerLink.is", link: known.link },
      { if: "principal.is", tenant, name, role: before },
    ],
    changes: [
      { do: "issuerLink.put", link },
      ...(role === before ? [] : roleChanges(known.principal, role, context.clock.now())),
    ],
  });
  if (commit.kind === "refused") return undefined;
  if (role !== before) {
    context.log.info(
      { tenant, principal: name, from: before, to: role, issuer: link.issuer },
      "a token gave another role",
    );
    await wakeSubscriptionsOf(context, known.principal);
  }
  return { value: { ...live(known.principal), role } };
}

async function firstSeen(context: BearerContext, bearer: Bearer): Promise<Tried> {
  const { store, clock, log } = context;
  const { tenant, name, role, issuer, subject } = bearer;
  if ((await store.identities.tenant(tenant)) === undefined) {
    throw refusedToken(`the tenant '${tenant.slice(0, 64)}' of the token does not exist here`);
  }
  const linked: Linked = {
    conditions: [{ if: "issuerLink.free", tenant, issuer: issuer.issuer, subject, principal: name }],
    changes: [
      {
        do: "issuerLink.put",
        link: { tenant, issuer: issuer.issuer, subject, principal: name, ...defined({ issuedS: bearer.issuedS }) },
      },
    ],
  };
  const existing = await store.identities.principal(tenant, name);
  const principal = existing ?? { tenant, name, role, createdMs: clock.now() };
  const seen = await (existing === undefined
    ? made(context, bearer, linked)
    : adopted(context, bearer, { existing, linked }));
  if (seen === undefined) return undefined;
  log.info(
    { tenant, principal: principal.name, role: seen.role, issuer: issuer.issuer },
    "first seen by a token of an issuer",
  );
  return { value: seen };
}

interface Linked {
  readonly conditions: readonly Condition[];
  readonly changes: readonly Change[];
}

/** A principal that tokens or keys of our own were made for. */
async function adopted(
  context: BearerContext,
  { issuer, role, issuedS }: Bearer,
  { existing, linked }: { readonly existing: StoredPrincipal; readonly linked: Linked },
): Promise<Principal | undefined> {
  const { tenant, name, role: before } = existing;
  if ((await context.store.issuerLinks.byPrincipal(tenant, name)) !== undefined) {
    throw refusedToken(
      `'${name}' is the name of another subject, or of another issuer's: an admin can unlink that one`,
    );
  }
  const principal = live(existing);
  const mayDoMore = before !== role && lowerRole(before, role) === role;
  if (issuer.existing !== "link" || mayDoMore) {
    const why = mayDoMore ? " and may do more than the token says" : "";
    throw refusedToken(
      `'${name}' is a principal here already${why}: an admin can link it to this subject of the issuer`,
    );
  }
  const became: Role = issuedS === undefined ? before : role;
  const commit = await context.publish({
    conditions: [...linked.conditions, { if: "principal.is", tenant, name, role: before }],
    changes: [...linked.changes, ...(became === before ? [] : roleChanges(existing, became, context.clock.now()))],
  });
  return commit.kind === "refused" ? undefined : { ...principal, role: became };
}

/** A new principal, which is the user of its name: the one that there is, or one that is made with it. */
async function made(context: BearerContext, bearer: Bearer, linked: Linked): Promise<Principal | undefined> {
  const { store, clock } = context;
  const { tenant, name, role, issuer, email, emailVerified } = bearer;
  const free: Condition = { if: "principal.absent", tenant, name };
  const put = (principal: Principal): Change => ({
    do: "principal.put",
    principal: { ...principal, createdMs: clock.now() },
  });
  const user = await store.users.byName(tenant, name);
  if (user !== undefined && user.username !== name) {
    throw refusedToken(
      `'${name}' is the name of a user in other letters ('${user.username}'): the two would be mistaken for each other`,
    );
  }
  if (user !== undefined) {
    const principal: Principal = { tenant, name, role, user: user.uuid };
    const same: Condition = { if: "user.revision", uuid: user.uuid, revision: user.revision };
    const commit = await context.publish({
      conditions: [...linked.conditions, free, same],
      changes: [put(principal), ...linked.changes],
    });
    return commit.kind === "refused" ? undefined : principal;
  }
  if (!issuer.makeUsers) {
    throw refusedToken(
      `there is no user '${name}' here: the platform makes one, or make_users of the issuer is switched on`,
    );
  }
  const doing = {
    tenant,
    actor: name,
    user: { username: name, role },
    origin: "api",
    verifies: emailVerified,
    also: ({ user: { uuid } }: { readonly user: { readonly uuid: NonNullable<Principal["user"]> } }) => ({
      conditions: [...linked.conditions, free],
      changes: [put({ tenant, name, role, user: uuid }), ...linked.changes],
    }),
  } as const;
  const done = await createUser(context, doing, { username: name, ...defined({ email }) });
  return { tenant, name, role, user: done.user.uuid };
}
