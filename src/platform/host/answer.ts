import { SignalboxError } from "../../errors.ts";

/** What `publishEvent` answers, in the documented words. */

/** One run of a function that an event gave rise to. */
export interface PublishedTask {
  readonly function_id: number;
  readonly function_name: string;
  /** For `taskResult`. Of a POST event: the delivery's uuid. */
  readonly task_id: string;
  readonly invocation_id: number;
}

export interface Published {
  readonly status: "success";
  readonly message: "Event published successfully";
  readonly data: {
    /** The event type. */
    readonly event: string;
    readonly task_ids: readonly PublishedTask[];
    readonly total_subscribers: number;
  };
}

/** A function of a PRE event could not be started at all. */
export interface PublishFailed {
  readonly status: "error";
  readonly code: "EXECUTION_ERROR";
  readonly message: "Function execution failed";
  readonly data: {
    readonly function_id: number | null;
    readonly function_name: string | null;
    readonly status: "error";
    readonly task_id: null;
  };
}

export type PublishResult = Published | PublishFailed;

export function published(event: string, tasks: readonly PublishedTask[], total = tasks.length): Published {
  return {
    status: "success",
    message: "Event published successfully",
    data: { event, task_ids: tasks, total_subscribers: total },
  };
}

export function publishFailed(id: number | null, name: string | null): PublishFailed {
  return {
    status: "error",
    code: "EXECUTION_ERROR",
    message: "Function execution failed",
    data: { function_id: id, function_name: name, status: "error", task_id: null },
  };
}

/** Whether something was thrown because a function was not run. */
export function saysNotStarted(thrown: unknown): thrown is SignalboxError {
  return thrown instanceof SignalboxError && (thrown.code === "hook_failed" || thrown.code === "hook_recursion");
}
