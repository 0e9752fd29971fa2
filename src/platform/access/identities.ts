import type { Config } from "../../config/config.ts";
import type { Context } from "../../context.ts";
import { hostRole, operatorsTenant, type Principal, type Role, roleReaches } from "../../domain/access.ts";
import { defined } from "../../domain/defined.ts";
import { parseUuid, type Uuid } from "../../domain/ids.ts";
import { SignalboxError } from "../../errors.ts";
import type { StoredPrincipal, Tenant } from "../../store/records.ts";
import type { Store } from "../../store/store.ts";
import type { Change, Condition } from "../../store/unit.ts";
import { newLoginCode } from "./login-codes.ts";
import { newToken, tokenHash } from "./token-secrets.ts";

/** Who there is: tenants, and the operator that every installation begins with. */

export const defaultTenant = operatorsTenant;
export const adminName = "admin";
/** Never changes, so that a token given anew replaces the one before it. */
const adminTokenUuid = "00000000-0000-7000-8000-000000000000-004" as Uuid;
const environmentLabel = "from the configuration";

/** Whether `caller` may make, see and end the credentials of a principal with this role: none above its own, and hosts' as an admin. */
export function mayHandle(caller: Principal, role: Role): boolean {
  return role === hostRole ? roleReaches(caller.role, "admin") : roleReaches(caller.role, role);
}

/** The tenant of what names none: `default`, or where there is none of that name the only one. `undefined`: there are several, or none. */
export async function usualTenant({ identities }: Pick<Store, "identities">): Promise<string | undefined> {
  if ((await identities.tenant(defaultTenant)) !== undefined) return defaultTenant;
  const [only, another] = await identities.tenants({ max: 2 });
  return another === undefined ? only?.id : undefined;
}

type AdminConfig = Pick<Config, "adminToken" | "s3AccessKeyId" | "s3SecretAccessKey">;

interface FirstStart {
  readonly madeToken?: string;
  /** A code of {@link loginUrl}, made with that token. */
  readonly madeCode?: string;
}

/**
 * At each start: the tenant `default`, its principal `admin` (an operator) with the configured token and S3 key pair, each in
 * place of the one configured before. Without a configured token the one before stays; at the very first start one is made and
 * returned, to be shown once, with the code of a login: it cannot be had again.
 *
 * @throws SignalboxError `conflict` when the configured token or key id belongs to another principal.
 */
export async function ensureAdmin(
  deps: Pick<Context, "clock" | "store" | "vault"> & { readonly config: AdminConfig },
): Promise<FirstStart> {
  const { store, clock, config } = deps;
  const createdMs = clock.now();
  const tenant = await store.identities.tenant(defaultTenant);
  const admin = await store.identities.principal(defaultTenant, adminName);
  const madeToken = admin === undefined && config.adminToken === undefined ? newToken(clock) : undefined;
  const login =
    madeToken === undefined
      ? undefined
      : newLoginCode(clock, { tenant: defaultTenant, name: adminName }, adminTokenUuid);
  const token = config.adminToken ?? madeToken;
  const user = admin?.user === undefined ? {} : { user: admin.user };
  const named = { tenant: defaultTenant, name: adminName, role: "operator", ...user } as const;
  const principal: StoredPrincipal = { ...named, createdMs: admin?.createdMs ?? createdMs };
  const changes: Change[] = [
    ...(tenant === undefined
      ? [{ do: "tenant.add", tenant: { id: defaultTenant, name: "Default", createdMs } } as const]
      : []),
    { do: "principal.put", principal },
    ...(token === undefined ? [] : await tokenChanges(deps, token)),
    ...(login === undefined ? [] : [login.change]),
    ...(await keyChanges(deps)),
  ];
  // Of two first starts at once, one makes the operator and its token, and the other finds them.
  const conditions: Condition[] = [
    ...(tenant === undefined ? [{ if: "tenant.absent", id: defaultTenant } as const] : []),
    ...(admin === undefined ? [{ if: "principal.absent", tenant: defaultTenant, name: adminName } as const] : []),
  ];
  const commit = await store.commit({ conditions, changes });
  if (commit.kind === "refused") return ensureAdmin(deps);
  return defined({ madeToken, madeCode: login?.code });
}

async function tokenChanges({ store, clock }: Pick<Context, "store" | "clock">, token: string): Promise<Change[]> {
  const hash = tokenHash(token);
  const known = await store.credentials.tokenByHash(hash);
  if (known !== undefined && known.token.uuid !== adminTokenUuid) {
    const { tenant, principal } = known.token;
    throw new SignalboxError(
      "conflict",
      `SIGNALBOX_ADMIN_TOKEN: the value given is already a token of ${principal} in tenant ${tenant}; choose another`,
    );
  }
  const createdMs = known?.token.createdMs ?? clock.now();
  const owner = { tenant: defaultTenant, principal: adminName };
  return [{ do: "token.put", token: { uuid: adminTokenUuid, ...owner, hash, label: environmentLabel, createdMs } }];
}

async function keyChanges({
  store,
  vault,
  clock,
  config,
}: Pick<Context, "store" | "vault" | "clock"> & { config: AdminConfig }): Promise<Change[]> {
  const { s3AccessKeyId: id, s3SecretAccessKey: secret } = config;
  if (id === undefined || secret === undefined) return [];
  const known = (await store.credentials.accessKey(id))?.key;
  if (known !== undefined && (known.tenant !== defaultTenant || known.principal !== adminName)) {
    throw new SignalboxError(
      "conflict",
      `SIGNALBOX_S3_ACCESS_KEY_ID: ${id} is already a key of ${known.principal} in tenant ${known.tenant}; choose another`,
    );
  }
  const owner = { tenant: defaultTenant, principal: adminName };
  const keys = await store.credentials.accessKeys(owner, { max: 1000 });
  const replaced = keys.filter((key) => key.label === environmentLabel && key.id !== id);
  const key = { id, ...owner, sealedSecret: vault.seal(secret), label: environmentLabel };
  return [
    ...replaced.map((old) => ({ do: "accessKey.remove", tenant: defaultTenant, id: old.id }) as const),
    { do: "accessKey.put", key: { ...key, createdMs: known?.createdMs ?? clock.now() } },
  ];
}

/**
 * A new tenant.
 *
 * @throws SignalboxError `conflict` when the id is taken.
 */
export async function createTenant(
  { store, clock }: Pick<Context, "store" | "clock">,
  { id, name }: { readonly id: string; readonly name: string },
): Promise<Tenant> {
  const tenant: Tenant = { id, name, createdMs: clock.now() };
  const commit = await store.commit({
    conditions: [{ if: "tenant.absent", id }],
    changes: [{ do: "tenant.add", tenant }],
  });
  if (commit.kind === "refused")
    throw new SignalboxError("conflict", `tenant '${id}' exists already; choose another id`);
  return tenant;
}

/** `undefined` when `text` is not the uuid of a token. */
export function parseTokenUuid(text: string): Uuid | undefined {
  const uuid = parseUuid(text);
  return uuid?.endsWith("-004") === true ? uuid : undefined;
}
