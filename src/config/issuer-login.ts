import { defined } from "../domain/defined.ts";
import type { JsonFields } from "./json-fields.ts";
import { readSecretFile } from "./secret-file.ts";

/** How browsers log in to the dashboard at an issuer (OpenID Connect), as the operator says. */
export interface IssuerLogin {
  /** Stands in the address that the issuer leads back to. */
  readonly id: string;
  /** What the button says behind "Log in with". */
  readonly label: string;
  readonly clientId: string;
  /** Absent: a public client, which proves itself by PKCE alone. */
  readonly clientSecret?: string;
  /** Where the secret stands in what is sent. */
  readonly clientAuth: "basic" | "post";
  readonly scopes: readonly string[];
  /** Whether claims are asked for (UserInfo) that the ID token does not have. */
  readonly userInfo: boolean;
  /** A session lasts no longer, and never longer than sessions do. */
  readonly sessionHours?: number;
  /** Whether one who logs out here is led there to log out, too. */
  readonly logOut: boolean;
}

const loginId = /^[a-z0-9](?:[a-z0-9-]{0,30}[a-z0-9])?$/;
const scopeName = /^[\x21\x23-\x5B\x5D-\x7E]+$/;
const longestSecret = 1_024;
const longestHours = 720;

/** What it makes of wrong fields does not count: there is a problem then. @param issuer whose login it is, which has to be a URL. */
export function readIssuerLogin(fields: JsonFields, issuer: string): IssuerLogin {
  const scopes = fields.texts("scopes") ?? ["openid", "profile", "email"];
  if (!scopes.includes("openid") || !scopes.every((scope) => scopeName.test(scope))) {
    fields.wrong("scopes", 'must be names without blanks, "openid" among them');
  }
  const login: IssuerLogin = {
    id:
      fields.text("id", { pattern: loginId, form: "1 to 32 of a-z, 0-9 and -, a letter or digit first and last" }) ??
      fields.missing("id", "what stands for this issuer in the address that it leads back to"),
    label: fields.text("label", { longest: 64 }) ?? (URL.canParse(issuer) ? new URL(issuer).host : issuer),
    clientId:
      fields.text("client_id", { longest: 512 }) ??
      fields.missing("client_id", "as what Signalbox is registered there"),
    ...defined({ clientSecret: secretIn(fields) }),
    clientAuth: fields.literal("client_auth", ["basic", "post"]) ?? "basic",
    scopes,
    userInfo: fields.literal("user_info", [true, false]) ?? true,
    logOut: fields.literal("log_out", [true, false]) ?? false,
    ...defined({ sessionHours: fields.integer("session_hours", 1, longestHours) }),
  };
  fields.close();
  return login;
}

function secretIn(fields: JsonFields): string | undefined {
  const secret = fields.text("client_secret", { longest: longestSecret });
  const path = fields.text("client_secret_file", { longest: 4_096 });
  if (path === undefined) return secret;
  if (secret !== undefined) {
    fields.wrong("client_secret_file", "goes without client_secret: give one of the two, or none for a public client");
    return undefined;
  }
  const read = readSecretFile(path, "the secret of the client");
  if ("problem" in read) {
    fields.wrong("client_secret_file", read.problem);
    return undefined;
  }
  if (read.text.length <= longestSecret) return read.text;
  fields.wrong("client_secret_file", `has more than ${longestSecret} characters: that is no secret of a client`);
  return undefined;
}
