import type { User } from "../../../client/operations.ts";
import type { EditedPart } from "../../parts/conflict.tsx";
import { type AttributeDraft, type AttributeField, draftOf, patchOf, shownFields } from "./attribute-draft.ts";

/** A user as its form has it. */

const names = ["username", "email", "first_name", "last_name"] as const;
export type UserText = (typeof names)[number];
export const userLabels: Readonly<Record<UserText, string>> = {
  username: "Username",
  email: "Email",
  first_name: "First name",
  last_name: "Last name",
};

/** What a form begins with, and what is changed is told by. */
export type UserBefore = Pick<User, UserText | "attributes">;
export const newUser: UserBefore = { username: "", email: "", first_name: "", last_name: "", attributes: {} };

export type UserDraft = Readonly<Record<UserText, string>> & { readonly attributes: AttributeDraft };

export function userDraft(before: UserBefore, described: readonly AttributeField[]): UserDraft {
  const { username, email, first_name, last_name, attributes } = before;
  const fields = shownFields(described, attributes);
  return { username, email, first_name, last_name, attributes: draftOf(attributes, fields) };
}

type UserChanges =
  | { readonly kind: "changes"; readonly body: Readonly<Record<string, unknown>> }
  | { readonly kind: "wrong"; readonly problems: Readonly<Record<string, string>> };

/** Only what was changed: what others change meanwhile stays. */
export function userChanges(draft: UserDraft, before: UserBefore, described: readonly AttributeField[]): UserChanges {
  const read = patchOf(before.attributes, shownFields(described, before.attributes), draft.attributes);
  if (read.kind === "wrong") return read;
  const changed = names.filter((name) => draft[name] !== before[name]);
  const attributes = Object.keys(read.patch).length > 0 ? { attributes: read.patch } : {};
  return {
    kind: "changes",
    body: { ...Object.fromEntries(changed.map((name) => [name, draft[name]])), ...attributes },
  };
}

export function userParts({ attributes, ...texts }: UserDraft): readonly EditedPart[] {
  return [
    ...names.map((name) => [userLabels[name], texts[name]] as const),
    ...Object.entries(attributes.fields),
    ["Other attributes", attributes.rest],
  ];
}
