import { type Static, Type } from "typebox";
import type { FunctionsContext } from "../../platform/functions/deps.ts";
import {
  activateVersion,
  findVersion,
  keepVersion,
  listVersions,
  rollBack,
} from "../../platform/functions/versions.ts";
import { lastOfFull } from "../../store/page.ts";
import type { KnownFunction } from "../../store/records.ts";
import type { ListedVersion } from "../../store/store.ts";
import { Cursors } from "../http/cursors.ts";
import { instant, nextCursor, paging, shownInstant } from "../http/fields.ts";
import { named } from "../http/named.ts";
import { type Route, route } from "../http/route.ts";
import { closed } from "./app-schema.ts";
import { code, functionBody, language, shownFunction } from "./function-schema.ts";
import { editedFunction, functionParams, functionRoute, functionsPath, maxBodyBytes } from "./functions.ts";

const shownVersion = named(
  "FunctionVersion",
  Type.Object({
    version: Type.Integer(),
    hash: Type.String({ description: "SHA-256 of the code." }),
    language,
    active: Type.Boolean({ description: "Whether it is the one that runs." }),
    ran: Type.Boolean({ description: "Whether it has been the one that runs; false of one that was only kept." }),
    created_at: instant,
    created_by: Type.String(),
  }),
);

function showVersion(fn: KnownFunction, version: ListedVersion): Static<typeof shownVersion> {
  return {
    version: version.number,
    hash: version.hash,
    language: version.language,
    active: version.number === fn.version,
    ran: version.neverRan !== true,
    created_at: shownInstant(version.createdMs),
    created_by: version.createdBy,
  };
}

/** A function's code over time. */
export function versionRoutes(deps: FunctionsContext): Route[] {
  const { store } = deps;
  const path = `${functionsPath}:fn/versions/`;
  const params = Type.Object({ ...functionParams.properties, version: Type.String({ description: "Its number." }) });
  const cursors = new Cursors<number>(deps.vault, "versions");
  return [
    route({
      ...functionRoute,
      method: "GET",
      path,
      summary: "Lists a function's versions, newest first",
      params: functionParams,
      query: Type.Object(paging),
      message: "Versions retrieved successfully",
      data: Type.Object({ versions: Type.Array(shownVersion), next_cursor: nextCursor }),
      handle: async ({ caller, params, query }) => {
        const page = cursors.page(caller, query);
        const { fn, versions } = await listVersions(store, caller, params, page);
        return {
          versions: versions.map((version) => showVersion(fn, version)),
          ...cursors.next(caller, lastOfFull(versions, page)?.number),
        };
      },
    }),
    route({
      ...functionRoute,
      method: "POST",
      path,
      operationId: "keepVersion",
      summary: "Keeps code as a version, without letting it run",
      description:
        "What an upload would be refused for, this is. Code that is that of a version which is kept already is that version. It is run by activating it.",
      params: functionParams,
      body: Type.Object({ code, language: Type.Optional(language) }, closed),
      maxBodyBytes,
      idempotent: true,
      status: 201,
      message: "Version kept successfully",
      data: shownVersion,
      handle: async ({ caller, params, body }) => {
        const { fn, version } = await keepVersion(deps, caller, params, body);
        return showVersion(fn, version);
      },
    }),
    route({
      ...functionRoute,
      method: "GET",
      path: `${path}:version/`,
      summary: "Shows a version with its code",
      params,
      message: "Version retrieved successfully",
      data: Type.Object({ ...shownVersion.properties, code: Type.String({ description: "As it was uploaded." }) }),
      handle: async ({ caller, params }) => {
        const { fn, version } = await findVersion(store, caller, params);
        return { ...showVersion(fn, version), code: version.source };
      },
    }),
    route({
      ...functionRoute,
      method: "POST",
      path: `${path}:version/activate/`,
      summary: "Makes a version the one that runs, from the next event on",
      params,
      edited: editedFunction(store),
      message: "Version activated successfully",
      data: shownFunction,
      handle: async ({ caller, params, conditional }) =>
        functionBody(await activateVersion(conditional(deps), caller, params)),
    }),
    route({
      ...functionRoute,
      method: "POST",
      path: `${functionsPath}:fn/rollback/`,
      summary: "Makes the version that ran before the one that runs the one that does",
      params: functionParams,
      edited: editedFunction(store),
      message: "Function rolled back successfully",
      data: shownFunction,
      handle: async ({ caller, params, conditional }) =>
        functionBody(await rollBack(conditional(deps), caller, params)),
    }),
  ];
}
