import { type Static, type TObject, Type } from "typebox";
import type { Context } from "../../context.ts";
import type { Principal } from "../../domain/access.ts";
import { defined } from "../../domain/defined.ts";
import { invalidField } from "../../errors.ts";
import { type InvokeContext, type InvokeInput, invoke } from "../../platform/functions/invoke.ts";
import {
  findInvocation,
  listInvocations,
  listTenantInvocations,
  type ShownInvocation,
} from "../../platform/functions/runs.ts";
import { lastOfFull } from "../../store/page.ts";
import { Cursors } from "../http/cursors.ts";
import { nextCursor, paging } from "../http/fields.ts";
import { type Route, route } from "../http/route.ts";
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
    ...defined({ timeoutMs }),
  };
}

const filters = {
  status: Type.Optional(status),
  trigger: Type.Optional(trigger),
  event_type: Type.Optional(Type.String({ maxLength: 64, description: "`PRE_USER_CREATE`" })),
};

function readFilter({ status, trigger, event_type: eventType }: Static<TObject<typeof filters>>) {
  return defined({ status, trigger, eventType });
}

/** How functions ran, and running one now. */
export function invocationRoutes(deps: InvokeContext & Pick<Context, "vault">): Route[] {
  const cursors = new Cursors<number>(deps.vault, "invocations");
  const showPage = (caller: Principal, page: { readonly max: number }, found: readonly ShownInvocation[]) => {
    return {
      invocations: found.map(showInvocation),
      ...cursors.next(caller, lastOfFull(found, page)?.invocation.number),
    };
  };
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
      query: Type.Object({ ...filters, ...paging }),
      message: "Invocations retrieved successfully",
      data: Type.Object({ invocations: Type.Array(shownInvocation), next_cursor: nextCursor }),
      handle: async ({ caller, params, query }) => {
        const page = cursors.page(caller, query);
        return showPage(caller, page, await listInvocations(deps, caller, params, { ...readFilter(query), page }));
      },
    }),
    route({
      ...functionRoute,
      method: "GET",
      path: "/api/cloud/invocations/",
      summary: "Lists the invocations of all functions, newest first",
      query: Type.Object({
        ...filters,
        function_id: Type.Optional(Type.Integer({ minimum: 1, description: "Only this function's." })),
        ...paging,
      }),
      message: "Invocations retrieved successfully",
      data: Type.Object({ invocations: Type.Array(shownInvocation), next_cursor: nextCursor }),
      handle: async ({ caller, query }) => {
        const of = defined({ function: query.function_id });
        const filter = { ...readFilter(query), ...of, page: cursors.page(caller, query) };
        return showPage(caller, filter.page, await listTenantInvocations(deps, caller, filter));
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
      handle: async ({ caller, params }) => showInvocation(await findInvocation(deps, caller, params.id)),
    }),
  ];
}
