import type { ErrorCode, FieldError } from "../errors.ts";

/** What the main thread and a thread of the pool say to each other, as structured clones. */

export interface TaskMessage {
  readonly task: string;
  readonly input: unknown;
}

/** How a task that threw is reported: errors lose their class on the way between threads. */
export interface Thrown {
  /** Absent for what no caller can mend. */
  readonly code?: ErrorCode;
  readonly message: string;
  readonly fields: readonly FieldError[];
}

export type TaskReply =
  /** Its modules are loaded; sent once, before anything else. */
  | { readonly kind: "ready" }
  /** `cpuMs`: what the task cost this thread. */
  | { readonly kind: "done"; readonly value: unknown; readonly cpuMs: number }
  | { readonly kind: "threw"; readonly thrown: Thrown; readonly cpuMs: number };
