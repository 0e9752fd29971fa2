import { type Static, Type } from "typebox";
import type { Context } from "../../context.ts";
import { defined } from "../../domain/defined.ts";
import { judgeHost } from "../../platform/access/host-tokens.ts";
import type { ResolverAsker } from "../../platform/host/operations/asker.ts";
import { beginOperation } from "../../platform/host/operations/begin.ts";
import {
  abortOperation,
  type CommittedOperation,
  commitOperation,
  findHostOperation,
  listHostOperations,
  type ReportContext,
} from "../../platform/host/operations/report.ts";
import { Cursors } from "../http/cursors.ts";
import { paging } from "../http/fields.ts";
import { type Route, route } from "../http/route.ts";
import { appField, resourceField, task, userField } from "./events.ts";
import { showIntent, showKnown, shownHostOperation } from "./operation-schema.ts";

/** Operations of a platform, between their hooks and their POST event. */

type OperationRoutesContext = ReportContext &
  Pick<Context, "vault" | "rates"> & { readonly asker: Pick<ResolverAsker, "ask" | "wake"> };

/** How long a platform may take to report the end of one, before its resolver is asked. */
const reportWithinMs = { least: 1_000, usual: 600_000, most: 86_400_000 };
const longestDeadlineMs = 300_000;

const begunOperation = Type.Object({
  operation_id: Type.String({
    description: "To be kept with what the operation writes: by it the resolver finds out what became of it.",
  }),
  params: Type.Object(
    {},
    { additionalProperties: true, description: "As the hooks left them, without what is sensitive." },
  ),
  warnings: Type.Array(Type.String(), { description: "Hooks that failed and need not have agreed." }),
});

const committedOperation = Type.Object({
  operation_id: Type.String(),
  event: Type.String({ description: "The POST event type." }),
  task_ids: Type.Array(task),
  total_subscribers: Type.Integer(),
});

const postParams = Type.Object(
  {},
  { additionalProperties: true, description: "Of the POST event: at most 256 KiB and 32 levels; they fit its type." },
);

function showCommitted({ operation, event, tasks, total }: CommittedOperation): Static<typeof committedOperation> {
  return { operation_id: operation, event, task_ids: [...tasks], total_subscribers: total };
}

