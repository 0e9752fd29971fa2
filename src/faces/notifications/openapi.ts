import { type TSchema, Type } from "typebox";
import { ifMatchHeader } from "../http/if-match.ts";
import { callerSchema, etagHeader, ifMatch, tenantHeader } from "../http/openapi.ts";
import { errorSchema, successOf } from "./envelope.ts";
import { limits } from "./query.ts";
import type { FaceRoute } from "./route.ts";

/** How the routes of the notifications face are documented. */

const looks = {
  pretty: Type.Optional(Type.Boolean({ default: false, description: "With line breaks, for people." })),
  naked: Type.Optional(Type.Boolean({ default: false, description: "Only the result, without the envelope." })),
  filter: Type.Optional(
    Type.String({ description: "What is wanted of the result: `id,policy.retryLimit`. Absent: all of it." }),
  ),
};

const { defaultLimit, mostLimit, mostOffset } = limits;
const part = {
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: mostLimit, default: defaultLimit })),
  offset: Type.Optional(
    Type.Integer({ minimum: 0, maximum: mostOffset, default: 0, description: "How many are passed over." }),
  ),
};

function searchOf({ search = {} }: FaceRoute): Readonly<Record<string, TSchema>> {
  const fields = Object.entries(search).map(([name, type]) => {
    const description = `Searches (${type}). Operators follow a dot: \`${name}.neq\`, \`.lt\`, \`.lte\`, \`.gt\`, \`.gte\`, \`.like\`, \`.nlike\`, \`.rlike\`, \`.in\`, \`.nin\`, \`.on\`, \`.before\`, \`.after\`, \`.between\`, as far as the type has them.`;
    return [name, Type.Optional(Type.String({ description }))] as const;
  });
  return Object.fromEntries(fields);
}

export function notificationSchemaOf(route: FaceRoute): ReturnType<typeof callerSchema> {
  const { summary, body, result, status = 200, search, edited, methods } = route;
  const documented = callerSchema({ ...route, tag: "notifications", role: "member" });
  const takesIfMatch = edited !== undefined && !methods.includes("GET");
  return {
    ...documented,
    ...(takesIfMatch && { headers: Type.Object({ ...tenantHeader.properties, [ifMatchHeader]: ifMatch }) }),
    querystring: Type.Object({ ...looks, ...(search === undefined ? {} : part), ...searchOf(route) }),
    ...(body === undefined
      ? {}
      : { body, consumes: ["application/json", "application/x-www-form-urlencoded", "multipart/form-data"] }),
    response: {
      [status]: {
        description: summary,
        ...(edited !== undefined && !methods.includes("DELETE") && { headers: etagHeader }),
        ...successOf(result),
      },
      "4XX": { description: "Nothing was changed.", ...errorSchema },
      "5XX": { description: "Try again, when `code` says so.", ...errorSchema },
    },
  };
}
