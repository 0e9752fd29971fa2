// Made by scripts/api-types.ts from the document of the interface.

export type AbortOperationRequest = { readonly reason?: string | undefined };
export type AbortOperationResponse = { readonly success: true; readonly message: string; readonly data: HostOperation };
export type BeginOperationRequest = {
  readonly event: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly user?: (string | Readonly<Record<string, unknown>>) | undefined;
  readonly app?: string | undefined;
  readonly resource?: string | undefined;
  readonly deadline_ms?: number | undefined;
  readonly intent?: boolean | undefined;
  readonly report_within_ms?: number | undefined;
};
export type BeginOperationResponse = {
  readonly success: true;
  readonly message: string;
  readonly data: {
    readonly operation_id: string;
    readonly params: Readonly<Record<string, unknown>>;
    readonly warnings: readonly string[];
  };
};
export type CommitOperationRequest = {
  readonly params: Readonly<Record<string, unknown>>;
  readonly resource?: string | undefined;
};
export type CommitOperationResponse = {
  readonly success: true;
  readonly message: string;
  readonly data: {
    readonly operation_id: string;
    readonly event: string;
    readonly task_ids: readonly StartedTask[];
    readonly total_subscribers: number;
  };
};
export type CreateUserRequest = {
  readonly username: string;
  readonly email?: string | undefined;
  readonly first_name?: string | undefined;
  readonly last_name?: string | undefined;
  readonly attributes?: Readonly<Record<string, unknown>> | undefined;
  readonly user?: (string | Readonly<Record<string, unknown>>) | undefined;
};
export type CreateUserResponse = { readonly success: true; readonly message: string; readonly data: HostChangedUser };
export type DeleteEventTypeResponse = {
  readonly success: true;
  readonly message: string;
  readonly data: Readonly<Record<string, unknown>>;
};
export type DeleteGrantResponse = {
  readonly success: true;
  readonly message: string;
  readonly data: Readonly<Record<string, unknown>>;
};
export type DeleteKindResponse = {
  readonly success: true;
  readonly message: string;
  readonly data: Readonly<Record<string, unknown>>;
};
export type DeleteResourceResponse = { readonly success: true; readonly message: string; readonly data: HostResource };
export type DeleteUserResponse = { readonly success: true; readonly message: string; readonly data: HostChangedUser };
export type GetEventTypeResponse = { readonly success: true; readonly message: string; readonly data: HostEventType };
export type GetHostOperationResponse = {
  readonly success: true;
  readonly message: string;
  readonly data: HostOperation;
};
export type GetKindResponse = { readonly success: true; readonly message: string; readonly data: HostKind };
export type GetResolverResponse = { readonly success: true; readonly message: string; readonly data: Resolver };
export type GetResourceResponse = { readonly success: true; readonly message: string; readonly data: HostResource };
export type GetTaskResponse = {
  readonly success: true;
  readonly message: string;
  readonly data: {
    readonly task_id: string;
    readonly status: "success" | "pending" | "error";
    readonly result?: unknown;
    readonly error?:
      | {
          readonly code: string;
          readonly message: string;
          readonly fields?: readonly { readonly path: string; readonly message: string }[] | undefined;
          readonly data?: Readonly<Record<string, unknown>> | undefined;
        }
      | undefined;
  };
};
export type GetUserResponse = { readonly success: true; readonly message: string; readonly data: User };
export type HostChangedUser = {
  readonly id: number;
  readonly uuid: string;
  readonly username: string;
  readonly email: string;
  readonly email_verified: boolean;
  readonly first_name: string;
  readonly last_name: string;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly created_at: string;
  readonly updated_at: string;
  readonly operation_id?: string | undefined;
  readonly warnings?: readonly string[] | undefined;
};
export type HostEventType = {
  readonly name: string;
  readonly phase: "pre" | "post";
  readonly resource: string;
  readonly description?: string | undefined;
  readonly schema: Readonly<Record<string, unknown>>;
  readonly sensitive?: readonly string[] | undefined;
  readonly public?: readonly string[] | undefined;
  readonly changeable?: readonly string[] | undefined;
  readonly source: "built_in" | "host" | "declared";
  readonly version?: number | undefined;
  readonly declared_by?: string | undefined;
  readonly created_at?: string | undefined;
  readonly updated_at?: string | undefined;
};
export type HostKind = {
  readonly name: string;
  readonly code?: string | undefined;
  readonly events?: readonly string[] | undefined;
  readonly open?: boolean | undefined;
  readonly parents?: readonly string[] | undefined;
  readonly macros?: Readonly<Record<string, string>> | undefined;
  readonly source: "own" | "documented" | "host" | "declared";
  readonly declared?:
    | {
        readonly code?: string | undefined;
        readonly events?: readonly string[] | undefined;
        readonly open?: boolean | undefined;
        readonly parents?: readonly string[] | undefined;
        readonly macros?: Readonly<Record<string, string>> | undefined;
      }
    | undefined;
  readonly version?: number | undefined;
  readonly declared_by?: string | undefined;
  readonly created_at?: string | undefined;
  readonly updated_at?: string | undefined;
};
export type HostOperation = {
  readonly operation_id: string;
  readonly event: string;
  readonly state: "open" | "unresolved" | "committed" | "aborted";
  readonly params: Readonly<Record<string, unknown>> | null;
  readonly resource: string | null;
  readonly begun_at: string | null;
  readonly ask_at: string | null;
  readonly reason: string | null;
  readonly ended_at: string | null;
};
export type HostResource = {
  readonly uuid: string;
  readonly kind: string;
  readonly owner: string;
  readonly app?: string | undefined;
  readonly parents?: readonly string[] | undefined;
  readonly data: Readonly<Record<string, unknown>>;
  readonly created_at: string;
  readonly updated_at: string;
};
export type ListEventTypesResponse = {
  readonly success: true;
  readonly message: string;
  readonly data: { readonly event_types: readonly HostEventType[]; readonly next_cursor?: string | undefined };
};
export type ListGrantsResponse = {
  readonly success: true;
  readonly message: string;
  readonly data: { readonly grants: readonly { readonly principal: string; readonly permission: "read" | "write" }[] };
};
export type ListKindsResponse = {
  readonly success: true;
  readonly message: string;
  readonly data: { readonly kinds: readonly HostKind[]; readonly next_cursor?: string | undefined };
};
export type ListOpenOperationsResponse = {
  readonly success: true;
  readonly message: string;
  readonly data: { readonly operations: readonly HostOperation[]; readonly next_cursor?: string | undefined };
};
export type ListResourcesResponse = {
  readonly success: true;
  readonly message: string;
  readonly data: { readonly resources: readonly HostResource[]; readonly next_cursor?: string | undefined };
};
export type ListUsersResponse = {
  readonly success: true;
  readonly message: string;
  readonly data: { readonly users: readonly User[]; readonly next_cursor?: string | undefined };
};
export type PublishEventsRequest =
  | {
      readonly events: readonly {
        readonly event_type: string;
        readonly params: Readonly<Record<string, unknown>>;
        readonly user?: (string | Readonly<Record<string, unknown>>) | undefined;
        readonly app?: string | undefined;
        readonly resource?: string | undefined;
      }[];
    }
  | {
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
        readonly duplicate?: true | undefined;
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
    }
  | {
      readonly status: "success";
      readonly message: string;
      readonly data: {
        readonly results: readonly {
          readonly event: string;
          readonly task_ids: readonly StartedTask[];
          readonly total_subscribers: number;
          readonly duplicate?: true | undefined;
        }[];
      };
    };
