// Made by scripts/api-types.ts from the document of the interface.

export type PublishEventsRequest = {
  readonly event_type: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly user?: (string | Readonly<Record<string, unknown>>) | undefined;
  readonly app?: string | undefined;
  readonly resource?: string | undefined;
};
export type PublishEventsResponse =
  | {
      readonly status: "success";
      readonly message: string;
      readonly data: {
        readonly event: string;
        readonly task_ids: readonly StartedTask[];
        readonly total_subscribers: number;
      };
    }
  | {
      readonly status: "error";
      readonly code: "EXECUTION_ERROR";
      readonly message: string;
      readonly data: {
        readonly function_id: number | null;
        readonly function_name: string | null;
        readonly status: "error";
        readonly task_id: null;
      };
    };
export type StartedTask = {
  readonly function_id: number;
  readonly function_name: string;
  readonly task_id: string;
  readonly invocation_id: number;
};

/** What each operation takes and answers. */
export interface Operations {
  readonly publishEvents: {
    readonly params: {};
    readonly query: {};
    readonly body: PublishEventsRequest;
    readonly answer: PublishEventsResponse;
  };
}

/** Where each operation is. */
export const places = {
  publishEvents: ["POST", "/host/v1/events/"],
} as const satisfies Record<keyof Operations, readonly [string, string]>;

/** Those that take an `Idempotency-Key`. */
export const keyed = ["publishEvents"] as const satisfies readonly (keyof Operations)[];

/** Those whose answer is no JSON. */
export const raw = [] as const satisfies readonly (keyof Operations)[];

/** Those whose body is no JSON. */
export const uploads = [] as const satisfies readonly (keyof Operations)[];
