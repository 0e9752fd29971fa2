import type { JsonSchema } from "../domain/catalog.ts";
import type { Uuid } from "../domain/ids.ts";
import type { Page } from "./page.ts";
import type { StoredUser } from "./records.ts";

/** Whom the platforms of tenants know. */
export interface Users {
  /** Gives `count` numbers that no user has or will have from anybody else, durably: the first of them. */
  reserveNumbers(count: number): Promise<number>;
  byNumber(place: { readonly tenant: string; readonly number: number }): Promise<StoredUser | undefined>;
  byUuid(uuid: Uuid): Promise<StoredUser | undefined>;
  /** Whatever the case of its letters. */
  byName(tenant: string, username: string): Promise<StoredUser | undefined>;
  /** By number; only those whose e-mail address or name is exactly that, when given. */
  list(
    query: { readonly tenant: string; readonly email?: string; readonly username?: string },
    page: Page<number>,
  ): Promise<StoredUser[]>;
  /** What the attributes of the tenant's users must fit. */
  schema(tenant: string): Promise<JsonSchema | undefined>;
}

export type UserCondition =
  /** No other user has the name, whatever the case of its letters; `except` is the user that may. */
  | { readonly if: "user.nameFree"; readonly tenant: string; readonly username: string; readonly except?: Uuid }
  | { readonly if: "user.revision"; readonly uuid: Uuid; readonly revision: number };

export type UserChange =
  | { readonly do: "user.add"; readonly user: NewUser }
  /** Replaces (by uuid) all but tenant, number and createdMs. */
  | { readonly do: "user.put"; readonly user: NewUser }
  | { readonly do: "user.remove"; readonly uuid: Uuid }
  /** `null` takes it away. */
  | { readonly do: "userSchema.put"; readonly tenant: string; readonly schema: JsonSchema | null };

/** With a number of {@link Users.reserveNumbers}, because the event in the same commit tells it. */
export type NewUser = Omit<StoredUser, "revision">;
