import { type Static, Type } from "typebox";
import type { Principal, Role } from "../../../domain/access.ts";
import { defined } from "../../../domain/defined.ts";
import type { Params } from "../../../domain/lifecycle.ts";
import { fieldsText } from "../../../domain/path.ts";
import { SignalboxError } from "../../../errors.ts";
import { mayHandle } from "../../../platform/access/identities.ts";
import { originOf, userOf } from "../../../platform/asking.ts";
import type { Done, UserOperationInput } from "../../../platform/users/deps.ts";
import type { NewUserInput, UserPatch } from "../../../platform/users/fields.ts";
import { longest } from "../../../platform/users/names.ts";
import type { NewUser } from "../../../store/unit.ts";
import { instant, nullable, shownInstant } from "../../http/fields.ts";
import { named } from "../../http/named.ts";

/** How users are said and shown. */

const name = Type.String({ maxLength: longest.name });
const email = Type.String({ maxLength: longest.email, description: "May be empty." });
const username = Type.String({
  minLength: 1,
  maxLength: longest.username,
  description: "Unique in the tenant, whatever the case of its letters. Kept in Unicode's form C.",
});
const attributes = Type.Object(
  {},
  {
    additionalProperties: true,
    description: "Anything, at most 64 KiB and 24 levels of it; where the tenant has a schema for it, it must fit.",
  },
);

export const newUserBody = Type.Object(
  {
    username,
    email: Type.Optional(email),
    first_name: Type.Optional(name),
    last_name: Type.Optional(name),
    attributes: Type.Optional(attributes),
  },
  { additionalProperties: false },
);

export const userPatchBody = Type.Object(
  {
    username: Type.Optional(username),
    email: Type.Optional(nullable(email)),
    first_name: Type.Optional(nullable(name)),
    last_name: Type.Optional(nullable(name)),
    attributes: Type.Optional(nullable(attributes)),
  },
  { additionalProperties: false },
);

export const shownUser = named(
  "User",
  Type.Object({
    id: Type.Integer(),
    uuid: Type.String(),
    username: Type.String(),
    email: Type.String(),
    email_verified: Type.Boolean({
      description: "An admin set the address, or its reader confirmed it.",
    }),
    first_name: Type.String(),
    last_name: Type.String(),
    attributes: Type.Object({}, { additionalProperties: true }),
    created_at: instant,
    updated_at: instant,
  }),
);

/** What an answer says of an operation beside its result. */
export const operationFields = {
  operation_id: Type.Optional(
    Type.String({ description: "By which the hooks' decision is found. Absent when there was nothing to do." }),
  ),
  warnings: Type.Optional(
    Type.Array(Type.String(), { description: "Hooks that failed and need not have agreed. Absent without any." }),
  ),
};
export const changedUser = named("ChangedUser", Type.Object({ ...shownUser.properties, ...operationFields }));

export function showUser(user: Omit<NewUser, "tenant" | "uuid"> & { readonly uuid: string }): Static<typeof shownUser> {
  return {
    id: user.number,
    uuid: user.uuid,
    username: user.username,
    email: user.email,
    email_verified: user.emailVerified,
    first_name: user.firstName,
    last_name: user.lastName,
    attributes: user.attributes,
    created_at: shownInstant(user.createdMs),
    updated_at: shownInstant(user.updatedMs),
  };
}

export function showOperation({ operation, warnings }: Done) {
  return {
    ...defined({ operation_id: operation }),
    ...(warnings.length === 0 ? {} : { warnings: [...warnings] }),
  };
}

export function showDone(done: Done): Static<typeof changedUser> {
  return { ...showUser(done.user), ...showOperation(done) };
}

export function readNewUser(body: Static<typeof newUserBody>): NewUserInput {
  const { username, email, first_name: firstName, last_name: lastName, attributes } = body;
  return {
    username,
    ...defined({ email, firstName, lastName }),
    ...(attributes === undefined ? {} : { attributes: attributes as Params }),
  };
}

export function readUserPatch(body: Static<typeof userPatchBody>): UserPatch {
  const { username, email, first_name: firstName, last_name: lastName, attributes } = body;
  return {
    ...defined({ username, email, firstName, lastName }),
    ...(attributes === undefined ? {} : { attributes: attributes as Params | null }),
  };
}

const ownFields = ["email", "first_name", "last_name"];

/** @throws SignalboxError `invalid_request` for what people may not change of themselves. */
export function refuseForeign(body: Static<typeof userPatchBody>): void {
  const foreign = Object.keys(body).filter((name) => !ownFields.includes(name));
  if (foreign.length === 0) return;
  const fields = foreign.map((path) => ({
    path,
    message: `is changed by admins; you may change ${ownFields.join(", ")}`,
  }));
  throw new SignalboxError("invalid_request", fieldsText(fields), { fields });
}

/** @param trusts whether the operator takes addresses that admins set as their users' own. */
export function doingOf(caller: Principal, signal: AbortSignal, trusts: boolean): UserOperationInput {
  const { tenant, name, chain } = caller;
  const ends = (role: Role): boolean => mayHandle(caller, role);
  const verifies = trusts && chain === undefined && (caller.role === "admin" || caller.role === "operator");
  const of = { tenant, actor: name, user: userOf(caller), origin: originOf(caller), verifies, ends, signal };
  return chain === undefined ? of : { ...of, chain };
}
