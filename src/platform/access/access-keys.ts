import type { Context } from "../../context.ts";
import { hostRole, type Principal, type Role } from "../../domain/access.ts";
import { defined } from "../../domain/defined.ts";
import { isAdmin } from "../../domain/visibility.ts";
import { notFound, SignalboxError } from "../../errors.ts";
import { lastOfFull } from "../../store/page.ts";
import type { AccessKey } from "../../store/records.ts";
import type { Store } from "../../store/store.ts";
import { mayHandle } from "./identities.ts";

/** S3 key pairs: each caller's own; who may make tokens for a principal may handle its keys too. */

const idLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/** Twenty characters, as S3 clients expect them; 80 of the bits are random. */
function newKeyId(bytes: Uint8Array): string {
  return `SBXK${Array.from(bytes, (byte) => idLetters.charAt(byte & 31)).join("")}`;
}

/** Whether the caller may handle the keys of the principal of this name. */
async function handles(store: Store, caller: Principal, name: string): Promise<boolean> {
  return (await handled(store, caller, name)) !== undefined;
}

/** Its role; `undefined`: the caller may not. */
async function handled(store: Store, caller: Principal, name: string): Promise<Role | undefined> {
  const principal = await store.identities.principal(caller.tenant, name);
  if (principal === undefined || principal.endedMs !== undefined) return undefined;
  const { role } = principal;
  if (principal.name === caller.name && role === caller.role) return role;
  return isAdmin(caller) && mayHandle(caller, role) ? role : undefined;
}

/**
 * A new key pair, and its secret, which is to be shown once.
 *
 * @throws SignalboxError `not_found` when there is no such principal that the caller may make keys for; `conflict` for a host.
 */
export async function createAccessKey(
  { store, vault, clock }: Pick<Context, "store" | "vault" | "clock">,
  caller: Principal,
  { principal, label }: { readonly principal: string; readonly label: string },
): Promise<{ readonly key: AccessKey; readonly secret: string }> {
  const role = await handled(store, caller, principal);
  if (role === undefined) {
    const remedy = isAdmin(caller) ? "; make a token for it first" : "";
    throw new SignalboxError(
      "not_found",
      `principal '${principal}' does not exist in tenant '${caller.tenant}'${remedy}`,
    );
  }
  if (role === hostRole) {
    throw new SignalboxError("conflict", `principal '${principal}' has the role host, which has tokens and no S3 keys`);
  }
  const secret = Buffer.from(clock.bytes(30)).toString("base64url");
  const key: AccessKey = {
    id: newKeyId(clock.bytes(16)),
    tenant: caller.tenant,
    principal,
    sealedSecret: vault.seal(secret),
    label,
    createdMs: clock.now(),
  };
  const commit = await store.commit({
    conditions: [
      { if: "accessKey.absent", id: key.id },
      { if: "principal.is", tenant: key.tenant, name: principal, role },
    ],
    changes: [{ do: "accessKey.put", key }],
  });
  if (commit.kind === "refused") {
    const why =
      commit.condition.if === "principal.is" ? `principal '${principal}' was changed` : "the key's id was taken";
    throw new SignalboxError("unavailable", `${why} at that moment; try again`);
  }
  return { key, secret };
}

/** A page of keys by id: the caller's own; for admins those of all whom they handle. May be short while there is a `next`. */
export async function listAccessKeys(
  store: Store,
  caller: Principal,
  { after, max, principal }: { readonly after?: string; readonly max: number; readonly principal?: string },
): Promise<{ readonly keys: AccessKey[]; readonly next?: string }> {
  const whose = isAdmin(caller) ? principal : caller.name;
  if (whose !== principal && principal !== undefined) return { keys: [] };
  const query = { tenant: caller.tenant, ...defined({ principal: whose }) };
  const page = await store.credentials.accessKeys(query, { max, ...defined({ after }) });
  const names = [...new Set(page.map((key) => key.principal))];
  const judged = await Promise.all(names.map(async (name) => [name, await handles(store, caller, name)] as const));
  const known = new Map(judged);
  return {
    keys: page.filter((key) => known.get(key.principal) === true),
    ...defined({ next: lastOfFull(page, { max })?.id }),
  };
}

/**
 * Ends a key pair at once.
 *
 * @throws SignalboxError `not_found` when there is none that the caller may know of.
 */
export async function removeAccessKey({ store }: Pick<Context, "store">, caller: Principal, id: string): Promise<void> {
  const key = (await store.credentials.accessKey(id))?.key;
  if (key === undefined || key.tenant !== caller.tenant || !(await handles(store, caller, key.principal))) {
    throw notFound(`access key '${id}'`);
  }
  await store.commit({ changes: [{ do: "accessKey.remove", tenant: caller.tenant, id }] });
}
