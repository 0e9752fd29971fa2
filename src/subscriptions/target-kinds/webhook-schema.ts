import { type Static, Type } from "typebox";
import type { WebhookAuth } from "../../domain/subscription.ts";

/** The fields of a webhook, the same on every face. */

const closed = { additionalProperties: false };

/** What may be shown of it. */
export const shownWebhookAuth = Type.Object(
  { type: Type.Enum(["basic", "bearer", "header"]), username: Type.Optional(Type.String()) },
  { title: "ShownWebhookAuth" },
);

export function showWebhookAuth(auth: WebhookAuth | undefined): Static<typeof shownWebhookAuth> | null {
  if (auth === undefined) return null;
  return auth.type === "basic" ? { type: auth.type, username: auth.username } : { type: auth.type };
}

export const webhookAuth = Type.Union(
  [
    Type.Object(
      {
        type: Type.Literal("basic"),
        username: Type.String({ maxLength: 1024, description: "May be empty; without a colon." }),
        password: Type.String({ maxLength: 4096, writeOnly: true, description: "May be empty." }),
      },
      closed,
    ),
    Type.Object(
      { type: Type.Literal("bearer"), token: Type.String({ minLength: 1, maxLength: 4096, writeOnly: true }) },
      closed,
    ),
    Type.Object(
      {
        type: Type.Literal("header"),
        value: Type.String({
          minLength: 1,
          maxLength: 4096,
          writeOnly: true,
          description: "All of the header, its scheme included: `ApiKey 0123abcd`.",
        }),
      },
      closed,
    ),
  ],
  {
    description: "What `Authorization` says to the receiver. Write-only but for type and username.",
    title: "WebhookAuth",
  },
);