export type PutEventTypeRequest = {
  readonly phase: "pre" | "post";
  readonly resource: string;
  readonly description?: string | undefined;
  readonly schema: Readonly<Record<string, unknown>>;
  readonly sensitive?: readonly string[] | undefined;
  readonly public?: readonly string[] | undefined;
  readonly changeable?: readonly string[] | undefined;
};
export type PutEventTypeResponse = {
  readonly success: true;
  readonly message: string;
  readonly data: {
    readonly name: string;
    readonly phase: "pre" | "post";
    readonly resource: string;
    readonly description?: string | undefined;
    readonly schema: Readonly<Record<string, unknown>>;
    readonly sensitive?: readonly string[] | undefined;
    readonly public?: readonly string[] | undefined;
    readonly changeable?: readonly string[] | undefined;
    readonly source: "built_in" | "host" | "declared";
    readonly version?: number | undefined;
    readonly declared_by?: string | undefined;
    readonly created_at?: string | undefined;
    readonly updated_at?: string | undefined;
    readonly result: "declared" | "changed" | "unchanged";
    readonly paused: number;
  };
};
export type PutGrantRequest = {
  readonly permission: "read" | "write";
  readonly user?: (string | Readonly<Record<string, unknown>>) | undefined;
};
export type PutGrantResponse = {
  readonly success: true;
  readonly message: string;
  readonly data: { readonly principal: string; readonly permission: "read" | "write" };
};
export type PutKindRequest = {
  readonly code?: string | undefined;
  readonly events?: readonly string[] | undefined;
  readonly open?: boolean | undefined;
  readonly parents?: readonly string[] | undefined;
  readonly macros?: Readonly<Record<string, string>> | undefined;
};
export type PutKindResponse = {
  readonly success: true;
  readonly message: string;
  readonly data: {
    readonly name: string;
    readonly code?: string | undefined;
    readonly events?: readonly string[] | undefined;
    readonly open?: boolean | undefined;
    readonly parents?: readonly string[] | undefined;
    readonly macros?: Readonly<Record<string, string>> | undefined;
    readonly source: "own" | "documented" | "host" | "declared";
    readonly declared?:
      | {
          readonly code?: string | undefined;
          readonly events?: readonly string[] | undefined;
          readonly open?: boolean | undefined;
          readonly parents?: readonly string[] | undefined;
          readonly macros?: Readonly<Record<string, string>> | undefined;
        }
      | undefined;
    readonly version?: number | undefined;
    readonly declared_by?: string | undefined;
    readonly created_at?: string | undefined;
    readonly updated_at?: string | undefined;
    readonly result: "declared" | "changed" | "unchanged";
  };
};
export type PutResolverRequest = { readonly url: string; readonly new_secret?: boolean | undefined };
export type PutResolverResponse = { readonly success: true; readonly message: string; readonly data: Resolver };
export type PutResourceRequest = {
  readonly kind: string;
  readonly owner: string;
  readonly app?: string | undefined;
  readonly parents?: readonly string[] | undefined;
  readonly data?: Readonly<Record<string, unknown>> | undefined;
  readonly announce?: boolean | undefined;
  readonly user?: (string | Readonly<Record<string, unknown>>) | undefined;
};
export type PutResourceResponse = {
  readonly success: true;
  readonly message: string;
  readonly data: {
    readonly uuid: string;
    readonly kind: string;
    readonly owner: string;
    readonly app?: string | undefined;
    readonly parents?: readonly string[] | undefined;
    readonly data: Readonly<Record<string, unknown>>;
    readonly created_at: string;
    readonly updated_at: string;
    readonly result: "registered" | "changed" | "unchanged";
  };
};
export type PutUserRequest = {
  readonly email?: string | undefined;
  readonly first_name?: string | undefined;
  readonly last_name?: string | undefined;
  readonly attributes?: Readonly<Record<string, unknown>> | undefined;
  readonly user?: (string | Readonly<Record<string, unknown>>) | undefined;
};
export type PutUserResponse = {
  readonly success: true;
  readonly message: string;
  readonly data: {
    readonly id: number;
    readonly uuid: string;
    readonly username: string;
    readonly email: string;
    readonly email_verified: boolean;
    readonly first_name: string;
    readonly last_name: string;
    readonly attributes: Readonly<Record<string, unknown>>;
    readonly created_at: string;
    readonly updated_at: string;
    readonly operation_id?: string | undefined;
    readonly warnings?: readonly string[] | undefined;
    readonly result: "created" | "changed" | "unchanged";
  };
};
export type RaiseEventRequest = {
  readonly event: string;
  readonly data?: Readonly<Record<string, unknown>> | undefined;
  readonly parents?: readonly string[] | undefined;
  readonly user?: (string | Readonly<Record<string, unknown>>) | undefined;
};
export type RaiseEventResponse = {
  readonly success: true;
  readonly message: string;
  readonly data: { readonly sequence: string };
};
export type RaiseEventsRequest = {
  readonly events: readonly {
    readonly uuid: string;
    readonly event: string;
    readonly data?: Readonly<Record<string, unknown>> | undefined;
    readonly parents?: readonly string[] | undefined;
  }[];
  readonly user?: (string | Readonly<Record<string, unknown>>) | undefined;
};
export type RaiseEventsResponse = {
  readonly success: true;
  readonly message: string;
  readonly data: { readonly sequences: readonly string[] };
};
export type RegisterResourcesRequest = {
  readonly resources: readonly {
    readonly uuid?: string | undefined;
    readonly kind: string;
    readonly owner: string;
    readonly app?: string | undefined;
    readonly parents?: readonly string[] | undefined;
    readonly data?: Readonly<Record<string, unknown>> | undefined;
  }[];
  readonly existing?: "refuse" | "change" | undefined;
  readonly announce?: boolean | undefined;
  readonly user?: (string | Readonly<Record<string, unknown>>) | undefined;
};
export type RegisterResourcesResponse = {
  readonly success: true;
  readonly message: string;
  readonly data: {
    readonly resources: readonly { readonly uuid: string; readonly result: "registered" | "changed" | "unchanged" }[];
  };
};
export type RemoveResolverResponse = {
  readonly success: true;
  readonly message: string;
  readonly data: Readonly<Record<string, unknown>>;
};
export type ResolveOperationResponse = {
  readonly success: true;
  readonly message: string;
  readonly data: HostOperation;
};
export type Resolver = {
  readonly url: string;
  readonly all_tenants: boolean;
  readonly created_at: string;
  readonly updated_at: string;
  readonly signing_secret?: string | undefined;
};
export type StartedTask = {
  readonly function_id: number;
  readonly function_name: string;
  readonly task_id: string;
  readonly invocation_id: number;
};
export type UpdateUserRequest = {
  readonly username?: string | undefined;
  readonly email?: (string | null) | undefined;
  readonly first_name?: (string | null) | undefined;
  readonly last_name?: (string | null) | undefined;
  readonly attributes?: (Readonly<Record<string, unknown>> | null) | undefined;
  readonly user?: (string | Readonly<Record<string, unknown>>) | undefined;
};
export type UpdateUserResponse = { readonly success: true; readonly message: string; readonly data: HostChangedUser };
export type User = {
  readonly id: number;
  readonly uuid: string;
  readonly username: string;
  readonly email: string;
  readonly email_verified: boolean;
  readonly first_name: string;
  readonly last_name: string;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly created_at: string;
  readonly updated_at: string;
};

