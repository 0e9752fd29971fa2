import { isDeepStrictEqual } from "node:util";
import type { Json } from "../../domain/event.ts";
import type { Params } from "../../domain/lifecycle.ts";
import type { NewUser } from "../../store/unit.ts";
import type { UserFields } from "./fields.ts";

/** What hooks and functions are told of users. */

export function proposedParams({ username, email, firstName, lastName, attributes }: UserFields): Params {
  return { username, email, first_name: firstName, last_name: lastName, attributes };
}

/** All there is to tell. The number twice: as answers of the API name it, and as the documented events do. */
export function userParams(user: NewUser): Params {
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
export function changesOf(before: UserFields, after: UserFields): Record<string, Json> {
  const [old, now] = [proposedParams(before), proposedParams(after)];
  const changed = Object.keys(now).filter((name) => !isDeepStrictEqual(old[name], now[name]));
  return Object.fromEntries(changed.map((name) => [name, { from: old[name] ?? null, to: now[name] ?? null }]));
}
