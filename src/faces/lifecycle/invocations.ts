import { type Static, type TObject, Type } from "typebox";
import type { Principal } from "../../domain/access.ts";
import { defined } from "../../domain/defined.ts";
import { invalidField } from "../../errors.ts";
import { invoke } from "../../platform/functions/invoke.ts";
import {
  findInvocation,
  type ListedRuns,
  listInvocations,
  listTenantInvocations,
} from "../../platform/functions/runs.ts";
import { type TrialContext, tryCode } from "../../platform/functions/trial.ts";
import { Cursors } from "../http/cursors.ts";
import { instant, nextCursor, paging, readInstant, shownInstant } from "../http/fields.ts";
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
  version: Type.Optional(Type.Integer({ minimum: 1, description: "Of the function." })),
  since: Type.Optional({ ...instant, description: "Made at this instant or later (RFC 3339)." }),
  until: Type.Optional({ ...instant, description: "Made before this instant (RFC 3339)." }),
};

function readFilter({
  status,
  trigger,
  event_type: eventType,
  version,
  since,
  until,
}: Static<TObject<typeof filters>>) {
  const sinceMs = since === undefined ? undefined : readInstant("since", since);
  const untilMs = until === undefined ? undefined : readInstant("until", until);
  return defined({ status, trigger, eventType, version, sinceMs, untilMs });
}

const listedRuns = Type.Object({
  invocations: Type.Array(shownInvocation),
  next_cursor: nextCursor,
  searched_to: Type.Optional({
    ...instant,
    description: "How far was looked for `app`, `version`, `since` and `until`. Present when there is a `next_cursor`.",
  }),
});

/** How functions ran, and running one now. */
export function invocationRoutes(deps: TrialContext): Route[] {
  const cursors = new Cursors<number>(deps.vault, "invocations");
  const showPage = (caller: Principal, { runs, next, searchedMs }: ListedRuns) => ({
    invocations: runs.map(showInvocation),
    ...cursors.next(caller, next),
    ...(searchedMs === undefined ? {} : { searched_to: shownInstant(searchedMs) }),
  });
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
      data: listedRuns,
      handle: async ({ caller, params, query }) => {
        const page = cursors.page(caller, query);
        return showPage(caller, await listInvocations(deps, caller, params, { ...readFilter(query), page }));
      },
    }),
    route({
      ...functionRoute,
      method: "GET",
      path: "/api/cloud/invocations/",
      summary: "Lists the invocations of all functions, newest first",
      description:
        "`app`, `version`, `since` and `until` are looked for among some hundred invocations a page, so that a page may be short, or empty, while there is a next.",
      query: Type.Object({
        ...filters,
        function_id: Type.Optional(Type.Integer({ minimum: 1, description: "Only this function's." })),
        app: Type.Optional(
          Type.String({ maxLength: 63, description: "Only those of this app's functions: its slug." }),
        ),
        ...paging,
      }),
      message: "Invocations retrieved successfully",
      data: listedRuns,
      handle: async ({ caller, query }) => {
        const of = defined({ function: query.function_id, app: query.app });
        const filter = { ...readFilter(query), ...of, page: cursors.page(caller, query) };
        return showPage(caller, await listTenantInvocations(deps, caller, filter));
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
