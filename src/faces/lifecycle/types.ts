import { Type } from "typebox";
import type { Context } from "../../context.ts";
import { type TypesLanguage, typesLanguages } from "../../domain/types/written-types.ts";
import { typesOf } from "../../platform/declarations/types.ts";
import { type Route, route } from "../http/route.ts";

/** Which file the text is for, where nothing else is said. */
const fileNames: Readonly<Record<TypesLanguage, string>> = {
  typescript: "signalbox-events.ts",
  python: "signalbox_events.py",
  "json-schema": "signalbox-events.schema.json",
};
const mostNames = 100;

/** Types of all events, for who writes functions, receives webhooks, or publishes. */
export function typesRoutes(deps: Pick<Context, "store" | "slices" | "declared">): Route[] {
  return [
    route({
      method: "GET",
      path: "/api/cloud/types/",
      role: "member",
      tag: "events",
      operationId: "getTypes",
      summary: "Writes the types of everything that is sent, in TypeScript, Python or JSON Schema",
      description:
        "The params of every event type and of object and resource events, what functions get, and the bodies of webhooks of every face and format. With `event` only those event types. What the tenant's users may have as attributes is told to developers.",
      query: Type.Object({
        language: Type.Optional(Type.Enum([...typesLanguages], { default: "typescript" })),
        event: Type.Optional(
          Type.Array(Type.String(), {
            minItems: 1,
            maxItems: mostNames,
            description: "Event types, such as `POST_ORDER_SHIP`: their types alone.",
          }),
        ),
      }),
      message: "Types written successfully",
      data: Type.Object({
        language: Type.Enum([...typesLanguages]),
        file_name: Type.String({ description: "For a file that holds it." }),
        text: Type.String({ description: "A module of types alone, or a JSON Schema; at most 4 Mi characters." }),
      }),
      handle: async ({ caller, query: { language = "typescript", event = [] }, signal }) => ({
        language,
        file_name: fileNames[language],
        text: await typesOf(deps, caller, { language, events: event }, signal),
      }),
    }),
  ];
}
