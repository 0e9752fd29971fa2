import type { Uuid } from "../../domain/ids.ts";
import type { User } from "../../domain/lifecycle.ts";
import { withoutSecrets } from "../../domain/secret-names.ts";
import { invalidField, notFound } from "../../errors.ts";
import type { Store } from "../../store/store.ts";
import { plainParams } from "./plain-params.ts";

/**
 * Whom something is done for: a name, or a plain JSON object with at least a `username` or `name`, which functions get as
 * `event.user`. Leave out what they need not know; what calls itself a password, secret, token or key is left out in any case.
 */
export type UserInput = string | object;

export interface CallerInput {
  /** Absent: no user; functions get `null`. */
  readonly user?: UserInput;
  /** Slug of the only app whose functions take part. Absent: those of the whole tenant. */
  readonly app?: string;
}

/** The same, as events and operations have it. */
export interface Caller {
  readonly user?: User;
  readonly actor?: string;
  readonly app?: { readonly uuid: Uuid; readonly slug: string };
}

/** @throws SignalboxError `invalid_request` for a user without a name, `not_found` for an unknown app. */
export async function callerOf(store: Store, tenant: string, { user, app }: CallerInput): Promise<Caller> {
  return {
    ...(user === undefined ? {} : namedUser(user)),
    ...(app === undefined ? {} : { app: await appOf(store, tenant, app) }),
  };
}

function namedUser(input: UserInput): Required<Pick<Caller, "user" | "actor">> {
  const said = plainParams("user", typeof input === "string" ? { username: input } : input);
  const user = withoutSecrets(said).value as User;
  const actor = actorIn(user);
  if (actor === undefined) throw invalidField("user", "must be a name, or an object with a username or name");
  return { user, actor };
}

/** The name of a caller. */
export function actorIn({ username, name }: User): string | undefined {
  return [username, name].find((text): text is string => typeof text === "string" && text !== "");
}

async function appOf(store: Store, tenant: string, slug: string): Promise<NonNullable<Caller["app"]>> {
  const app = await store.apps.app(tenant, slug);
  if (app === undefined) throw notFound(`app '${slug}'`);
  return { uuid: app.uuid, slug: app.slug };
}
