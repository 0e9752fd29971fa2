import { type Static, Type } from "typebox";
import { invalidField } from "../../errors.ts";
import {
  findInvocation,
  type InvokeDeps,
  type InvokeInput,
  invoke,
  listInvocations,
} from "../../resources/functions/invocations.ts";
import type { Vault } from "../../vault.ts";
import { Cursors } from "../cursors.ts";
import { defaultLimit, nextCursor, paging } from "../fields.ts";
import { type Route, route } from "../route.ts";
import { closed } from "./app-schema.ts";
import { timeout } from "./function-schema.ts";
import { functionParams, functionRoute, functionsPath } from "./functions.ts";
import { showInvocation, shownInvocation, status, trigger } from "./invocation-schema.ts";
import { params, readParams, readUser, user } from "./params.ts";

const invokeBody = Type.Object(
  {
    event: Type.Optional(
      Type.Object(
        {
          event_type: Type.Optional(
            Type.String({
              pattern: "^[A-Z][A-Z0-9_]{2,63}$",
              "x-remedy": "must be 3 to 64 of A-Z, 0-9 and _, a letter first",
              default: "INVOKE",
            }),
          ),
          params: Type.Optional(params),
          user: Type.Optional(user),
        },
        closed,
      ),
    ),
    params: Type.Optional({ ...params, description: "Short for `event.params`." }),
    timeout_ms: Type.Optional({ ...timeout, description: "Bounds the run, beside the function's own limit." }),
  },
  closed,
);

function readInvoke({ event = {}, params, timeout_ms: timeoutMs }: Static<typeof invokeBody>): InvokeInput {
  if (event.params !== undefined && params !== undefined) {
    throw invalidField("params", "goes without event.params: give them once");
  }
  return {
    eventType: event.event_type ?? "INVOKE",
    params: event.params === undefined ? readParams("params", params ?? {}) : readParams("event.params", event.params),
    user: readUser("event.user", event.user),
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
  };
}

/** How functions ran, and running one now. */
export function invocationRoutes(deps: InvokeDeps & { readonly vault: Vault }): Route[] {
  const { store } = deps;
  const cursors = new Cursors<number>(deps.vault, "invocations");
  return [
    route({
      ...functionRoute,
      method: "POST",
      path: `${functionsPath}:fn/invoke/`,
      summary: "Runs a function now, and answers with how that went",
      description:
        "200 also when the function fails: see `status`. The event reaches this function alone, enabled or not, and is not checked. When you hang up, the run is stopped.",
      params: functionParams,
      body: invokeBody,
      message: "Function invoked",
      data: shownInvocation,
      handle: async ({ caller, params, body, signal }) =>
        showInvocation(await invoke(deps, caller, params, { input: readInvoke(body), signal })),
    }),
    route({
      ...functionRoute,
      method: "GET",
      path: `${functionsPath}:fn/invocations/`,
      summary: "Lists a function's invocations, newest first",
      params: functionParams,
      query: Type.Object({ status: Type.Optional(status), trigger: Type.Optional(trigger), ...paging }),
      message: "Invocations retrieved successfully",
      data: Type.Object({ invocations: Type.Array(shownInvocation), next_cursor: nextCursor }),
      handle: async ({ caller, params, query: { limit = defaultLimit, cursor, ...filter } }) => {
        const after = cursor === undefined ? {} : { after: cursors.take(caller, cursor) };
        const invocations = await listInvocations(store, caller, params, { ...filter, page: { max: limit, ...after } });
        const last = invocations.at(-1)?.invocation.number;
        const next =
          invocations.length < limit || last === undefined ? {} : { next_cursor: cursors.give(caller, last) };
        return { invocations: invocations.map(showInvocation), ...next };
      },
    }),
    route({
      ...functionRoute,
      method: "GET",
      path: "/api/cloud/invocations/:id/",
      summary: "Shows an invocation",
      params: Type.Object({ id: Type.String() }),
      message: "Invocation retrieved successfully",
      data: shownInvocation,
      handle: async ({ caller, params }) => showInvocation(await findInvocation(store, caller, params.id)),
    }),
  ];
}
