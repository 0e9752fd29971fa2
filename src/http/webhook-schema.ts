import { Type } from "typebox";

/** What is said of a webhook, whoever subscribes it. */

const closed = { additionalProperties: false };

export const webhookAuth = Type.Union(
  [
    Type.Object(
      {
        type: Type.Literal("basic"),
        username: Type.String({ minLength: 1, maxLength: 1024 }),
        password: Type.String({ minLength: 1, maxLength: 4096, writeOnly: true }),
      },
      closed,
    ),
    Type.Object(
      { type: Type.Literal("bearer"), token: Type.String({ minLength: 1, maxLength: 4096, writeOnly: true }) },
      closed,
    ),
  ],
  { description: "What `Authorization` says to the receiver. Write-only but for type and username." },
);
