import { ApiError } from "./failure.ts";
import type { Operations } from "./host-operations.ts";

/** Waiting for what a function comes to, in requests that are each short enough for what lies between. */

/** What a published event has started, to be waited for. */
export interface StartedFunction {
  readonly taskId: string;
  /**
   * Waits for its end. Of a hook: resolves with its verdict, `{ decision: "allow", patch? }`. Of a function on a POST event: resolves with
   * what it returned once it has succeeded, through retries and restarts; `undefined` when that was longer than 16 KiB.
   *
   * @throws ApiError `hook_denied`, `hook_error`, `hook_failed` or `hook_recursion` of a hook, `function_failed` when a function's retries are
   * used up, each with `data`; `timeout` while it has not ended: it goes on, and may be waited for again; `not_found` for a task that is not known.
   */
  get(options?: WaitOptions): Promise<unknown>;
}

export interface WaitOptions {
  /** How long the server waits in all, in milliseconds: 0 (look once) to 2,147,483,647. Default 300,000. */
  readonly timeoutMs?: number;
  /** Ends the waiting, and not the function. */
  readonly signal?: AbortSignal;
}

type ShownTask = Operations["getTask"]["answer"]["data"];

/** Asks what it has come to, and lets the server wait for so long. */
type Look = (waitMs: number) => Promise<ShownTask>;

const usualMs = 300_000;
const mostMs = 2 ** 31 - 1;
/** Proxies end requests that are silent for a minute, some after 30 s. */
const longestRoundMs = 20_000;

/** @throws RangeError for a time that cannot be meant. */
export async function taskValue(look: Look, taskId: string, timeoutMs = usualMs): Promise<unknown> {
  if (!Number.isInteger(timeoutMs) || timeoutMs < 0 || timeoutMs > mostMs) {
    throw new RangeError(`timeoutMs must be a number of milliseconds from 0 to ${mostMs}`);
  }
  for (let leftMs = timeoutMs; ; leftMs -= longestRoundMs) {
    const { status, result, error } = await look(Math.min(leftMs, longestRoundMs));
    if (status === "success") return result;
    if (error !== undefined) throw new ApiError(error.message, { ...error, status: 200, fields: error.fields ?? [] });
    if (leftMs <= longestRoundMs) {
      throw new ApiError(`task '${taskId}' has not ended within ${timeoutMs} ms`, { code: "timeout", status: 200 });
    }
  }
}
