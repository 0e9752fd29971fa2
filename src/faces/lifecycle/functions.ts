import { Type } from "typebox";
import type { Principal } from "../../domain/access.ts";
import { changeFunction, removeFunction } from "../../platform/functions/change.ts";
import { longestCode } from "../../platform/functions/code.ts";
import type { FunctionsContext } from "../../platform/functions/deps.ts";
import {
  createFunction,
  type FunctionPlace,
  findFunction,
  showFunction as findShown,
  functionById,
  listFunctions,
} from "../../platform/functions/functions.ts";
import { lastOfFull } from "../../store/page.ts";
import type { Store } from "../../store/store.ts";
import { Cursors } from "../http/cursors.ts";
import type { Edited } from "../http/edited.ts";
import { nextCursor, paging } from "../http/fields.ts";
import { type Route, route } from "../http/route.ts";
import { appParams } from "./apps.ts";
import { changedFunction, functionBody, newFunction, readFunction, shownFunction } from "./function-schema.ts";

export const functionsPath = "/api/apps/:app/functions/";
export const functionParams = Type.Object({
  ...appParams.properties,
  fn: Type.String({ description: "Slug or `id`." }),
});
/** Code as a JSON text takes more than its bytes. */
export const maxBodyBytes = 2.5 * longestCode;
export const functionRoute = { role: "developer", tag: "functions" } as const;

/** Code, settings and which version runs are edited together. */
export function editedFunction(store: Store) {
  return async ({
    caller,
    params,
  }: {
    readonly caller: Principal;
    readonly params: FunctionPlace;
  }): Promise<Edited> => ({
    things: [(await findFunction(store, caller, params)).uuid],
  });
}

/** An app's functions. What is changed counts from the next event on. */
export function functionRoutes(deps: FunctionsContext): Route[] {
  const { store } = deps;
  const cursors = new Cursors<number>(deps.vault, "functions");
  return [
    route({
      ...functionRoute,
      method: "GET",
      path: functionsPath,
      summary: "Lists an app's functions, oldest first",
      params: appParams,
      query: Type.Object(paging),
      message: "Functions retrieved successfully",
      data: Type.Object({ functions: Type.Array(shownFunction), next_cursor: nextCursor }),
      handle: async ({ caller, params, query }) => {
        const page = cursors.page(caller, query);
        const functions = await listFunctions(store, caller, params.app, page);
        return {
          functions: functions.map(functionBody),
          ...cursors.next(caller, lastOfFull(functions, page)?.fn.number),
        };
      },
    }),
    route({
      ...functionRoute,
      method: "POST",
      path: functionsPath,
      summary: "Makes a function; code that does not load is refused, with file, line and column",
      params: appParams,
      body: newFunction,
      maxBodyBytes,
      idempotent: true,
      status: 201,
      made: ({ uuid }) => uuid,
      message: "Function created successfully",
      data: shownFunction,
      handle: async ({ caller, params, body }) =>
        functionBody(await createFunction(deps, caller, { ...readFunction(body), app: params.app })),
    }),
    route({
      ...functionRoute,
      method: "GET",
      path: `${functionsPath}:fn/`,
      summary: "Shows a function",
      params: functionParams,
      edited: editedFunction(store),
      message: "Function retrieved successfully",
      data: shownFunction,
      handle: async ({ caller, params }) => functionBody(await findShown(store, caller, params)),
    }),
    route({
      ...functionRoute,
      method: "GET",
      path: "/api/cloud/functions/:id/",
      operationId: "findFunction",
      summary: "Shows a function, whichever app it is of",
      params: Type.Object({ id: Type.String({ description: "Its `uuid` or its `id`." }) }),
      message: "Function retrieved successfully",
      data: shownFunction,
      handle: async ({ caller, params }) => functionBody(await functionById(store, caller, params.id)),
    }),
    route({
      ...functionRoute,
      method: "PATCH",
      path: `${functionsPath}:fn/`,
      summary: "Changes a function, from the next event on",
      params: functionParams,
      edited: editedFunction(store),
      body: changedFunction,
      maxBodyBytes,
      message: "Function changed successfully",
      data: shownFunction,
      handle: async ({ caller, params, body, conditional }) =>
        functionBody(await changeFunction(conditional(deps), caller, params, readFunction(body))),
    }),
    route({
      ...functionRoute,
      method: "DELETE",
      path: `${functionsPath}:fn/`,
      summary: "Deletes a function with its subscriptions; what still waited becomes a dead letter",
      params: functionParams,
      edited: editedFunction(store),
      message: "Function deleted successfully",
      data: Type.Object({}),
      handle: async ({ caller, params, conditional }) => {
        await removeFunction(conditional(deps), caller, params);
        return {};
      },
    }),
  ];
}
