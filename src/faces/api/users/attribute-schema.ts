import { Type } from "typebox";
import type { Context } from "../../../context.ts";
import { putAttributeSchema } from "../../../platform/users/attribute-schema.ts";
import { nullable } from "../../http/fields.ts";
import { named } from "../../http/named.ts";
import { type Route, route } from "../../http/route.ts";

const schema = Type.Object(
  {},
  {
    additionalProperties: true,
    description:
      "JSON Schema, draft 2020-12, of an object, at most 32 KiB and 1,000 schemas, its patterns 1,000 RE2 instructions together.",
  },
);
const shown = named("UserSchema", Type.Object({ schema: nullable(schema) }));

/** What the attributes of the tenant's users must fit. */
export function attributeSchemaRoutes({
  store,
  publish,
  offload,
}: Pick<Context, "store" | "publish" | "offload">): Route[] {
  const path = "/api/cloud/users/schema/";
  const [reading, changing] = [
    { role: "developer", tag: "users" },
    { role: "admin", tag: "users" },
  ] as const;
  return [
    route({
      ...reading,
      method: "GET",
      path,
      summary: "Shows what users' attributes must fit; null when they may be anything",
      message: "Schema retrieved successfully",
      data: shown,
      handle: async ({ caller }) => ({ schema: (await store.users.schema(caller.tenant)) ?? null }),
    }),
    route({
      ...changing,
      method: "PUT",
      path,
      summary: "Sets what users' attributes must fit from now on",
      description: "Users who are there are not looked at: what they have stays until their attributes are changed.",
      body: Type.Object({ schema }, { additionalProperties: false }),
      message: "Schema set successfully",
      data: shown,
      handle: async ({ caller, body }) => {
        await putAttributeSchema({ publish, offload }, caller.tenant, { ...body.schema });
        return body;
      },
    }),
    route({
      ...changing,
      method: "DELETE",
      path,
      summary: "Lets users' attributes be anything",
      message: "Schema removed successfully",
      data: shown,
      handle: async ({ caller }) => {
        await putAttributeSchema({ publish, offload }, caller.tenant, null);
        return { schema: null };
      },
    }),
  ];
}
