import { Type } from "typebox";
import type { Context } from "../../context.ts";
import type { JsonObject } from "../../domain/merge-patch.ts";
import { findProfile, type Profile } from "../../platform/users/profile.ts";
import { instant, nullable, shownInstant } from "../http/fields.ts";
import { named } from "../http/named.ts";
import type { FaceRoute } from "./route.ts";

/** Who owns subscriptions, as the documented service shows it: the links of the notifications face lead here. */

const link = named("Link", Type.Object({ href: Type.String() }));
const shownProfile = named(
  "Profile",
  Type.Object({
    username: Type.String({ description: "Of the principal: what subscriptions call their owner." }),
    uuid: nullable(Type.String({ description: "To be subscribed to; null of a principal that is no user." })),
    first_name: Type.String(),
    last_name: Type.String(),
    full_name: Type.String(),
    email: nullable(Type.String()),
    email_verified: Type.Boolean(),
    status: Type.Enum(["ACTIVE", "INACTIVE"], { description: "INACTIVE: it has no rights any more." }),
    create_time: nullable(instant),
    _links: Type.Object({ self: link }, { additionalProperties: link }),
  }),
);

export function profileRoutes(deps: Pick<Context, "publicUrl" | "store">): FaceRoute[] {
  return [
    {
      methods: ["GET"],
      path: "/:username/",
      summary: "Shows a profile: `me` is your own; admins see all, others those of users whom they see",
      result: shownProfile,
      handle: async ({ caller, params }) =>
        show(await findProfile(deps, caller, params["username"] ?? ""), deps.publicUrl()),
    },
  ];
}

function show({ username, user, active, createdMs }: Profile, base: string): JsonObject {
  const { firstName = "", lastName = "" } = user ?? {};
  const href = (path: string): JsonObject => ({ href: `${base}${path}` });
  return {
    username,
    uuid: user?.uuid ?? null,
    first_name: firstName,
    last_name: lastName,
    full_name: `${firstName} ${lastName}`.trim(),
    email: user === undefined || user.email === "" ? null : user.email,
    email_verified: user?.emailVerified ?? false,
    status: active ? "ACTIVE" : "INACTIVE",
    create_time: createdMs === undefined ? null : shownInstant(createdMs),
    _links: {
      self: href(`/profiles/v2/${encodeURIComponent(username)}`),
      ...(user === undefined
        ? {}
        : {
            user: href(`/api/cloud/users/${user.uuid}/`),
            notifications: href(`/notifications/v2/?associatedUuid=${user.uuid}`),
          }),
    },
  };
}
