import { type Static, type TObject, Type } from "typebox";
import type { Principal } from "../../domain/access.ts";
import { defined } from "../../domain/defined.ts";
import { invalidField } from "../../errors.ts";
import { invoke } from "../../platform/functions/invoke.ts";
import {
  findInvocation,
  listInvocations,
  listTenantInvocations,
  type ShownInvocation,
} from "../../platform/functions/runs.ts";
import { type TrialContext, tryCode } from "../../platform/functions/trial.ts";
import { lastOfFull } from "../../store/page.ts";
import { Cursors } from "../http/cursors.ts";
import { nextCursor, paging } from "../http/fields.ts";
import { type Route, route } from "../http/route.ts";
import { closed } from "./app-schema.ts";
import { code, language } from "./function-schema.ts";
import { functionParams, functionRoute, functionsPath, maxBodyBytes } from "./functions.ts";
import { showInvocation, shownInvocation, status, trigger } from "./invocation-schema.ts";
import { readSaidEvent, saidEvent } from "./said-event.ts";

const invokeBody = Type.Object(
  {
    ...saidEvent,
    version: Type.Optional(Type.Integer({ minimum: 1, description: "Tries this version, whichever runs." })),
    code: Type.Optional({ ...code, description: "Tries this code, which is not kept." }),
    language: Type.Optional({ ...language, description: "Of `code`; by default that of the version that runs." }),
    secrets: Type.Optional(
      Type.Boolean({ default: true, description: "Of a trial: whether it gets the function's secrets." }),
    ),
    dry_run: Type.Optional(
      Type.Boolean({
        default: true,
        description:
          "Of a trial: its `api` only reads. False: it does what it does (of a `PRE_` event, with `writes`).",
      }),
    ),
  },
  closed,
);

type InvokeBody = Static<typeof invokeBody>;

/** `undefined`: what runs for events is run. */
function readTried({ code, version, language, secrets, dry_run: dryRun }: InvokeBody) {
  if (code !== undefined && version !== undefined) throw invalidField("version", "goes without code: give one of them");
  if (code === undefined && language !== undefined) throw invalidField("language", "goes with code: give both");
  const more = { secrets: secrets ?? true, dryRun: dryRun ?? true };
  if (code !== undefined) return { tried: { code, ...defined({ language }) }, ...more };
  if (version !== undefined) return { tried: { version: String(version) }, ...more };
  const idle = Object.entries(defined({ secrets, dry_run: dryRun }))[0]?.[0];
  if (idle !== undefined)
    throw invalidField(idle, "goes with code or version: without them what runs for events is run");
  return undefined;
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
export function invocationRoutes(deps: TrialContext): Route[] {
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
      summary: "Runs a function now, or other code in its place, and answers with how that went",
      description:
        "200 also when the function fails: see `status`. The event reaches this function alone, enabled or not, and is not checked. When you hang up, the run is stopped. With `code` or `version` it is a trial: a dry run by default, in a process alone, of at most 30 seconds unless `timeout_ms` says more, of which nothing is kept but the invocation, with the trigger `trial`. Of a `PRE_` event it shows the verdict.",
      params: functionParams,
      body: invokeBody,
      maxBodyBytes,
      message: "Function invoked",
      data: shownInvocation,
      handle: async ({ caller, params, body, signal }) => {
        const tried = readTried(body);
        const asked = { input: readSaidEvent(body), signal };
        const ran =
          tried === undefined
            ? invoke(deps, caller, params, asked)
            : tryCode(deps, caller, params, { ...tried, ...asked });
        return showInvocation(await ran);
      },
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
