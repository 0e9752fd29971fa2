import { type Role, roles } from "../domain/access.ts";
import { defined } from "../domain/defined.ts";
import { type FieldError } from "../errors.ts";
import {
  mostKeys,
  type PublicKey,
  readJsonKey,
  readPemKey,
  type SigningAlgorithm,
  signingAlgorithms,
} from "../secrets/public-keys.ts";
import { type IssuerLogin, readIssuerLogin } from "./issuer-login.ts";
import { JsonFields } from "./json-fields.ts";

/** Whose tokens log their bearers in, as the operator says: one entry for each issuer. */

/** Where in a token's claims something stands: the names from the outermost to the innermost. */
export type ClaimPath = readonly string[];

/** An issuer's keys: where they are listed, or the keys themselves. */
export type JwtKeySource =
  | { readonly from: "url"; readonly url: string }
  | { readonly from: "settings"; readonly keys: readonly PublicKey[] };

export interface JwtIssuer {
  /** What its tokens say (`iss`), to the letter. */
  readonly issuer: string;
  readonly keys: JwtKeySource;
  /** Tokens for one of these; none: its tokens are no bearers, and it only logs browsers in. */
  readonly audience: readonly string[];
  readonly algorithms: readonly SigningAlgorithm[];
  /** Seconds by which its clock and ours may differ. */
  readonly clockSkewS: number;
  readonly claims: {
    /** Present exactly when {@link JwtIssuer.tenant} is not. */
    readonly tenant?: ClaimPath;
    readonly subject: ClaimPath;
    readonly user: ClaimPath;
    readonly email: ClaimPath;
    readonly emailVerified: ClaimPath;
    readonly groups: ClaimPath;
  };
  /** The tenant of all of its tokens. */
  readonly tenant?: string;
  /** Stands before every name that it gives, so that two issuers never mean the same one. */
  readonly prefix: string;
  /** Roles by group. Absent: tokens give no role, and admins change the one that everybody begins with. */
  readonly roles?: ReadonlyMap<string, Role>;
  /** Of those without a group that has one; absent: they do not come in. */
  readonly defaultRole?: Role;
  /** Whether a user is made of who is seen for the first time; otherwise there has to be one. */
  readonly makeUsers: boolean;
  /** Whether those come in alone whose e-mail address it says is verified. */
  readonly verifiedEmailOnly: boolean;
  /** Whether a principal that exists for another reason becomes the one of its name, when it may do no more than the token says. */
  readonly existing: "refuse" | "link";
  /** Whether its URLs may lead to private addresses: only what is asked there for it, never what tenants send. */
  readonly allowPrivateAddress: boolean;
  /** How browsers log in there; absent: they do not. */
  readonly login?: IssuerLogin;
}

const longestText = 2_048;
const mostIssuers = 100;
const mostSkewS = 300;
const tenantId = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;
const namePrefix = /^[A-Za-z0-9][A-Za-z0-9._@+-]{0,63}$/;

/** The issuers that `text` describes as JSON, or everything that is wrong, by paths that begin with `at`. */
export function parseJwtIssuers(
  text: string,
  at: string,
): { readonly issuers: readonly JwtIssuer[] } | { readonly problems: readonly FieldError[] } {
  let said: unknown;
  try {
    said = JSON.parse(text);
  } catch {
    return { problems: [{ path: at, message: "is no JSON: a list of issuers, or the path of a file with one" }] };
  }
  const list: unknown = Array.isArray(said) ? said : [said];
  const problems: FieldError[] = [];
  if (!Array.isArray(list) || list.length === 0 || list.length > mostIssuers) {
    return { problems: [{ path: at, message: `must list from 1 to ${mostIssuers} issuers` }] };
  }
  const issuers = list.map((entry, index) => readIssuer(new JsonFields(entry, `${at}[${index}]`, problems)));
  const seen = new Set<string>();
  for (const [index, { issuer }] of issuers.entries()) {
    if (seen.has(issuer))
      problems.push({ path: `${at}[${index}].issuer`, message: "is listed twice: give each issuer one entry" });
    seen.add(issuer);
  }
  const ids = new Set<string>();
  for (const [index, { login }] of issuers.entries()) {
    if (login === undefined) continue;
    if (ids.has(login.id)) {
      problems.push({ path: `${at}[${index}].login.id`, message: "is another issuer's: give each login its own" });
    }
    ids.add(login.id);
  }
  return problems.length > 0 ? { problems } : { issuers };
}

