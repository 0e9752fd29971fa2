import type { Context } from "../context.ts";
import type { Principal } from "../domain/access.ts";
import { defined } from "../domain/defined.ts";
import type { Uuid } from "../domain/ids.ts";
import type { Change } from "../store/unit.ts";
import { type By, byCaller } from "./asking.ts";

/**
 * What callers can edit has a last edit. Each verb that changes such a thing notes it in the commit of the change, whichever face asked
 * for it, so that a caller who saw an earlier one can be told. What Signalbox does by itself (a pause after a 410, an address that was
 * confirmed) is no edit.
 */

/** What belongs into the unit of an edit of this thing. */
export function noted({ clock }: Pick<Context, "clock">, caller: Principal, thing: string): Change {
  return notedBy({ clock }, byCaller(caller), thing);
}

/** The same for what is not always done by a caller. */
export function notedBy({ clock }: Pick<Context, "clock">, { actor }: By, thing: string): Change {
  const version = Buffer.from(clock.bytes(9)).toString("base64url");
  return { do: "edit.note", thing, edit: { version, ...defined({ by: actor }), atMs: clock.now() } };
}

/** What has no uuid of its own, by what it is of. */

export function grantThing(resource: Uuid, grantee: string): string {
  return `grant:${resource}:${grantee}`;
}

export function alertsThing(tenant: string): string {
  return `alerts:${tenant}`;
}

export function destinationThing(tenant: string, name: string): string {
  return `destination:${tenant}:${name}`;
}

export function userSchemaThing(tenant: string): string {
  return `user-schema:${tenant}`;
}

export function quotasThing(tenant: string): string {
  return `quotas:${tenant}`;
}

export function eventTypeThing(name: string): string {
  return `event-type:${name}`;
}

export function kindThing(name: string): string {
  return `kind:${name}`;
}

export function principalThing({ tenant, name }: Pick<Principal, "tenant" | "name">): string {
  return `principal:${tenant}:${encodeURIComponent(name)}`;
}
