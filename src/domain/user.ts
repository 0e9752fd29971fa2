import { isDeepStrictEqual } from "node:util";
import type { Json } from "./event.ts";
import type { Uuid } from "./ids.ts";
import type { Params } from "./lifecycle.ts";

/** What is known of users, and what of it hooks and functions get. */

/** What can be said; the rest of a user is the platform's. */
export interface UserFields {
  readonly username: string;
  readonly email: string;
  readonly firstName: string;
  readonly lastName: string;
  readonly attributes: Params;
}

/** A user as it is kept. */
interface UserFacts extends UserFields {
  readonly number: number;
  readonly uuid: Uuid;
  readonly createdMs: number;
  readonly updatedMs: number;
}

export function proposedParams({ username, email, firstName, lastName, attributes }: UserFields): Params {
  return { username, email, first_name: firstName, last_name: lastName, attributes };
}

/** All there is to tell. The number twice: as answers of the API name it, and as the documented events do. */
export function userParams(user: UserFacts): Params {
  return {
    id: user.number,
    user_id: user.number,
    uuid: user.uuid,
    ...proposedParams(user),
    created_at: new Date(user.createdMs).toISOString(),
    updated_at: new Date(user.updatedMs).toISOString(),
  };
}

/** What becomes another: `{ "email": { "from": "a@b.example", "to": "" } }`. Empty: nothing does. */
export function userChanges(before: UserFields, after: UserFields): Record<string, Json> {
  const [old, now] = [proposedParams(before), proposedParams(after)];
  const changed = Object.keys(now).filter((name) => !isDeepStrictEqual(old[name], now[name]));
  return Object.fromEntries(changed.map((name) => [name, { from: old[name] ?? null, to: now[name] ?? null }]));
}