/** What it makes of wrong fields does not count: there is a problem then. */
function readIssuer(fields: JsonFields): JwtIssuer {
  const claims = fields.object("claims");
  const tenant = fields.text("tenant", { pattern: tenantId, form: "the id of a tenant: letters a-z, digits and -" });
  const tenantClaim = claims.texts("tenant");
  if (tenant !== undefined && tenantClaim !== undefined) fields.wrong("tenant", "goes without claims.tenant: give one");
  const byGroup = readRoles(fields);
  const issuer =
    fields.text("issuer", { longest: longestText }) ?? fields.missing("issuer", "what its tokens say as iss");
  const login = fields.value("login") === undefined ? undefined : readIssuerLogin(fields.object("login"), issuer);
  if (login !== undefined && !isWebUrl(issuer)) {
    fields.wrong("issuer", "must be an https URL, or http, for login: below it stands what there is to know of it");
  }
  const user = claims.texts("user") ?? ["sub"];
  const email = claims.texts("email") ?? ["email"];
  const role = fields.literal("default_role", [...roles, null]);
  const read: JwtIssuer = {
    issuer,
    keys: readKeys(fields),
    audience:
      fields.texts("audience") ??
      (login === undefined ? [fields.missing("audience", "for whom its tokens have to be (aud)")] : []),
    algorithms: readAlgorithms(fields),
    clockSkewS: fields.integer("clock_skew_s", 0, mostSkewS) ?? 60,
    claims: {
      ...defined({ tenant: tenantClaim }),
      subject: claims.texts("subject") ?? ["sub"],
      user,
      email,
      emailVerified: claims.texts("email_verified") ?? ["email_verified"],
      groups: claims.texts("groups") ?? ["groups"],
    },
    ...(tenantClaim === undefined ? { tenant: tenant ?? "default" } : {}),
    prefix:
      fields.text("prefix", {
        pattern: namePrefix,
        form: "at most 64 letters, digits and ._@+-, a letter or digit first",
      }) ?? "",
    ...defined({ roles: byGroup }),
    ...(role === null ? {} : { defaultRole: role ?? "member" }),
    makeUsers: fields.literal("make_users", [true, false]) ?? false,
    verifiedEmailOnly: fields.literal("verified_email_only", [true, false]) ?? user.join("\n") === email.join("\n"),
    existing: fields.literal("existing", ["refuse", "link"]) ?? "refuse",
    allowPrivateAddress: fields.literal("allow_private_address", [true, false]) ?? false,
    ...defined({ login }),
  };
  const makesOperators = read.defaultRole === "operator" || [...(byGroup?.values() ?? [])].includes("operator");
  if (makesOperators && read.tenant !== "default") {
    fields.wrong("roles", "gives the role operator: operators live in the tenant 'default', so tenant has to be that");
  }
  claims.close();
  fields.close();
  return read;
}

function readRoles(fields: JsonFields): ReadonlyMap<string, Role> | undefined {
  const said = fields.record("roles");
  if (said === undefined) return undefined;
  for (const [group, role] of said) {
    if (!roles.some((known) => known === role)) {
      fields.wrong(`roles[${JSON.stringify(group.slice(0, 64))}]`, `must be one of ${roles.join(", ")}`);
    }
  }
  return new Map(said as readonly (readonly [string, Role])[]);
}

function readAlgorithms(fields: JsonFields): readonly SigningAlgorithm[] {
  const said = fields.texts("algorithms");
  const unknown = said?.find((name) => !signingAlgorithms.some((known) => known === name));
  if (unknown !== undefined) {
    fields.wrong(
      "algorithms",
      `${JSON.stringify(unknown)} does not count: only asymmetric ones do (${signingAlgorithms.join(", ")})`,
    );
  }
  return (said as readonly SigningAlgorithm[] | undefined) ?? signingAlgorithms;
}

function readKeys(fields: JsonFields): JwtKeySource {
  const url = fields.text("jwks_url", { longest: longestText });
  const set = fields.value("jwks");
  const pem = fields.text("public_key", { longest: 16_384 });
  const given = [url, set, pem].filter((one) => one !== undefined).length;
  const none: JwtKeySource = { from: "settings", keys: [] };
  if (given !== 1) {
    fields.wrong(
      "jwks_url",
      "give one of jwks_url, jwks and public_key: where its keys are listed, or the keys themselves",
    );
    return none;
  }
  if (url !== undefined) {
    if (!isWebUrl(url)) fields.wrong("jwks_url", "must be an https URL, or http, without user and fragment");
    return { from: "url", url };
  }
  if (pem !== undefined) {
    const read = readPemKey(pem);
    if ("key" in read) return { from: "settings", keys: [read.key] };
    fields.wrong("public_key", read.problem);
    return none;
  }
  const keys: unknown = typeof set === "object" && set !== null && "keys" in set ? set.keys : undefined;
  if (!Array.isArray(keys) || keys.length === 0 || keys.length > mostKeys) {
    fields.wrong("jwks", `must be a key set: {"keys": [...]} with 1 to ${mostKeys} keys`);
    return none;
  }
  const read = keys.map(readJsonKey);
  for (const [index, one] of read.entries()) if ("problem" in one) fields.wrong(`jwks.keys[${index}]`, one.problem);
  return { from: "settings", keys: read.flatMap((one) => ("key" in one ? [one.key] : [])) };
}

function isWebUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, username, password, hash } = new URL(text);
  return /^https?:$/.test(protocol) && username === "" && password === "" && hash === "";
}
