import { type Static, Type } from "typebox";
import {
  functionLogLevels,
  invocationStatuses,
  invocationTriggers,
  type LogLine,
  unsavedVersion,
} from "../../domain/invocation.ts";
import type { ShownInvocation } from "../../platform/functions/runs.ts";
import { instant, nullable, shownInstant, shownOptional } from "../http/fields.ts";
import { named } from "../http/named.ts";

/** How runs of functions are shown. */

export const status = Type.Enum([...invocationStatuses], {
  description: "`pending`: it has not ended; with `started_at` it is under way.",
});
export const trigger = Type.Enum([...invocationTriggers], {
  description:
    "`pre`: a hook; `post`: an attempt to deliver an event; `invoke`: a direct call; `trial`: a direct call of code that need not be the one that runs.",
});

export const logLine = named(
  "LogLine",
  Type.Object({ at_ms: Type.Number(), level: Type.Enum([...functionLogLevels]), message: Type.String() }),
);

export function showLogLine({ atMs, level, message }: LogLine): Static<typeof logLine> {
  return { at_ms: atMs, level, message };
}

const deniedField = named(
  "DeniedField",
  Type.Object({
    path: Type.String(),
    message: Type.String(),
    code: Type.Optional(Type.String()),
  }),
);
export const verdict = named(
  "Verdict",
  Type.Object({
    decision: Type.Enum(["allow", "deny"]),
    patch: Type.Optional(Type.Object({}, { additionalProperties: true, description: "What it changed (RFC 7396)." })),
    message: Type.Optional(Type.String()),
    code: Type.Optional(Type.String({ description: "The hook's own." })),
    fields: Type.Optional(Type.Array(deniedField)),
    error: Type.Optional(
      Type.Enum(["thrown", "returned"], { description: "It refused by an error of its own, not by a denial." }),
    ),
    notes: Type.Optional(
      Type.Array(Type.String(), { description: "What of it could not be used as it came, for the function's author." }),
    ),
  }),
);

/** What there is of every run. */
const run = {
  event_type: Type.String(),
  event_id: Type.String(),
  operation_id: Type.String(),
  status,
  verdict: nullable(verdict),
  result: Type.Unknown({ description: "What it returned; null also when that is long, or it returned nothing." }),
  error: nullable(
    named(
      "InvocationError",
      Type.Object({
        reason: Type.String({ description: "`threw`, `timeout`, `stalled`, `memory`, …" }),
        name: Type.String(),
        message: Type.String(),
        stack: nullable(Type.String({ description: "With places in the code as it was uploaded." })),
      }),
    ),
  ),
  duration_ms: nullable(Type.Number()),
  queue_ms: nullable(Type.Number({ description: "Of it: waiting for a slot." })),
  cold_start_ms: nullable(Type.Number({ description: "Of it: starting a process, and loading the code." })),
  logs: Type.Array(logLine),
  logs_cut: Type.Boolean({ description: "Some lines were too many, or too long." }),
  created_at: instant,
  started_at: nullable(instant),
};

/** Of code that is no function's. */
export const shownTrial = named("FunctionTrial", Type.Object(run));

export const shownInvocation = named(
  "Invocation",
  Type.Object({
    id: Type.Integer(),
    function_id: Type.Integer(),
    function_name: Type.String(),
    function_slug: Type.String(),
    app_slug: Type.String(),
    version: nullable(Type.Integer({ description: "Null: a trial of code that was not kept." })),
    trigger,
    attempt: Type.Integer(),
    delivery_id: nullable(Type.String({ description: "Of a POST event: `/api/cloud/deliveries/{id}/`." })),
    ...run,
  }),
);

export function showInvocation({ invocation, fn, delivery }: ShownInvocation): Static<typeof shownInvocation> {
  return {
    id: invocation.number,
    function_id: fn.number,
    function_name: fn.name,
    function_slug: fn.slug,
    app_slug: fn.appSlug,
    version: invocation.version === unsavedVersion ? null : invocation.version,
    trigger: invocation.trigger,
    attempt: invocation.attempt,
    delivery_id: delivery ?? null,
    ...showRun(invocation),
  };
}

export function showRun(invocation: Shown): Static<typeof shownTrial> {
  return {
    event_type: invocation.eventType,
    event_id: invocation.eventId,
    operation_id: invocation.operation,
    status: invocation.status,
    verdict: showVerdict(invocation.verdict),
    result: invocation.result ?? null,
    error: showError(invocation),
    duration_ms: invocation.durationMs ?? null,
    queue_ms: invocation.queueMs ?? null,
    cold_start_ms: invocation.coldMs ?? null,
    logs: invocation.logs.map(showLogLine),
    logs_cut: invocation.logsCut,
    created_at: shownInstant(invocation.createdMs),
    started_at: shownOptional(invocation.startedMs),
  };
}

type Shown = ShownInvocation["invocation"];

export function showVerdict(said: Shown["verdict"]): Static<typeof verdict> | null {
  if (said === undefined) return null;
  const { notes, ...rest } = said;
  const shownNotes = notes === undefined ? {} : { notes: [...notes] };
  if (rest.decision === "allow") return { ...rest, ...shownNotes };
  const { fields, ...denial } = rest;
  return {
    ...denial,
    ...shownNotes,
    ...(fields === undefined ? {} : { fields: fields.map((field) => ({ ...field })) }),
  };
}

function showError({ reason, error }: Shown): Static<typeof shownInvocation>["error"] {
  if (reason === undefined && error === undefined) return null;
  const { name = "Error", message = "", stack = null } = error ?? {};
  return { reason: reason ?? "threw", name, message, stack };
}
