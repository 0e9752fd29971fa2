import { isDeepStrictEqual } from "node:util";
import { didYouMean } from "../../domain/did-you-mean.ts";
import type { Params } from "../../domain/lifecycle.ts";
import { isJsonObject, mergePatch } from "../../domain/merge-patch.ts";
import { fieldsText, fieldsWithin, pathWithin } from "../../domain/path.ts";
import { plainJson } from "../../domain/plain-json.ts";
import { withoutSecrets } from "../../domain/secret-names.ts";
import type { UserFields } from "../../domain/user.ts";
import { type FieldError, SignalboxError } from "../../errors.ts";
import type { AttributeCheck } from "../../offload/attribute-schemas.ts";
import { emailProblem, longest, nameProblem, usernameProblem } from "./names.ts";

/** What may be said about a user, and what becomes of it: defaults, merging, and everything that makes it a user. */

export type NewUserInput = Pick<UserFields, "username"> & Partial<UserFields>;

/** What is absent stays; `null` empties it. Attributes are merged (RFC 7396). */
export interface UserPatch {
  readonly username?: string;
  readonly email?: string | null;
  readonly firstName?: string | null;
  readonly lastName?: string | null;
  readonly attributes?: Params | null;
}

/** Events tell them up to three times and three levels down (`changes.attributes.from`), and have limits of their own. */
const attributesLimits = { maxBytes: longest.attributes, maxDepth: 24 };
/** A patch names what it takes away beside what it brings. */
const patchLimits = { ...attributesLimits, maxBytes: 2 * longest.attributes };

/** @throws SignalboxError `invalid_request` with every field that is wrong. */
export async function newFields(input: NewUserInput, check: AttributeCheck): Promise<UserFields> {
  refuseUnknown(input);
  const { username, email = "", firstName = "", lastName = "", attributes = {} } = input;
  return orRefuse(await judged({ username: composed(username), email, firstName, lastName, attributes }, check));
}

/** @throws SignalboxError `invalid_request` with every field that is wrong. */
export async function mergedFields(stored: UserFields, patch: UserPatch, check: AttributeCheck): Promise<UserFields> {
  refuseUnknown(patch);
  // One that was kept before secrets were left out loses them with its next change.
  const before = { ...stored, attributes: withoutSecrets(stored.attributes).value as Params };
  const merged = {
    username: patch.username === undefined ? before.username : composed(patch.username),
    email: patch.email === undefined ? before.email : (patch.email ?? ""),
    firstName: patch.firstName === undefined ? before.firstName : (patch.firstName ?? ""),
    lastName: patch.lastName === undefined ? before.lastName : (patch.lastName ?? ""),
    attributes: patch.attributes === undefined ? before.attributes : mergedAttributes(before, patch.attributes),
  };
  return orRefuse(await judged(merged, ofChanged(before, check)));
}

function mergedAttributes({ attributes }: UserFields, patch: Params | null): Params {
  if (patch === null) return {};
  const plain = plainJson(patch, patchLimits);
  return plain.kind === "ok"
    ? (mergePatch(attributes, plain.value) as Params)
    : refuse(fieldsWithin("attributes", plain.fields));
}

const known = ["username", "email", "firstName", "lastName", "attributes"];

/** Programs may say anything. What is not known is refused instead of being lost without a word: `first_name`, `password`. */
function refuseUnknown(said: unknown): void {
  if (typeof said !== "object" || said === null) refuse([{ path: "", message: "must be an object" }]);
  const unknown = Object.keys(said).filter((name) => !known.includes(name));
  const problem = (name: string) => ({
    path: name.slice(0, 128),
    message: `is not a known property.${didYouMean(name, known)}`,
  });
  if (unknown.length > 0) refuse(unknown.slice(0, 20).map(problem));
}

/** Two ways to write the same letters must not be two names. */
function composed(username: string): string {
  return typeof username === "string" ? username.normalize("NFC") : username;
}

/**
 * What the hooks left of what was proposed. Names and attributes are all that they may change; one that they took away is empty.
 *
 * @throws SignalboxError `hook_failed` when that is no user: the caller cannot mend it.
 */
export async function fieldsAfterHooks(
  proposed: UserFields,
  params: Params,
  check: AttributeCheck,
): Promise<UserFields> {
  const { first_name: firstName = "", last_name: lastName = "", attributes = {} } = params;
  const left = { ...proposed, firstName, lastName, attributes } as UserFields;
  const { fields, problems } = await judged(left, ofChanged(proposed, check));
  if (problems.length === 0) return fields;
  throw new SignalboxError("hook_failed", `what hooks changed does not fit: ${fieldsText(problems)}`, {
    fields: problems,
  });
}

/** Attributes that stay as they were may be older than the tenant's schema. */
function ofChanged({ attributes: before }: UserFields, check: AttributeCheck): AttributeCheck {
  return async (attributes) => (isDeepStrictEqual(attributes, before) ? [] : check(attributes));
}

interface Judged {
  readonly fields: UserFields;
  readonly problems: readonly FieldError[];
}

/** The types are those of callers that may not have been checked. */
async function judged(fields: UserFields, check: AttributeCheck): Promise<Judged> {
  const attributes = plainAttributes(fields.attributes);
  const problems = [
    ...about("username", usernameProblem(fields.username)),
    ...about("email", emailProblem(fields.email)),
    ...about("first_name", nameProblem(fields.firstName)),
    ...about("last_name", nameProblem(fields.lastName)),
    ...("problems" in attributes ? attributes.problems : await check(attributes.plain)),
  ];
  return { fields: "plain" in attributes ? { ...fields, attributes: attributes.plain } : fields, problems };
}

function plainAttributes(value: unknown): { readonly plain: Params } | { readonly problems: readonly FieldError[] } {
  const copied = plainJson(value, attributesLimits);
  if (copied.kind === "refused") return { problems: fieldsWithin("attributes", copied.fields) };
  const { value: kept } = withoutSecrets(copied.value);
  return isJsonObject(kept) ? { plain: kept } : { problems: about("attributes", "must be a JSON object") };
}

/** More names are only counted. */
const mostNamed = 20;

/**
 * Users have no secrets here, and what calls itself one is left out of their attributes. Not without a word.
 *
 * @param said attributes that were found to be JSON.
 */
export function leftOut(said: Params | null | undefined): readonly string[] {
  // Taking one away is no mistake.
  const { paths } = withoutSecrets(mergePatch({}, said ?? {}));
  if (paths.length === 0) return [];
  const named = paths.slice(0, mostNamed).map((path) => pathWithin("attributes", path.slice(0, 128)));
  const more = paths.length > mostNamed ? ` and ${paths.length - mostNamed} more` : "";
  return [`${named.join(", ")}${more} left out: attributes hold no passwords, tokens, secrets and keys`];
}

function about(path: string, message: string | undefined): FieldError[] {
  return message === undefined ? [] : [{ path, message }];
}

function orRefuse({ fields, problems }: Judged): UserFields {
  return problems.length === 0 ? fields : refuse(problems);
}

function refuse(fields: readonly FieldError[]): never {
  throw new SignalboxError("invalid_request", fieldsText(fields), { fields });
}
