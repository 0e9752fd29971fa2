import type { WebhookAuth } from "../../../client/operations.ts";

/** What `Authorization` is to say to a webhook, as it is typed, and what is sent of it. */
export interface AuthDraft {
  /** `keep`: what was given before, which is never shown again. */
  readonly auth: "none" | "basic" | "bearer" | "header" | "keep";
  readonly username: string;
  /** Password, token, or all of the header's value. */
  readonly credential: string;
}

export const noAuth: AuthDraft = { auth: "none", username: "", credential: "" };

/** `undefined`: nothing is said of it, and it stays. */
export function authOf({ auth, username, credential }: AuthDraft): WebhookAuth | null | undefined {
  switch (auth) {
    case "keep":
      return undefined;
    case "none":
      return null;
    case "basic":
      return { type: "basic", username, password: credential };
    case "bearer":
      return { type: "bearer", token: credential };
    case "header":
      return { type: "header", value: credential };
  }
}

/** Of one that was given. */
export const authNames = { basic: "Basic", bearer: "Token", header: "Authorization header" } as const;

/** As people compare it: credentials are not among what is shown. */
export const authTexts: Readonly<Record<AuthDraft["auth"], string>> = {
  keep: "the present one",
  none: "none",
  basic: "user and password, as typed",
  bearer: "a token, as typed",
  header: "a header, as typed",
};
