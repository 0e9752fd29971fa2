import { type Static, Type } from "typebox";
import { longestSlug } from "../../platform/slugs.ts";
import type { App } from "../../store/records.ts";
import { instant, shownInstant } from "../http/fields.ts";
import { named } from "../http/named.ts";

/** How apps are written and shown, and what their functions share with them. */

export const closed = { additionalProperties: false };

/** Of an app or a function: it stands in messages, so it must not look like something else. */
export const displayName = Type.String({
  minLength: 1,
  maxLength: 128,
  pattern: "^[^\\p{C}\\p{Z}](?:[^\\p{C}\\p{Zl}\\p{Zp}]*[^\\p{C}\\p{Z}])?$",
  "x-remedy": "must neither begin nor end with a blank, nor hold control characters or others that cannot be seen",
});

export const slug = Type.String({
  minLength: 1,
  maxLength: longestSlug,
  pattern: "^[a-z0-9]([a-z0-9-]*[a-z0-9])?$",
  "x-remedy": "must hold only a-z, 0-9 and hyphens, no hyphen at either end",
  description: "Its name in paths; never changes. Made from the name by default.",
});

export const newApp = Type.Object({ name: displayName, slug: Type.Optional(slug) }, closed);
export const changedApp = Type.Object({ name: displayName }, closed);

export const shownApp = named(
  "App",
  Type.Object({
    id: Type.Integer(),
    uuid: Type.String(),
    name: Type.String(),
    slug: Type.String(),
    owner: Type.String(),
    created_at: instant,
    updated_at: instant,
  }),
);

export function showApp({ number, uuid, name, slug, owner, createdMs, updatedMs }: App): Static<typeof shownApp> {
  return {
    id: number,
    uuid,
    name,
    slug,
    owner,
    created_at: shownInstant(createdMs),
    updated_at: shownInstant(updatedMs),
  };
}