/** What each operation takes and answers. */
export interface Operations {
  readonly abortOperation: {
    readonly params: { readonly operation_id: string };
    readonly query: {};
    readonly body: AbortOperationRequest;
    readonly answer: AbortOperationResponse;
  };
  readonly beginOperation: {
    readonly params: {};
    readonly query: {};
    readonly body: BeginOperationRequest;
    readonly answer: BeginOperationResponse;
  };
  readonly commitOperation: {
    readonly params: { readonly operation_id: string };
    readonly query: {};
    readonly body: CommitOperationRequest;
    readonly answer: CommitOperationResponse;
  };
  readonly createUser: {
    readonly params: {};
    readonly query: {};
    readonly body: CreateUserRequest;
    readonly answer: CreateUserResponse;
  };
  readonly deleteEventType: {
    readonly params: { readonly name: string };
    readonly query: { readonly force?: "true" | "false" | undefined };
    readonly body: undefined;
    readonly answer: DeleteEventTypeResponse;
  };
  readonly deleteGrant: {
    readonly params: { readonly uuid: string; readonly principal: string };
    readonly query: { readonly user?: string | undefined };
    readonly body: undefined;
    readonly answer: DeleteGrantResponse;
  };
  readonly deleteKind: {
    readonly params: { readonly name: string };
    readonly query: { readonly force?: "true" | "false" | undefined };
    readonly body: undefined;
    readonly answer: DeleteKindResponse;
  };
  readonly deleteResource: {
    readonly params: { readonly uuid: string };
    readonly query: { readonly user?: string | undefined };
    readonly body: undefined;
    readonly answer: DeleteResourceResponse;
  };
  readonly deleteUser: {
    readonly params: { readonly id: string };
    readonly query: { readonly user?: string | undefined };
    readonly body: undefined;
    readonly answer: DeleteUserResponse;
  };
  readonly getEventType: {
    readonly params: { readonly name: string };
    readonly query: {};
    readonly body: undefined;
    readonly answer: GetEventTypeResponse;
  };
  readonly getHostOperation: {
    readonly params: { readonly operation_id: string };
    readonly query: {};
    readonly body: undefined;
    readonly answer: GetHostOperationResponse;
  };
  readonly getKind: {
    readonly params: { readonly name: string };
    readonly query: {};
    readonly body: undefined;
    readonly answer: GetKindResponse;
  };
  readonly getResolver: {
    readonly params: {};
    readonly query: { readonly all_tenants?: "true" | "false" | undefined };
    readonly body: undefined;
    readonly answer: GetResolverResponse;
  };
  readonly getResource: {
    readonly params: { readonly uuid: string };
    readonly query: {};
    readonly body: undefined;
    readonly answer: GetResourceResponse;
  };
  readonly getTask: {
    readonly params: { readonly task_id: string };
    readonly query: { readonly wait_ms?: number | undefined };
    readonly body: undefined;
    readonly answer: GetTaskResponse;
  };
  readonly getUser: {
    readonly params: { readonly id: string };
    readonly query: {};
    readonly body: undefined;
    readonly answer: GetUserResponse;
  };
  readonly listEventTypes: {
    readonly params: {};
    readonly query: { readonly limit?: number | undefined; readonly cursor?: string | undefined };
    readonly body: undefined;
    readonly answer: ListEventTypesResponse;
  };
  readonly listGrants: {
    readonly params: { readonly uuid: string };
    readonly query: {};
    readonly body: undefined;
    readonly answer: ListGrantsResponse;
  };
  readonly listKinds: {
    readonly params: {};
    readonly query: { readonly limit?: number | undefined; readonly cursor?: string | undefined };
    readonly body: undefined;
    readonly answer: ListKindsResponse;
  };
  readonly listOpenOperations: {
    readonly params: {};
    readonly query: {
      readonly state?: "open" | "unresolved" | undefined;
      readonly limit?: number | undefined;
      readonly cursor?: string | undefined;
    };
    readonly body: undefined;
    readonly answer: ListOpenOperationsResponse;
  };
  readonly listResources: {
    readonly params: {};
    readonly query: {
      readonly limit?: number | undefined;
      readonly cursor?: string | undefined;
      readonly kind: string;
      readonly owner?: string | undefined;
    };
    readonly body: undefined;
    readonly answer: ListResourcesResponse;
  };
  readonly listUsers: {
    readonly params: {};
    readonly query: {
      readonly limit?: number | undefined;
      readonly cursor?: string | undefined;
      readonly email?: string | undefined;
      readonly username?: string | undefined;
    };
    readonly body: undefined;
    readonly answer: ListUsersResponse;
  };
  readonly publishEvents: {
    readonly params: {};
    readonly query: {};
    readonly body: PublishEventsRequest;
    readonly answer: PublishEventsResponse;
  };
  readonly putEventType: {
    readonly params: { readonly name: string };
    readonly query: { readonly force?: "true" | "false" | undefined };
    readonly body: PutEventTypeRequest;
    readonly answer: PutEventTypeResponse;
  };
  readonly putGrant: {
    readonly params: { readonly uuid: string; readonly principal: string };
    readonly query: {};
    readonly body: PutGrantRequest;
    readonly answer: PutGrantResponse;
  };
  readonly putKind: {
    readonly params: { readonly name: string };
    readonly query: { readonly force?: "true" | "false" | undefined };
    readonly body: PutKindRequest;
    readonly answer: PutKindResponse;
  };
  readonly putResolver: {
    readonly params: {};
    readonly query: { readonly all_tenants?: "true" | "false" | undefined };
    readonly body: PutResolverRequest;
    readonly answer: PutResolverResponse;
  };
  readonly putResource: {
    readonly params: { readonly uuid: string };
    readonly query: {};
    readonly body: PutResourceRequest;
    readonly answer: PutResourceResponse;
  };
  readonly putUser: {
    readonly params: { readonly username: string };
    readonly query: {};
    readonly body: PutUserRequest;
    readonly answer: PutUserResponse;
  };
  readonly raiseEvent: {
    readonly params: { readonly uuid: string };
    readonly query: {};
    readonly body: RaiseEventRequest;
    readonly answer: RaiseEventResponse;
  };
  readonly raiseEvents: {
    readonly params: {};
    readonly query: {};
    readonly body: RaiseEventsRequest;
    readonly answer: RaiseEventsResponse;
  };
  readonly registerResources: {
    readonly params: {};
    readonly query: {};
    readonly body: RegisterResourcesRequest;
    readonly answer: RegisterResourcesResponse;
  };
  readonly removeResolver: {
    readonly params: {};
    readonly query: { readonly all_tenants?: "true" | "false" | undefined };
    readonly body: undefined;
    readonly answer: RemoveResolverResponse;
  };
  readonly resolveOperation: {
    readonly params: { readonly operation_id: string };
    readonly query: {};
    readonly body: undefined;
    readonly answer: ResolveOperationResponse;
  };
  readonly updateUser: {
    readonly params: { readonly id: string };
    readonly query: {};
    readonly body: UpdateUserRequest;
    readonly answer: UpdateUserResponse;
  };
}