export function hostOperationRoutes(context: OperationRoutesContext): Route[] {
  const { rates, clock, asker } = context;
  const cursors = new Cursors<string>(context.vault, "host operations");
  const common = { role: "host", tag: "operations" } as const;
  const path = "/host/v1/operations/";
  const params = Type.Object({ operation_id: Type.String() });
  return [
    route({
      ...common,
      method: "POST",
      path,
      operationId: "beginOperation",
      summary: "Asks the hooks about an operation that is about to be done",
      description:
        "200 when all agree, with the params as they left them; else the documented refusal: 400 `hook_denied` or `hook_error`, 503 `hook_failed`. With `intent` the operation is kept until `commit` or `abort` tells its end. Who goes away cancels the hooks, unless the request has an `Idempotency-Key`: then the same request is given the same answer, and no hook is asked again.",
      idempotent: true,
      body: Type.Object(
        {
          event: Type.String({
            minLength: 1,
            maxLength: 64,
            description: "What follows `PRE_` and `POST_` in a pair of event types: `ORDER_CREATE`.",
          }),
          params: Type.Object(
            {},
            {
              additionalProperties: true,
              description: "As proposed: at most 256 KiB and 32 levels; fits the PRE type.",
            },
          ),
          user: Type.Optional(userField),
          app: Type.Optional(appField),
          resource: Type.Optional(resourceField),
          deadline_ms: Type.Optional(
            Type.Integer({
              minimum: 1,
              maximum: longestDeadlineMs,
              description: "For all hooks together. Unset: SIGNALBOX_HOOK_CHAIN_MS.",
            }),
          ),
          intent: Type.Optional(
            Type.Boolean({ default: false, description: "Whether it is kept until its end is reported." }),
          ),
          report_within_ms: Type.Optional(
            Type.Integer({
              minimum: reportWithinMs.least,
              maximum: reportWithinMs.most,
              default: reportWithinMs.usual,
              description:
                "With `intent`: how long its end may take to be reported. After that the resolver is asked, and the operation stays open until it knows.",
            }),
          ),
        },
        { additionalProperties: false },
      ),
      message: "Every hook agreed",
      data: begunOperation,
      handle: async ({ caller, body, signal, remember }) => {
        const { event: type, params: proposed, user, app, resource, deadline_ms: chainMs, intent = false } = body;
        for (const phase of ["PRE", "POST"]) judgeHost(caller, { eventType: `${phase}_${type}` });
        using _admitted = rates.admit(caller.tenant);
        const optional = defined({ user, app, resource, chainMs });
        const asked = { tenant: caller.tenant, type, typeField: "event", params: proposed, signal, ...optional };
        const askMs = clock.now() + (body.report_within_ms ?? reportWithinMs.usual);
        const begun = await beginOperation(
          context,
          { ...asked, origin: "host" },
          {
            ...(intent ? { intent: { askMs } } : {}),
            also: ({ intent: kept, warnings }) => remember(shown(kept, warnings)),
          },
        );
        if (intent) asker.wake();
        return shown(begun.intent, begun.warnings);
      },
    }),
    route({
      ...common,
      method: "GET",
      path,
      operationId: "listOpenOperations",
      summary: "Lists operations that were begun with an intent and have not ended, the oldest first",
      description: "A page may be short while there is a next.",
      query: Type.Object({
        state: Type.Optional(
          Type.Enum(["open", "unresolved"], {
            description: "`unresolved`: the resolver was asked, and what became of it could not be found out yet.",
          }),
        ),
        ...paging,
      }),
      message: "Operations retrieved",
      data: Type.Object({
        operations: Type.Array(shownHostOperation),
        next_cursor: Type.Optional(Type.String({ description: "Absent on the last page." })),
      }),
      handle: async ({ caller, query: { limit, cursor, state } }) => {
        const page = cursors.page(caller, { limit, cursor });
        const { intents, next } = await listHostOperations(context, caller, { ...page, state });
        return { operations: intents.map(showIntent), ...cursors.next(caller, next) };
      },
    }),
    route({
      ...common,
      method: "GET",
      path: `${path}:operation_id/`,
      operationId: "getHostOperation",
      summary: "Shows an operation that was begun with an intent, and its end as long as events are kept",
      params,
      message: "Operation retrieved",
      data: shownHostOperation,
      handle: async ({ caller, params: { operation_id: id } }) =>
        showKnown(await findHostOperation(context, caller, id)),
    }),
    route({
      ...common,
      method: "POST",
      path: `${path}:operation_id/commit/`,
      operationId: "commitOperation",
      summary: "Reports that an operation was done: its POST event is published, and it ends",
      description:
        "Durable when answered. The same again is given the same answer, whatever its params; after an abort it is 409. Params that do not fit are 400, and the operation stays open.",
      params,
      idempotent: true,
      mustGetThrough: true,
      body: Type.Object(
        { params: postParams, resource: Type.Optional(resourceField) },
        { additionalProperties: false },
      ),
      message: "The operation is committed",
      data: committedOperation,
      handle: async ({ caller, params: { operation_id: operation }, body: { params: done, resource } }) =>
        showCommitted(await commitOperation(context, caller, { operation, params: done, ...defined({ resource }) })),
    }),
    route({
      ...common,
      method: "POST",
      path: `${path}:operation_id/abort/`,
      operationId: "abortOperation",
      summary: "Reports that an operation was not done: functions whose hooks ran are notified, and it ends",
      description: "The same again is given the same answer, whatever its reason; after a commit it is 409.",
      params,
      idempotent: true,
      mustGetThrough: true,
      body: Type.Object(
        { reason: Type.Optional(Type.String({ minLength: 1, maxLength: 500, description: "For the functions." })) },
        { additionalProperties: false },
      ),
      message: "The operation is aborted",
      data: shownHostOperation,
      handle: async ({ caller, params: { operation_id: operation }, body: { reason = "the platform aborted it" } }) =>
        showKnown({ kind: "ended", ended: await abortOperation(context, caller, { operation, reason }) }),
    }),
    route({
      ...common,
      method: "POST",
      path: `${path}:operation_id/resolve/`,
      operationId: "resolveOperation",
      summary: "Asks the resolver now what became of an operation, and shows it as it is then",
      params,
      mustGetThrough: true,
      message: "The resolver was asked",
      data: shownHostOperation,
      handle: async ({ caller, params: { operation_id: id }, signal }) => {
        const known = await findHostOperation(context, caller, id);
        if (known.kind === "ended") return showKnown(known);
        await asker.ask(known.intent, signal);
        return showKnown(await findHostOperation(context, caller, id));
      },
    }),
  ];
}

function shown(
  { operation, params }: { readonly operation: string; readonly params: object },
  warnings: readonly string[],
): Static<typeof begunOperation> {
  return { operation_id: operation, params: { ...params }, warnings: [...warnings] };
}
