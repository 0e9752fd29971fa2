import { Type } from "typebox";
import type { Context } from "../../../context.ts";
import type { Principal } from "../../../domain/access.ts";
import { userSchemaThing } from "../../../platform/edits.ts";
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
export function attributeSchemaRoutes(deps: Pick<Context, "store" | "publish" | "offload" | "clock">): Route[] {
  const edited = async ({ caller: { tenant } }: { readonly caller: Principal }) => ({
    things: [userSchemaThing(tenant)],
  });
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
      edited,
      message: "Schema retrieved successfully",
      data: shown,
      handle: async ({ caller }) => ({ schema: (await deps.store.users.schema(caller.tenant)) ?? null }),
    }),
    route({
      ...changing,
      method: "PUT",
      path,
      summary: "Sets what users' attributes must fit from now on",
      description: "Users who are there are not looked at: what they have stays until their attributes are changed.",
      body: Type.Object({ schema }, { additionalProperties: false }),
      edited,
      message: "Schema set successfully",
      data: shown,
      handle: async ({ caller, body, conditional }) => {
        await putAttributeSchema(conditional(deps), caller, { ...body.schema });
        return body;
      },
    }),
    route({
      ...changing,
      method: "DELETE",
      path,
      summary: "Lets users' attributes be anything",
      edited,
      message: "Schema removed successfully",
      data: shown,
      handle: async ({ caller, conditional }) => {
        await putAttributeSchema(conditional(deps), caller, null);
        return { schema: null };
      },
    }),
  ];
}