/** Where each operation is. */
export const places = {
  abortOperation: ["POST", "/host/v1/operations/{operation_id}/abort/"],
  beginOperation: ["POST", "/host/v1/operations/"],
  commitOperation: ["POST", "/host/v1/operations/{operation_id}/commit/"],
  createUser: ["POST", "/host/v1/users/"],
  deleteEventType: ["DELETE", "/host/v1/event-types/{name}/"],
  deleteGrant: ["DELETE", "/host/v1/resources/{uuid}/grants/{principal}/"],
  deleteKind: ["DELETE", "/host/v1/kinds/{name}/"],
  deleteResource: ["DELETE", "/host/v1/resources/{uuid}/"],
  deleteUser: ["DELETE", "/host/v1/users/{id}/"],
  getEventType: ["GET", "/host/v1/event-types/{name}/"],
  getHostOperation: ["GET", "/host/v1/operations/{operation_id}/"],
  getKind: ["GET", "/host/v1/kinds/{name}/"],
  getResolver: ["GET", "/host/v1/resolve/"],
  getResource: ["GET", "/host/v1/resources/{uuid}/"],
  getTask: ["GET", "/host/v1/tasks/{task_id}/"],
  getUser: ["GET", "/host/v1/users/{id}/"],
  listEventTypes: ["GET", "/host/v1/event-types/"],
  listGrants: ["GET", "/host/v1/resources/{uuid}/grants/"],
  listKinds: ["GET", "/host/v1/kinds/"],
  listOpenOperations: ["GET", "/host/v1/operations/"],
  listResources: ["GET", "/host/v1/resources/"],
  listUsers: ["GET", "/host/v1/users/"],
  publishEvents: ["POST", "/host/v1/events/"],
  putEventType: ["PUT", "/host/v1/event-types/{name}/"],
  putGrant: ["PUT", "/host/v1/resources/{uuid}/grants/{principal}/"],
  putKind: ["PUT", "/host/v1/kinds/{name}/"],
  putResolver: ["PUT", "/host/v1/resolve/"],
  putResource: ["PUT", "/host/v1/resources/{uuid}/"],
  putUser: ["PUT", "/host/v1/users/named/{username}/"],
  raiseEvent: ["POST", "/host/v1/resources/{uuid}/events/"],
  raiseEvents: ["POST", "/host/v1/resources/events/"],
  registerResources: ["POST", "/host/v1/resources/"],
  removeResolver: ["DELETE", "/host/v1/resolve/"],
  resolveOperation: ["POST", "/host/v1/operations/{operation_id}/resolve/"],
  updateUser: ["PATCH", "/host/v1/users/{id}/"],
} as const satisfies Record<keyof Operations, readonly [string, string]>;

/** Those that take an `Idempotency-Key`. */
export const keyed = [
  "abortOperation",
  "beginOperation",
  "commitOperation",
  "createUser",
  "publishEvents",
  "raiseEvent",
  "raiseEvents",
  "registerResources",
] as const satisfies readonly (keyof Operations)[];

/** Those whose answer is no JSON. */
export const raw = [] as const satisfies readonly (keyof Operations)[];

/** Those whose body is no JSON. */
export const uploads = [] as const satisfies readonly (keyof Operations)[];
