import { type Static, Type } from "typebox";
import { SignalboxError } from "../../errors.ts";
import { type Route, route } from "../http/route.ts";
import type { HostContext } from "./context.ts";

/** Waiting for what a function comes to, as `get()` of a task does. */

const longestWaitMs = 300_000;

const shownTask = Type.Object({
  task_id: Type.String(),
  status: Type.Enum(["success", "pending", "error"]),
  result: Type.Optional(
    Type.Unknown({
      description:
        'Of a hook its verdict, `{ decision: "allow", patch? }`; of a function on a POST event what it returned. Absent when that was longer than 16 KiB.',
    }),
  ),
  error: Type.Optional(
    Type.Object({
      code: Type.String({
        description:
          "`hook_denied`, `hook_error`, `hook_failed` or `hook_recursion` of a hook; `function_failed` when retries are used up.",
      }),
      message: Type.String(),
      fields: Type.Optional(Type.Array(Type.Object({ path: Type.String(), message: Type.String() }))),
      data: Type.Optional(Type.Object({}, { additionalProperties: true })),
    }),
  ),
});

const ofTasks = new Set(["hook_denied", "hook_error", "hook_failed", "hook_recursion", "function_failed"]);

export function hostTaskRoutes({ library }: Pick<HostContext, "library">): Route[] {
  return [
    route({
      method: "GET",
      path: "/host/v1/tasks/:task_id/",
      role: "host",
      tag: "events",
      summary: "Tells what a function has come to, and waits for that if asked",
      description:
        "Hooks are known for ten minutes after their end, and until the process ends; functions on POST events as long as the event is kept, through retries and restarts.",
      params: Type.Object({ task_id: Type.String({ maxLength: 128 }) }),
      query: Type.Object({
        wait_ms: Type.Optional(
          Type.Integer({
            minimum: 0,
            maximum: longestWaitMs,
            description: "How long to wait for the end before `pending` is answered. 0 by default.",
          }),
        ),
      }),
      message: "Task retrieved",
      data: shownTask,
      handle: async ({ caller: { tenant }, params: { task_id }, query: { wait_ms: timeoutMs = 0 }, signal }) => {
        try {
          const result = await library.taskValue({ tenant, taskId: task_id, timeoutMs, signal });
          return { task_id, status: "success" as const, ...(result === undefined ? {} : { result }) };
        } catch (thrown) {
          return { task_id, ...endOf(thrown) };
        }
      },
    }),
  ];
}

/** @throws what says nothing of the task. */
function endOf(thrown: unknown): Pick<Static<typeof shownTask>, "status" | "error"> {
  if (!(thrown instanceof SignalboxError)) throw thrown;
  const { code, message, fields, data } = thrown;
  if (code === "timeout") return { status: "pending" };
  if (!ofTasks.has(code)) throw thrown;
  const more = { ...(fields.length === 0 ? {} : { fields: [...fields] }), ...(data === undefined ? {} : { data }) };
  return { status: "error", error: { code, message, ...more } };
}
