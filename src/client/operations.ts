// Made by scripts/api-types.ts from the document of the interface.

export type AccessKey = {
  readonly access_key_id: string;
  readonly principal: string;
  readonly label: string;
  readonly created_at: string;
};
export type ActivateFunctionVersionResponse = {
  readonly success: true;
  readonly message: string;
  readonly data: AppFunction;
};
export type App = {
  readonly id: number;
  readonly uuid: string;
  readonly name: string;
  readonly slug: string;
  readonly owner: string;
  readonly created_at: string;
  readonly updated_at: string;
};
export type AppFunction = {
  readonly id: number;
  readonly uuid: string;
  readonly name: string;
  readonly slug: string;
  readonly app_id: number;
  readonly app_name: string;
  readonly app_slug: string;
  readonly enabled: boolean;
  readonly timeout_ms: number;
  readonly env: Readonly<Record<string, string>>;
  readonly secrets: readonly string[];
  readonly egress: readonly string[];
  readonly writes: boolean;
  readonly version: number;
  readonly hash: string;
  readonly language: "javascript" | "typescript";
  readonly owner: string;
  readonly author: string;
  readonly role: "admin" | "developer" | "member" | null;
  readonly created_at: string;
  readonly updated_at: string;
};
export type AppName = { readonly id: number; readonly name: string; readonly slug: string };
export type Attempt = {
  readonly number: number;
  readonly started_at: string;
  readonly duration_ms: number;
  readonly status: number | null;
  readonly reason: string | null;
  readonly error: string | null;
  readonly snippet: string | null;
  readonly batch: AttemptBatch | null;
};
export type AttemptBatch = { readonly id: string; readonly size: number };
export type AttemptDetail = {
  readonly number: number;
  readonly started_at: string;
  readonly duration_ms: number;
  readonly status: number | null;
  readonly reason: string | null;
  readonly error: string | null;
  readonly snippet: string | null;
  readonly batch: AttemptBatch | null;
  readonly rendered: "exact" | "changed" | "part" | null;
  readonly request: SentRequest | null;
  readonly answer: ReceivedAnswer | null;
  readonly input: Readonly<Record<string, unknown>> | null;
  readonly mail: SentMail | null;
  readonly invocation_id: number | null;
};
export type Backoff = { readonly schedule_ms: readonly number[]; readonly jitter: number };
export type Batch = {
  readonly max_events: number;
  readonly max_wait_ms: number;
  readonly max_bytes: number;
  readonly split_on_failure: boolean;
};
export type Bucket = {
  readonly name: string;
  readonly uuid: string;
  readonly owner: string;
  readonly created_at: string;
};
export type BucketDetails = {
  readonly name: string;
  readonly uuid: string;
  readonly owner: string;
  readonly created_at: string;
  readonly objects: number | null;
  readonly bytes: number | null;
  readonly rules: number | null;
};
export type CancelRedriveResponse = { readonly success: true; readonly message: string; readonly data: Redrive };
export type ChangedUser = {
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
export type CheckFilterRequest = {
  readonly filter?: string | undefined;
  readonly rule?: string | undefined;
  readonly event?: GivenEvent | undefined;
  readonly last?: number | undefined;
};
export type CheckFilterResponse = {
  readonly success: true;
  readonly message: string;
  readonly data: {
    readonly checks: readonly CheckedEvent[];
    readonly matched: number;
    readonly warnings?: readonly string[] | undefined;
  };
};
export type CheckFunctionCodeRequest = {
  readonly code: string;
  readonly language?: "javascript" | "typescript" | undefined;
  readonly slug?: string | undefined;
  readonly egress?: readonly string[] | undefined;
};
export type CheckFunctionCodeResponse = {
  readonly success: true;
  readonly message: string;
  readonly data: {
    readonly ok: boolean;
    readonly bytes: number;
    readonly most_bytes: number;
    readonly problems: readonly CodeProblem[];
    readonly fetches: readonly string[];
  };
};
export type CheckedEvent = {
  readonly matches: boolean;
  readonly reasons: readonly string[];
  readonly rules: readonly {
    readonly rule: string;
    readonly standing: "live" | "disabled" | "unconfirmed" | "taken" | "not_made" | "deleted" | "ended" | "unknown";
  }[];
  readonly event: {
    readonly event_id: string | null;
    readonly sequence: string | null;
    readonly event_name: string;
    readonly event_time: string | null;
    readonly key: string;
  };
};
export type CodeProblem = {
  readonly severity: "error" | "warning";
  readonly rule: string;
  readonly message: string;
  readonly line: number | null;
  readonly column: number | null;
  readonly length: number | null;
  readonly hint: string | null;
};
export type Confirmation = {
  readonly state: "waiting" | "asked" | "refused";
  readonly message: string;
  readonly asked_at: string | null;
  readonly next_at: string | null;
};
export type CountDeliveriesResponse = {
  readonly success: true;
  readonly message: string;
  readonly data: {
    readonly count: number;
    readonly next_cursor?: string | undefined;
    readonly searched_to?: string | undefined;
  };
};
export type CreateAccessKeyRequest = { readonly principal?: string | undefined; readonly label?: string | undefined };
export type CreateAccessKeyResponse = {
  readonly success: true;
  readonly message: string;
  readonly data: {
    readonly access_key_id: string;
    readonly principal: string;
    readonly label: string;
    readonly created_at: string;
    readonly secret_access_key: string;
  };
};
export type CreateAppRequest = { readonly name: string; readonly slug?: string | undefined };
export type CreateAppResponse = { readonly success: true; readonly message: string; readonly data: App };
export type CreateBucketRequest = { readonly name: string };
export type CreateBucketResponse = { readonly success: true; readonly message: string; readonly data: Bucket };
export type CreateDestinationRequest = {
  readonly name: string;
  readonly target: WebhookTarget;
  readonly max_retries?: number | undefined;
  readonly backoff?: (NewBackoff | null) | undefined;
  readonly alerts?: boolean | undefined;
  readonly tags?: Readonly<Record<string, string>> | undefined;
};
export type CreateDestinationResponse = {
  readonly success: true;
  readonly message: string;
  readonly data: MadeDestination;
};
export type CreateFunctionRequest = {
  readonly name: string;
  readonly slug?: string | undefined;
  readonly code: string;
  readonly language?: "javascript" | "typescript" | undefined;
  readonly timeout_ms?: number | undefined;
  readonly enabled?: boolean | undefined;
  readonly writes?: boolean | undefined;
  readonly env?: Readonly<Record<string, string>> | undefined;
  readonly secrets?: Readonly<Record<string, string>> | undefined;
  readonly egress?: readonly string[] | undefined;
};
export type CreateFunctionResponse = { readonly success: true; readonly message: string; readonly data: AppFunction };
export type CreateLoginLinkRequest = { readonly principal?: string | undefined };
export type CreateLoginLinkResponse = {
  readonly success: true;
  readonly message: string;
  readonly data: { readonly url: string; readonly expires_at: string };
};
export type CreateNotificationAttemptRequest = {
  readonly event?: string | undefined;
  readonly associatedUuid?: string | undefined;
  readonly message?: string | undefined;
};
export type CreateNotificationAttemptResponse = {
  readonly status: "success";
  readonly message: null;
  readonly version: string;
  readonly result: NotificationAttempt;
};
export type CreateNotificationResponse = {
  readonly status: "success";
  readonly message: null;
  readonly version: string;
  readonly result: NotificationSubscription;
};
export type CreateRedriveRequest = {
  readonly bucket?: string | undefined;
  readonly rule?: string | undefined;
  readonly face?: "objects" | "notifications" | "lifecycle" | undefined;
  readonly event?: string | undefined;
  readonly resource?: string | undefined;
  readonly key_prefix?: string | undefined;
  readonly http_status?: string | undefined;
  readonly reason?:
    | "status"
    | "timeout"
    | "connection"
    | "dns"
    | "tls"
    | "egress_refused"
    | "redirect"
    | "gone"
    | "invalid_response"
    | "subscription_deleted"
    | "internal"
    | "threw"
    | "stalled"
    | "memory"
    | "crashed"
    | "bad_output"
    | "busy"
    | "unavailable"
    | "mail_refused"
    | "mail_deferred"
    | "rate_limited"
    | "not_visible"
    | "not_matched"
    | undefined;
  readonly target_host?: string | undefined;
  readonly function?: number | undefined;
  readonly min_attempts?: number | undefined;
  readonly since?: string | undefined;
  readonly until?: string | undefined;
  readonly per_second?: number | undefined;
  readonly dry_run?: boolean | undefined;
};
export type CreateRedriveResponse = {
  readonly success: true;
  readonly message: string;
  readonly data: Redrive | RedriveCount;
};
export type CreateRuleRequest = {
  readonly url?: string | undefined;
  readonly target?: DestinationTarget | undefined;
  readonly filter?: (string | null) | undefined;
  readonly auth?: (WebhookAuth | null) | undefined;
  readonly enabled?: boolean | undefined;
  readonly ack?: "200" | "2xx" | undefined;
  readonly max_retries?: number | undefined;
  readonly timeout_ms?: number | undefined;
  readonly max_per_second?: (number | null) | undefined;
  readonly max_concurrency?: (number | null) | undefined;
  readonly ordered?: boolean | undefined;
  readonly capture?: "failures" | "all" | undefined;
  readonly format?: ("signalbox" | "s3" | "cloudevents" | "cloudevents-binary" | null) | undefined;
  readonly compression?: ("gzip" | null) | undefined;
  readonly handshake?: boolean | undefined;
  readonly batch?: (NewBatch | null) | undefined;
  readonly backoff?: (NewBackoff | null) | undefined;
  readonly fields?:
    | (
        | readonly ("eventId" | "sequence" | "lastModified" | "contentType" | "reason" | "userMetadata" | "principal")[]
        | null
      )
    | undefined;
  readonly headers?: (Readonly<Record<string, string>> | null) | undefined;
};
export type CreateRuleResponse = { readonly success: true; readonly message: string; readonly data: MadeRule };
export type CreateSubscriptionRequest = {
  readonly event: string;
  readonly face?: "objects" | "notifications" | "lifecycle" | undefined;
  readonly resource?: string | undefined;
  readonly bucket?: string | undefined;
  readonly app?: string | undefined;
  readonly target: WebhookTarget | DestinationTarget | EmailTarget | FunctionTarget;
  readonly filter?: (string | null) | undefined;
  readonly enabled?: boolean | undefined;
  readonly persistent?: boolean | undefined;
  readonly max_per_second?: (number | null) | undefined;
  readonly max_concurrency?: (number | null) | undefined;
  readonly ordered?: boolean | undefined;
  readonly capture?: "failures" | "all" | undefined;
  readonly max_retries?: number | undefined;
  readonly backoff?: (NewBackoff | null) | undefined;
  readonly policy?: (Readonly<Record<string, unknown>> | null) | undefined;
};
export type CreateSubscriptionResponse = {
  readonly success: true;
  readonly message: string;
  readonly data: MadeSubscription;
};
export type CreateTenantRequest = { readonly id: string; readonly name?: string | undefined };
export type CreateTenantResponse = {
  readonly success: true;
  readonly message: string;
  readonly data: { readonly id: string; readonly name: string; readonly created_at: string };
};
export type CreateTokenRequest = {
  readonly principal?: string | undefined;
  readonly on_behalf_of?: string | undefined;
  readonly role?: "operator" | "admin" | "developer" | "member" | "host" | undefined;
  readonly label?: string | undefined;
  readonly expires_in_s?: number | undefined;
  readonly expires_at?: string | undefined;
  readonly all_tenants?: boolean | undefined;
  readonly event_types?: readonly string[] | undefined;
  readonly kinds?: readonly string[] | undefined;
};
export type CreateTokenResponse = {
  readonly success: true;
  readonly message: string;
  readonly data: {
    readonly id: string;
    readonly principal: string;
    readonly role: "operator" | "admin" | "developer" | "member" | "host";
    readonly label: string;
    readonly status: "active" | "expired" | "revoked";
    readonly created_at: string;
    readonly expires_at: string | null;
    readonly revoked_at: string | null;
    readonly made_by: string | null;
    readonly all_tenants: boolean;
    readonly event_types: readonly string[] | null;
    readonly kinds: readonly string[] | null;
    readonly token: string;
  };
};
export type CreateUserRequest = {
  readonly username: string;
  readonly email?: string | undefined;
  readonly first_name?: string | undefined;
  readonly last_name?: string | undefined;
  readonly attributes?: Readonly<Record<string, unknown>> | undefined;
};
export type CreateUserResponse = { readonly success: true; readonly message: string; readonly data: ChangedUser };
export type DecidedHook = {
  readonly subscriber_id: number;
  readonly subscriber_revision: number;
  readonly function_id: number;
  readonly function_name: string | null;
  readonly function_slug: string | null;
  readonly version: number;
  readonly stage: "prepare" | "validate";
  readonly invocation_id: number | null;
  readonly verdict: Verdict | null;
  readonly failure: string | null;
  readonly skipped: string | null;
  readonly duration_ms: number;
};
export type Decision = {
  readonly operation_id: string;
  readonly event: string;
  readonly outcome: "allowed" | "denied" | "failed";
  readonly resource: string | null;
  readonly actor: string | null;
  readonly origin: string;
  readonly decided_at: string;
  readonly duration_ms: number;
  readonly hooks: readonly DecidedHook[];
  readonly conflicts: readonly HookConflict[];
};
export type DeclareEventTypesResponse = {
  readonly success: true;
  readonly message: string;
  readonly data: {
    readonly event: string;
    readonly params_type: string;
    readonly declarations: string;
    readonly sample: Readonly<Record<string, unknown>>;
  };
};
export type DeleteAccessKeyResponse = {
  readonly success: true;
  readonly message: string;
  readonly data: Readonly<Record<string, unknown>>;
};
export type DeleteAlertTargetResponse = {
  readonly success: true;
  readonly message: string;
  readonly data: Readonly<Record<string, unknown>>;
};
export type DeleteAppResponse = {
  readonly success: true;
  readonly message: string;
  readonly data: Readonly<Record<string, unknown>>;
};
export type DeleteBucketResponse = {
  readonly success: true;
  readonly message: string;
  readonly data: Readonly<Record<string, unknown>>;
};
export type DeleteDestinationResponse = {
  readonly success: true;
  readonly message: string;
  readonly data: Readonly<Record<string, unknown>>;
};
export type DeleteFunctionResponse = {
  readonly success: true;
  readonly message: string;
  readonly data: Readonly<Record<string, unknown>>;
};
export type DeleteNotificationAttemptResponse = {
  readonly status: "success";
  readonly message: null;
  readonly version: string;
  readonly result: Readonly<Record<string, unknown>>;
};
export type DeleteNotificationAttemptsResponse = {
  readonly status: "success";
  readonly message: null;
  readonly version: string;
  readonly result: Readonly<Record<string, unknown>>;
};
export type DeleteNotificationResponse = {
  readonly status: "success";
  readonly message: null;
  readonly version: string;
  readonly result: Readonly<Record<string, unknown>>;
};
export type DeleteObjectResponse = {
  readonly success: true;
  readonly message: string;
  readonly data: Readonly<Record<string, unknown>>;
};
export type DeletePermissionResponse = {
  readonly success: true;
  readonly message: string;
  readonly data: Readonly<Record<string, unknown>>;
};
export type DeletePrincipalIssuerResponse = {
  readonly success: true;
  readonly message: string;
  readonly data: Principal;
};
export type DeletePrincipalResponse = { readonly success: true; readonly message: string; readonly data: Principal };
export type DeleteRuleResponse = {
  readonly success: true;
  readonly message: string;
  readonly data: Readonly<Record<string, unknown>>;
};
export type DeleteSessionResponse = {
  readonly success: true;
  readonly message: string;
  readonly data: Readonly<Record<string, unknown>>;
};
export type DeleteSubscriptionResponse = {
  readonly success: true;
  readonly message: string;
  readonly data: Readonly<Record<string, unknown>>;
};
export type DeleteTokenResponse = {
  readonly success: true;
  readonly message: string;
  readonly data: Readonly<Record<string, unknown>>;
};
export type DeleteUserResponse = {
  readonly success: true;
  readonly message: string;
  readonly data: { readonly operation_id?: string | undefined; readonly warnings?: readonly string[] | undefined };
};
export type DeleteUserSchemaResponse = { readonly success: true; readonly message: string; readonly data: UserSchema };
export type DeliveredEvent = {
  readonly id: string;
  readonly name: string;
  readonly time: string;
  readonly sequence: string;
  readonly resource: string;
  readonly key: string | null;
};
export type Delivery = {
  readonly id: string;
  readonly status: "waiting" | "delivered" | "dead" | "paused";
  readonly rule: string;
  readonly target: string;
  readonly function_id: number | null;
  readonly bucket: string | null;
  readonly event: DeliveredEvent;
  readonly attempt_count: number;
  readonly next_attempt_at: string | null;
  readonly reason: string | null;
  readonly last_attempt: Attempt | null;
};
export type DeniedField = { readonly path: string; readonly message: string; readonly code?: string | undefined };
export type Destination = {
  readonly name: string;
  readonly arn: string;
  readonly target: ShownDestinationTarget;
  readonly max_retries: number | null;
  readonly backoff: Backoff | null;
  readonly alerts: boolean;
  readonly tags: Readonly<Record<string, string>>;
  readonly previous_secret_until: string | null;
  readonly created_at: string;
  readonly updated_at: string;
};
export type DestinationTarget = { readonly type: "destination"; readonly name: string };
export type DestinationTargetChange = {
  readonly type?: "webhook" | undefined;
  readonly url?: string | undefined;
  readonly auth?: (WebhookAuth | null) | undefined;
  readonly headers?: (Readonly<Record<string, string | null>> | null) | undefined;
  readonly ack?: "200" | "2xx" | undefined;
  readonly fields?:
    | (
        | readonly ("eventId" | "sequence" | "lastModified" | "contentType" | "reason" | "userMetadata" | "principal")[]
        | null
      )
    | undefined;
  readonly format?: ("signalbox" | "s3" | "cloudevents" | "cloudevents-binary" | null) | undefined;
  readonly compression?: ("gzip" | null) | undefined;
  readonly handshake?: boolean | undefined;
  readonly batch?: (NewBatch | null) | undefined;
  readonly timeout_ms?: (number | null) | undefined;
};
export type DropInboxEventResponse = { readonly success: true; readonly message: string; readonly data: InboxEvent };
export type EmailTarget = { readonly type: "email"; readonly address?: string | undefined };
export type ExplainObjectResponse = {
  readonly success: true;
  readonly message: string;
  readonly data: {
    readonly bucket: string;
    readonly key: string;
    readonly events: readonly ExplainedEvent[];
    readonly next_cursor?: string | undefined;
  };
};
export type ExplainedEvent = {
  readonly event: {
    readonly id: string;
    readonly name: string;
    readonly time: string;
    readonly sequence: string;
    readonly resource: string;
    readonly actor: string | null;
    readonly reason: string | null;
  };
  readonly dispatch: "done" | "waiting" | "aside";
  readonly rules: readonly ExplainedRule[];
  readonly more_rules: boolean;
};
export type ExplainedRule = {
  readonly rule: string;
  readonly face: "objects" | "notifications" | "lifecycle";
  readonly target: "webhook" | "destination" | "email" | "function";
  readonly to: string;
  readonly function_id: number | null;
  readonly standing: "live" | "disabled" | "unconfirmed" | "taken" | "not_made" | "deleted" | "ended" | "unknown";
  readonly filter: string | null;
  readonly matched: boolean | null;
  readonly reasons: readonly string[];
  readonly paused: { readonly reason: string; readonly since: string; readonly until: string | null } | null;
  readonly said: string;
  readonly delivery: {
    readonly id: string;
    readonly status: "waiting" | "delivered" | "dead" | "paused";
    readonly next_attempt_at: string | null;
    readonly reason: string | null;
    readonly attempts: readonly Attempt[];
  } | null;
};
export type FilterField = {
  readonly name: string;
  readonly type: "string" | "number" | "instant" | "boolean" | "any" | "map";
  readonly operators: readonly string[];
  readonly values?: readonly string[] | undefined;
  readonly seen?: readonly string[] | undefined;
};
export type FindFunctionResponse = { readonly success: true; readonly message: string; readonly data: AppFunction };
export type FunctionTarget = {
  readonly type: "function";
  readonly function_id: number;
  readonly stage?: "prepare" | "validate" | undefined;
  readonly priority?: number | undefined;
  readonly failure_policy?: "closed" | "open" | undefined;
  readonly timeout_ms?: (number | null) | undefined;
};
export type FunctionTrial = {
  readonly event_type: string;
  readonly event_id: string;
  readonly operation_id: string;
  readonly status: "pending" | "succeeded" | "failed";
  readonly verdict: Verdict | null;
  readonly result: unknown;
  readonly error: InvocationError | null;
  readonly duration_ms: number | null;
  readonly queue_ms: number | null;
  readonly cold_start_ms: number | null;
  readonly logs: readonly LogLine[];
  readonly logs_cut: boolean;
  readonly created_at: string;
  readonly started_at: string | null;
};
export type FunctionVersion = {
  readonly version: number;
  readonly hash: string;
  readonly language: "javascript" | "typescript";
  readonly active: boolean;
  readonly ran: boolean;
  readonly created_at: string;
  readonly created_by: string;
};
export type GetAlertTargetResponse = {
  readonly success: true;
  readonly message: string;
  readonly data: { readonly subscription: Subscription | null };
};
export type GetAppEventResponse = {
  readonly success: true;
  readonly message: string;
  readonly data: {
    readonly event: string;
    readonly app: AppName;
    readonly total_subscribers: number;
    readonly subscribers: readonly ListedSubscriber[];
  };
};
export type GetAppResponse = { readonly success: true; readonly message: string; readonly data: App };
export type GetBucketResponse = { readonly success: true; readonly message: string; readonly data: BucketDetails };
export type GetDecisionResponse = { readonly success: true; readonly message: string; readonly data: Decision };
export type GetDeliveryAttemptResponse = {
  readonly success: true;
  readonly message: string;
  readonly data: AttemptDetail;
};
export type GetDeliveryResponse = {
  readonly success: true;
  readonly message: string;
  readonly data: {
    readonly id: string;
    readonly status: "waiting" | "delivered" | "dead" | "paused";
    readonly rule: string;
    readonly target: string;
    readonly function_id: number | null;
    readonly bucket: string | null;
    readonly event: DeliveredEvent;
    readonly attempt_count: number;
    readonly next_attempt_at: string | null;
    readonly reason: string | null;
    readonly last_attempt: Attempt | null;
    readonly attempts: readonly Attempt[];
  };
};
export type GetDestinationResponse = {
  readonly success: true;
  readonly message: string;
  readonly data: {
    readonly name: string;
    readonly arn: string;
    readonly target: ShownDestinationTarget;
    readonly max_retries: number | null;
    readonly backoff: Backoff | null;
    readonly alerts: boolean;
    readonly tags: Readonly<Record<string, string>>;
    readonly previous_secret_until: string | null;
    readonly created_at: string;
    readonly updated_at: string;
    readonly users: number;
  };
};
export type GetEventResponse = {
  readonly success: true;
  readonly message: string;
  readonly data: {
    readonly event: string;
    readonly phase: "pre" | "post";
    readonly resource: string;
    readonly description: string;
    readonly schema: Readonly<Record<string, unknown>>;
    readonly changeable: readonly string[];
    readonly sensitive: readonly string[];
    readonly source: "built_in" | "host" | "declared";
    readonly version?: number | undefined;
    readonly total_subscribers: number;
    readonly subscribers: readonly ListedSubscriber[];
  };
};
export type GetFileResponse = { readonly success: true; readonly message: string; readonly data: StoredFile };
export type GetFunctionResponse = { readonly success: true; readonly message: string; readonly data: AppFunction };
export type GetFunctionVersionResponse = {
  readonly success: true;
  readonly message: string;
  readonly data: {
    readonly version: number;
    readonly hash: string;
    readonly language: "javascript" | "typescript";
    readonly active: boolean;
    readonly ran: boolean;
    readonly created_at: string;
    readonly created_by: string;
    readonly code: string;
  };
};
export type GetHealthResponse = {
  readonly success: true;
  readonly message: string;
  readonly data: { readonly status: "ok" | "unready"; readonly inbox?: "relaying" | "standby" | "failing" | undefined };
};
export type GetInvocationResponse = { readonly success: true; readonly message: string; readonly data: Invocation };
export type GetLoggedEventResponse = { readonly success: true; readonly message: string; readonly data: WholeEvent };
export type GetMailResponse = { readonly success: true; readonly message: string; readonly data: WholeMail };
export type GetNotificationAttemptResponse = {
  readonly status: "success";
  readonly message: null;
  readonly version: string;
  readonly result: NotificationAttempt;
};
export type GetNotificationResponse = {
  readonly status: "success";
  readonly message: null;
  readonly version: string;
  readonly result: NotificationSubscription;
};
export type GetOperationResponse = { readonly success: true; readonly message: string; readonly data: Operation };
export type GetOverviewResponse = {
  readonly success: true;
  readonly message: string;
  readonly data: {
    readonly subscriptions: {
      readonly total: number;
      readonly more: boolean;
      readonly ok: number;
      readonly slow: number;
      readonly failing: number;
      readonly paused: number;
      readonly disabled: number;
      readonly unconfirmed: number;
      readonly complete: number;
      readonly failed: number;
    };
    readonly waiting: number;
    readonly dead: number;
    readonly oldest_waiting_at: string | null;
    readonly attempts_per_minute: number;
    readonly needs_attention: readonly { readonly subscription: Subscription; readonly health: Health }[];
    readonly version: string;
  };
};
export type GetPermissionResponse = { readonly success: true; readonly message: string; readonly data: Permission };
export type GetPrincipalResponse = { readonly success: true; readonly message: string; readonly data: Principal };
export type GetProfileResponse = {
  readonly status: "success";
  readonly message: null;
  readonly version: string;
  readonly result: Profile;
};
export type GetReadinessResponse = {
  readonly success: true;
  readonly message: string;
  readonly data: { readonly status: "ok" };
};
export type GetRedriveResponse = { readonly success: true; readonly message: string; readonly data: Redrive };
export type GetRuleResponse = { readonly success: true; readonly message: string; readonly data: ListedRule };
export type GetSelfResponse = { readonly success: true; readonly message: string; readonly data: Self };
export type GetSubscriptionResponse = {
  readonly success: true;
  readonly message: string;
  readonly data: ListedSubscription;
};
export type GetTenantResponse = { readonly success: true; readonly message: string; readonly data: Tenant };
export type GetTypesResponse = {
  readonly success: true;
  readonly message: string;
  readonly data: {
    readonly language: "typescript" | "python" | "json-schema";
    readonly file_name: string;
    readonly text: string;
  };
};
export type GetUsageResponse = {
  readonly success: true;
  readonly message: string;
  readonly data: {
    readonly from: string;
    readonly to: string;
    readonly quotas: readonly Quota[];
    readonly matching: MatchingCost;
    readonly usage: readonly {
      readonly day: string;
      readonly bucket: string | null;
      readonly bucket_uuid: string;
      readonly rule: string | null;
      readonly accepted: number;
      readonly attempts: number;
      readonly delivered: number;
      readonly dead: number;
    }[];
    readonly next_cursor?: string | undefined;
  };
};
export type GetUserResponse = { readonly success: true; readonly message: string; readonly data: User };
export type GetUserSchemaResponse = { readonly success: true; readonly message: string; readonly data: UserSchema };
export type GivenEvent = {
  readonly eventName: "OBJECT_CREATED_PUT" | "OBJECT_DELETED";
  readonly object: {
    readonly key: string;
    readonly size?: number | undefined;
    readonly eTag?: string | undefined;
    readonly contentType?: string | undefined;
    readonly lastModified?: string | undefined;
    readonly userMetadata?: Readonly<Record<string, string>> | undefined;
    readonly tags?: Readonly<Record<string, string>> | undefined;
  };
  readonly reason?:
    | "PutObject"
    | "PostObject"
    | "CopyObject"
    | "CompleteMultipartUpload"
    | "DeleteObject"
    | "DeleteObjects"
    | undefined;
  readonly eventVersion?: string | undefined;
  readonly eventSource?: string | undefined;
  readonly eventTime?: string | undefined;
  readonly bucket?: string | undefined;
  readonly eventId?: string | undefined;
  readonly sequence?: string | undefined;
  readonly principal?: string | undefined;
  readonly test?: boolean | undefined;
};
export type Health = {
  readonly state: "ok" | "slow" | "failing" | "paused" | "disabled" | "unconfirmed" | "complete" | "failed";
  readonly waiting: number;
  readonly dead: number;
  readonly oldest_waiting_at: string | null;
  readonly last_acknowledged_at: string | null;
  readonly last_failure: { readonly at: string; readonly reason: string; readonly status: number | null } | null;
  readonly failures: number;
  readonly failing_since: string | null;
  readonly latency_ms: number | null;
  readonly attempts_per_minute: number;
};
export type HookConflict = { readonly path: string; readonly subscriber_ids: readonly number[] };
export type Inbox = {
  readonly name: string;
  readonly state: "relaying" | "standby" | "failing";
  readonly problem?: string | undefined;
  readonly since: string;
  readonly waiting?: number | undefined;
  readonly oldest_waiting_at?: string | undefined;
  readonly aside?: number | undefined;
};
export type InboxEvent = {
  readonly id: string;
  readonly tenant?: string | undefined;
  readonly event_type: string;
  readonly operation_id?: string | undefined;
  readonly reason: string;
  readonly created_at: string;
  readonly since: string;
};
export type Invocation = {
  readonly id: number;
  readonly function_id: number;
  readonly function_name: string;
  readonly function_slug: string;
  readonly app_slug: string;
  readonly version: number | null;
  readonly trigger: "pre" | "post" | "invoke" | "trial";
  readonly attempt: number;
  readonly delivery_id: string | null;
  readonly event_type: string;
  readonly event_id: string;
  readonly operation_id: string;
  readonly status: "pending" | "succeeded" | "failed";
  readonly verdict: Verdict | null;
  readonly result: unknown;
  readonly error: InvocationError | null;
  readonly duration_ms: number | null;
  readonly queue_ms: number | null;
  readonly cold_start_ms: number | null;
  readonly logs: readonly LogLine[];
  readonly logs_cut: boolean;
  readonly created_at: string;
  readonly started_at: string | null;
};
export type InvocationError = {
  readonly reason: string;
  readonly name: string;
  readonly message: string;
  readonly stack: string | null;
};
export type InvokeFunctionRequest = {
  readonly event?:
    | {
        readonly event_type?: string | undefined;
        readonly params?: Readonly<Record<string, unknown>> | undefined;
        readonly user?: (Readonly<Record<string, unknown>> | null) | undefined;
      }
    | undefined;
  readonly params?: Readonly<Record<string, unknown>> | undefined;
  readonly timeout_ms?: number | undefined;
  readonly version?: number | undefined;
  readonly code?: string | undefined;
  readonly language?: "javascript" | "typescript" | undefined;
  readonly secrets?: boolean | undefined;
  readonly dry_run?: boolean | undefined;
};
export type InvokeFunctionResponse = { readonly success: true; readonly message: string; readonly data: Invocation };
export type KeepVersionRequest = { readonly code: string; readonly language?: "javascript" | "typescript" | undefined };
export type KeepVersionResponse = { readonly success: true; readonly message: string; readonly data: FunctionVersion };
export type Link = { readonly href: string };
export type ListAccessKeysResponse = {
  readonly success: true;
  readonly message: string;
  readonly data: { readonly access_keys: readonly AccessKey[]; readonly next_cursor?: string | undefined };
};
export type ListAppEventsResponse = {
  readonly success: true;
  readonly message: string;
  readonly data: {
    readonly events: readonly string[];
    readonly app: AppName;
    readonly subscriber_counts: Readonly<Record<string, number>>;
  };
};
export type ListAppsResponse = {
  readonly success: true;
  readonly message: string;
  readonly data: { readonly apps: readonly App[]; readonly next_cursor?: string | undefined };
};
export type ListBucketsResponse = {
  readonly success: true;
  readonly message: string;
  readonly data: { readonly buckets: readonly Bucket[]; readonly next_cursor?: string | undefined };
};
export type ListDeliveriesResponse = {
  readonly success: true;
  readonly message: string;
  readonly data: {
    readonly deliveries: readonly Delivery[];
    readonly next_cursor?: string | undefined;
    readonly newer_cursor?: string | undefined;
    readonly searched_to?: string | undefined;
  };
};
export type ListDestinationsResponse = {
  readonly success: true;
  readonly message: string;
  readonly data: {
    readonly destinations: readonly {
      readonly name: string;
      readonly arn: string;
      readonly target: ShownDestinationTarget;
      readonly max_retries: number | null;
      readonly backoff: Backoff | null;
      readonly alerts: boolean;
      readonly tags: Readonly<Record<string, string>>;
      readonly previous_secret_until: string | null;
      readonly created_at: string;
      readonly updated_at: string;
      readonly users: number;
      readonly etag: string;
    }[];
    readonly next_cursor?: string | undefined;
  };
};
export type ListEventsResponse = {
  readonly success: true;
  readonly message: string;
  readonly data: { readonly events: readonly string[] };
};
export type ListFilesResponse = {
  readonly success: true;
  readonly message: string;
  readonly data: {
    readonly files: readonly StoredFile[];
    readonly folders?: readonly string[] | undefined;
    readonly next_cursor?: string | undefined;
  };
};
export type ListFilterFieldsResponse = {
  readonly success: true;
  readonly message: string;
  readonly data: { readonly fields: readonly FilterField[] };
};
export type ListFunctionInvocationsResponse = {
  readonly success: true;
  readonly message: string;
  readonly data: {
    readonly invocations: readonly Invocation[];
    readonly next_cursor?: string | undefined;
    readonly searched_to?: string | undefined;
  };
};
export type ListFunctionVersionsResponse = {
  readonly success: true;
  readonly message: string;
  readonly data: { readonly versions: readonly FunctionVersion[]; readonly next_cursor?: string | undefined };
};
export type ListFunctionsResponse = {
  readonly success: true;
  readonly message: string;
  readonly data: { readonly functions: readonly AppFunction[]; readonly next_cursor?: string | undefined };
};
export type ListInboxEventsResponse = {
  readonly success: true;
  readonly message: string;
  readonly data: {
    readonly inbox?: Inbox | undefined;
    readonly events: readonly InboxEvent[];
    readonly next_cursor?: string | undefined;
  };
};
export type ListInvocationsResponse = {
  readonly success: true;
  readonly message: string;
  readonly data: {
    readonly invocations: readonly Invocation[];
    readonly next_cursor?: string | undefined;
    readonly searched_to?: string | undefined;
  };
};
export type ListLoggedEventsResponse = {
  readonly success: true;
  readonly message: string;
  readonly data: {
    readonly events: readonly LoggedEvent[];
    readonly searched_to: string | null;
    readonly next_cursor?: string | undefined;
  };
};
export type ListLoginsResponse = {
  readonly success: true;
  readonly message: string;
  readonly data: { readonly logins: readonly Login[] };
};
export type ListMailsResponse = {
  readonly success: true;
  readonly message: string;
  readonly data: { readonly mails: readonly Mail[]; readonly next_cursor?: string | undefined };
};
export type ListNodesResponse = {
  readonly success: true;
  readonly message: string;
  readonly data: { readonly nodes: readonly Node[] };
};
export type ListNotificationAttemptsResponse = {
  readonly status: "success";
  readonly message: null;
  readonly version: string;
  readonly result: readonly NotificationAttempt[];
};
export type ListNotificationEventsResponse = {
  readonly status: "success";
  readonly message: null;
  readonly version: string;
  readonly result: readonly {
    readonly resource: string;
    readonly code: string;
    readonly events: readonly string[];
    readonly raised: readonly {
      readonly event: string;
      readonly by: "signalbox" | "host";
      readonly of?: string | undefined;
      readonly when?: string | undefined;
    }[];
    readonly open: boolean;
  }[];
};
export type ListNotificationsResponse = {
  readonly status: "success";
  readonly message: null;
  readonly version: string;
  readonly result: readonly ListedNotification[];
};
export type ListOperationsResponse = {
  readonly success: true;
  readonly message: string;
  readonly data: { readonly operations: readonly Decision[]; readonly next_cursor?: string | undefined };
};
export type ListPermissionsResponse = {
  readonly success: true;
  readonly message: string;
  readonly data: { readonly permissions: readonly Permission[] };
};
export type ListPoisonedEventsResponse = {
  readonly success: true;
  readonly message: string;
  readonly data: { readonly poisoned: readonly PoisonedEvent[]; readonly next_cursor?: string | undefined };
};
export type ListPrincipalsResponse = {
  readonly success: true;
  readonly message: string;
  readonly data: { readonly principals: readonly Principal[]; readonly next_cursor?: string | undefined };
};
export type ListRedrivesResponse = {
  readonly success: true;
  readonly message: string;
  readonly data: { readonly redrives: readonly Redrive[]; readonly next_cursor?: string | undefined };
};
export type ListRulesResponse = {
  readonly success: true;
  readonly message: string;
  readonly data: { readonly rules: readonly ListedRule[]; readonly next_cursor?: string | undefined };
};
export type ListSessionsResponse = {
  readonly success: true;
  readonly message: string;
  readonly data: { readonly sessions: readonly Session[]; readonly next_cursor?: string | undefined };
};
export type ListStatsResponse = {
  readonly success: true;
  readonly message: string;
  readonly data: {
    readonly from: string;
    readonly to: string;
    readonly step: "1m" | "5m" | "1h" | "1d";
    readonly measure: "events" | "attempts" | "delivered" | "dead" | "latency_p50" | "latency_p99";
    readonly by: "outcome" | "reason" | "face" | "subscription" | null;
    readonly counted_since: string | null;
    readonly at: readonly string[];
    readonly series: readonly StatSeries[];
  };
};
export type ListSubscriptionsResponse = {
  readonly success: true;
  readonly message: string;
  readonly data: { readonly subscriptions: readonly ListedSubscription[]; readonly next_cursor?: string | undefined };
};
export type ListTenantsResponse = {
  readonly success: true;
  readonly message: string;
  readonly data: { readonly tenants: readonly Tenant[]; readonly next_cursor?: string | undefined };
};
export type ListTokensResponse = {
  readonly success: true;
  readonly message: string;
  readonly data: { readonly tokens: readonly Token[]; readonly next_cursor?: string | undefined };
};
export type ListUsersResponse = {
  readonly success: true;
  readonly message: string;
  readonly data: { readonly users: readonly User[]; readonly next_cursor?: string | undefined };
};
export type ListedNotification = {
  readonly id: string;
  readonly url: string;
  readonly associatedUuid: string;
  readonly event: string;
  readonly _links: { readonly self: Link; readonly profile: Link };
};
export type ListedRule = {
  readonly id: string;
  readonly bucket: string;
  readonly url: string;
  readonly destination: string | null;
  readonly managed_by: "s3" | null;
  readonly filter: string | null;
  readonly auth: ShownWebhookAuth | null;
  readonly enabled: boolean;
  readonly paused: RulePause | null;
  readonly ack: "200" | "2xx";
  readonly max_retries: number;
  readonly timeout_ms: number;
  readonly backoff: Backoff;
  readonly max_per_second: number | null;
  readonly max_concurrency: number | null;
  readonly ordered: boolean;
  readonly capture: "failures" | "all";
  readonly fields: readonly string[];
  readonly format: "signalbox" | "s3" | "cloudevents" | "cloudevents-binary";
  readonly compression: "gzip" | null;
  readonly handshake: boolean;
  readonly batch: Batch | null;
  readonly headers: readonly string[];
  readonly previous_secret_until: string | null;
  readonly owner: string;
  readonly created_at: string;
  readonly updated_at: string;
  readonly health?: Health | undefined;
  readonly etag?: string | undefined;
};
export type ListedSubscriber = {
  readonly subscriber_id: number;
  readonly event: string;
  readonly function_id: number;
  readonly function_name: string;
  readonly function_slug: string;
  readonly app_id: number;
  readonly app_name: string;
  readonly app_slug: string;
  readonly created_at: string;
  readonly updated_at: string;
  readonly uuid: string;
  readonly stage: "prepare" | "validate" | null;
  readonly priority: number | null;
  readonly failure_policy: "closed" | "open" | null;
  readonly filter: string | null;
  readonly timeout_ms: number | null;
  readonly enabled: boolean;
  readonly paused: SubscriberPause | null;
  readonly max_retries: number | null;
  readonly backoff: Backoff | null;
  readonly max_per_second: number | null;
  readonly max_concurrency: number | null;
  readonly ordered: boolean;
  readonly capture: "failures" | "all";
};
export type ListedSubscription = {
  readonly id: string;
  readonly face: "objects" | "notifications" | "lifecycle";
  readonly event: string;
  readonly resource: string;
  readonly bucket: string | null;
  readonly app: string | null;
  readonly filter: string | null;
  readonly target: ShownTarget;
  readonly persistent: boolean;
  readonly enabled: boolean;
  readonly status: "active" | "paused" | "inactive" | "unconfirmed" | "complete" | "failed";
  readonly confirmed: boolean | null;
  readonly confirmation: Confirmation | null;
  readonly paused: SubscriptionPause | null;
  readonly max_retries: number | null;
  readonly backoff: Backoff | null;
  readonly max_per_second: number | null;
  readonly max_concurrency: number | null;
  readonly ordered: boolean;
  readonly capture: "failures" | "all";
  readonly policy: NotificationPolicy | null;
  readonly previous_secret_until: string | null;
  readonly owner: string;
  readonly created_at: string;
  readonly updated_at: string;
  readonly health?: Health | undefined;
};
export type LogInRequest = { readonly token?: string | undefined; readonly code?: string | undefined };
export type LogInResponse = { readonly success: true; readonly message: string; readonly data: Self };
export type LogLine = {
  readonly at_ms: number;
  readonly level: "debug" | "info" | "warn" | "error";
  readonly message: string;
};
export type LogOutResponse = {
  readonly success: true;
  readonly message: string;
  readonly data: { readonly log_out_url: string | null };
};
export type LoggedEvent = {
  readonly id: string;
  readonly sequence: string;
  readonly time: string;
  readonly name: string;
  readonly names: {
    readonly objects: string | null;
    readonly notifications: string | null;
    readonly lifecycle: string | null;
  };
  readonly resource: string;
  readonly bucket: string | null;
  readonly key: string | null;
  readonly app: string | null;
  readonly actor: string | null;
  readonly origin: string;
  readonly deliveries: {
    readonly waiting: number;
    readonly delivered: number;
    readonly dead: number;
    readonly paused: number;
    readonly more: boolean;
  };
};
export type Login = { readonly id: string; readonly label: string; readonly url: string };
export type MadeDestination = {
  readonly name: string;
  readonly arn: string;
  readonly target: ShownDestinationTarget;
  readonly max_retries: number | null;
  readonly backoff: Backoff | null;
  readonly alerts: boolean;
  readonly tags: Readonly<Record<string, string>>;
  readonly previous_secret_until: string | null;
  readonly created_at: string;
  readonly updated_at: string;
  readonly signing_secret: string;
};
export type MadeRule = {
  readonly id: string;
  readonly bucket: string;
  readonly url: string;
  readonly destination: string | null;
  readonly managed_by: "s3" | null;
  readonly filter: string | null;
  readonly auth: ShownWebhookAuth | null;
  readonly enabled: boolean;
  readonly paused: RulePause | null;
  readonly ack: "200" | "2xx";
  readonly max_retries: number;
  readonly timeout_ms: number;
  readonly backoff: Backoff;
  readonly max_per_second: number | null;
  readonly max_concurrency: number | null;
  readonly ordered: boolean;
  readonly capture: "failures" | "all";
  readonly fields: readonly string[];
  readonly format: "signalbox" | "s3" | "cloudevents" | "cloudevents-binary";
  readonly compression: "gzip" | null;
  readonly handshake: boolean;
  readonly batch: Batch | null;
  readonly headers: readonly string[];
  readonly previous_secret_until: string | null;
  readonly owner: string;
  readonly created_at: string;
  readonly updated_at: string;
  readonly warnings?: readonly string[] | undefined;
  readonly signing_secret?: string | undefined;
};
export type MadeSubscription = {
  readonly id: string;
  readonly face: "objects" | "notifications" | "lifecycle";
  readonly event: string;
  readonly resource: string;
  readonly bucket: string | null;
  readonly app: string | null;
  readonly filter: string | null;
  readonly target: ShownTarget;
  readonly persistent: boolean;
  readonly enabled: boolean;
  readonly status: "active" | "paused" | "inactive" | "unconfirmed" | "complete" | "failed";
  readonly confirmed: boolean | null;
  readonly confirmation: Confirmation | null;
  readonly paused: SubscriptionPause | null;
  readonly max_retries: number | null;
  readonly backoff: Backoff | null;
  readonly max_per_second: number | null;
  readonly max_concurrency: number | null;
  readonly ordered: boolean;
  readonly capture: "failures" | "all";
  readonly policy: NotificationPolicy | null;
  readonly previous_secret_until: string | null;
  readonly owner: string;
  readonly created_at: string;
  readonly updated_at: string;
  readonly warnings?: readonly string[] | undefined;
  readonly signing_secret?: string | undefined;
};
export type Mail = {
  readonly name: string;
  readonly to: string;
  readonly subject: string;
  readonly date: string;
  readonly bytes: number;
};
export type MatchingCost = {
  readonly since: string;
  readonly limit_ms_per_second: number;
  readonly spent_ms: number;
  readonly waited_ms: number;
  readonly events_waiting: number;
  readonly refused: number;
  readonly filter_bytes: number;
  readonly limit_filter_bytes: number;
  readonly costliest: readonly {
    readonly subscription: string;
    readonly face: "objects" | "notifications" | "lifecycle";
    readonly filter: string;
    readonly spent_ms: number;
    readonly instructions: number;
  }[];
};
export type NewBackoff = { readonly schedule_ms?: readonly number[] | undefined; readonly jitter?: number | undefined };
export type NewBatch = {
  readonly max_events?: number | undefined;
  readonly max_wait_ms?: number | undefined;
  readonly max_bytes?: number | undefined;
  readonly split_on_failure?: boolean | undefined;
};
export type NewFunctionBackoff = {
  readonly schedule_ms?: readonly number[] | undefined;
  readonly jitter?: number | undefined;
};
export type NewNotification = {
  readonly url?: (string | null) | undefined;
  readonly event: string;
  readonly associatedUuid: string;
  readonly persistent?: boolean | undefined;
  readonly policy?: NewNotificationPolicy | undefined;
  readonly batch?: (NewNotificationBatch | null) | undefined;
};
export type NewNotificationBatch = {
  readonly maxEvents?: number | undefined;
  readonly maxWaitMs?: number | undefined;
  readonly maxBytes?: number | undefined;
  readonly splitOnFailure?: boolean | undefined;
};
export type NewNotificationPolicy = {
  readonly retryStrategy?: "NONE" | "IMMEDIATE" | "DELAYED" | "EXPONENTIAL" | undefined;
  readonly retryLimit?: number | undefined;
  readonly retryRate?: number | undefined;
  readonly retryDelay?: number | undefined;
  readonly saveOnFailure?: boolean | undefined;
};
export type Node = {
  readonly id: string;
  readonly version: string;
  readonly address: string;
  readonly started_at: string;
  readonly seen_at: string;
  readonly shards: number;
  readonly duties: readonly string[];
  readonly leaving: boolean;
  readonly self: boolean;
};
export type NotificationAttempt = {
  readonly id: string;
  readonly url: string;
  readonly event: string;
  readonly associatedUuid: string;
  readonly notificationId: string;
  readonly status: "WAITING" | "DELIVERED" | "FAILED" | "PAUSED";
  readonly attempts: number;
  readonly created: string;
  readonly nextAttempt: string | null;
  readonly startTime: string | null;
  readonly endTime: string | null;
  readonly response: { readonly code: number | null; readonly message: string | null };
  readonly _links: { readonly self: Link; readonly notification: Link; readonly profile: Link };
};
export type NotificationBatch = {
  readonly maxEvents: number;
  readonly maxWaitMs: number;
  readonly maxBytes: number;
  readonly splitOnFailure: boolean;
};
export type NotificationPolicy = {
  readonly retryStrategy: "NONE" | "IMMEDIATE" | "DELAYED" | "EXPONENTIAL";
  readonly retryLimit: number;
  readonly retryRate: number;
  readonly retryDelay: number;
  readonly saveOnFailure: boolean;
};
export type NotificationSubscription = {
  readonly id: string;
  readonly owner: string;
  readonly url: string;
  readonly associatedUuid: string;
  readonly event: string;
  readonly responseCode: number | null;
  readonly attempts: number;
  readonly lastSent: string | null;
  readonly success: boolean;
  readonly persistent: boolean;
  readonly status: "ACTIVE" | "INACTIVE" | "COMPLETE" | "FAILED";
  readonly lastUpdated: string;
  readonly created: string;
  readonly policy: {
    readonly retryStrategy: "NONE" | "IMMEDIATE" | "DELAYED" | "EXPONENTIAL";
    readonly retryLimit: number;
    readonly retryRate: number;
    readonly retryDelay: number;
    readonly saveOnFailure: boolean;
  };
  readonly batch?: NotificationBatch | undefined;
  readonly confirmed?: boolean | undefined;
  readonly confirmation?:
    | {
        readonly state: "waiting" | "asked" | "refused";
        readonly message: string;
        readonly asked: string | null;
        readonly next: string | null;
      }
    | undefined;
  readonly signingSecret?: string | undefined;
  readonly warnings?: readonly string[] | undefined;
  readonly _links: { readonly self: Link; readonly attempts: Link; readonly owner: Link };
};
export type Operation = {
  readonly operation_id: string;
  readonly event: string;
  readonly outcome: "allowed" | "denied" | "failed";
  readonly resource: string | null;
  readonly actor: string | null;
  readonly origin: string;
  readonly decided_at: string;
  readonly duration_ms: number;
  readonly hooks: readonly DecidedHook[];
  readonly conflicts: readonly HookConflict[];
  readonly state: "over" | "open" | "unresolved";
  readonly events: readonly RaisedEvent[];
};
export type Permission = { readonly username: string; readonly permission: "read" | "write" };
export type PoisonedEvent = {
  readonly id: string;
  readonly sequence: string;
  readonly resource: string;
  readonly names: Readonly<Record<string, string>>;
  readonly time: string;
  readonly since: string;
};
export type Principal = {
  readonly name: string;
  readonly role: "operator" | "admin" | "developer" | "member" | "host";
  readonly status: "active" | "ended";
  readonly tokens: number;
  readonly access_keys: number;
  readonly issuer: string | null;
  readonly subject: string | null;
  readonly created_at: string;
  readonly ended_at: string | null;
};
export type Profile = {
  readonly username: string;
  readonly uuid: string | null;
  readonly first_name: string;
  readonly last_name: string;
  readonly full_name: string;
  readonly email: string | null;
  readonly email_verified: boolean;
  readonly status: "ACTIVE" | "INACTIVE";
  readonly create_time: string | null;
  readonly _links: { readonly self: Link };
};
export type PutObjectResponse = { readonly success: true; readonly message: string; readonly data: StoredFile };
export type Quota = {
  readonly name:
    | "bytes"
    | "objects"
    | "buckets"
    | "principals"
    | "open_uploads"
    | "subscriptions"
    | "functions"
    | "open_operations"
    | "events_per_second";
  readonly limit: number;
  readonly used: number;
  readonly source: "default" | "tenant";
};
export type RaisedEvent = {
  readonly id: string;
  readonly name: string;
  readonly time: string;
  readonly sequence: string;
  readonly resource: string;
};
export type ReceivedAnswer = {
  readonly headers: readonly { readonly name: string; readonly value: string }[] | null;
  readonly headers_cut: boolean;
  readonly remote_address: string | null;
  readonly connection_reused: boolean;
  readonly dns_ms: number | null;
  readonly connect_ms: number | null;
  readonly tls_ms: number | null;
  readonly first_byte_ms: number | null;
};
export type Redrive = {
  readonly id: string;
  readonly state: "running" | "done" | "cancelled";
  readonly redriven: number;
  readonly looked_at: number;
  readonly left: number | null;
  readonly per_second: number | null;
  readonly filter: RedriveFilter;
  readonly created_at: string;
  readonly created_by: string;
};
export type RedriveCount = {
  readonly dry_run: true;
  readonly dead_letters: number;
  readonly more: boolean;
  readonly filter: RedriveFilter;
};
export type RedriveDeliveryResponse = { readonly success: true; readonly message: string; readonly data: Delivery };
export type RedriveFilter = {
  readonly bucket_uuid: string | null;
  readonly rule: string | null;
  readonly since: string | null;
  readonly until: string | null;
  readonly face?: string | undefined;
  readonly event?: string | undefined;
  readonly resource?: string | undefined;
  readonly key_prefix?: string | undefined;
  readonly http_status?: string | undefined;
  readonly reason?: string | undefined;
  readonly target_host?: string | undefined;
  readonly function?: number | undefined;
  readonly min_attempts?: number | undefined;
};
export type RedrivePoisonedEventResponse = {
  readonly success: true;
  readonly message: string;
  readonly data: PoisonedEvent;
};
export type RenameFileRequest = {
  readonly key?: string | undefined;
  readonly bucket?: string | undefined;
  readonly overwrite?: boolean | undefined;
};
export type RenameFileResponse = { readonly success: true; readonly message: string; readonly data: StoredFile };
export type RestorePrincipalResponse = { readonly success: true; readonly message: string; readonly data: Principal };
export type ResumeRuleResponse = { readonly success: true; readonly message: string; readonly data: Rule };
export type ResumeSubscriptionResponse = {
  readonly success: true;
  readonly message: string;
  readonly data: Subscription;
};
export type RetryInboxEventResponse = { readonly success: true; readonly message: string; readonly data: InboxEvent };
export type RollbackFunctionResponse = { readonly success: true; readonly message: string; readonly data: AppFunction };
export type RotateDestinationSecretResponse = {
  readonly success: true;
  readonly message: string;
  readonly data: RotatedDestination;
};
export type RotateRuleSecretResponse = { readonly success: true; readonly message: string; readonly data: RotatedRule };
export type RotateSubscriptionSecretResponse = {
  readonly success: true;
  readonly message: string;
  readonly data: RotatedSubscription;
};
export type RotatedDestination = {
  readonly name: string;
  readonly arn: string;
  readonly target: ShownDestinationTarget;
  readonly max_retries: number | null;
  readonly backoff: Backoff | null;
  readonly alerts: boolean;
  readonly tags: Readonly<Record<string, string>>;
  readonly previous_secret_until: string;
  readonly created_at: string;
  readonly updated_at: string;
  readonly signing_secret: string;
};
export type RotatedRule = {
  readonly id: string;
  readonly bucket: string;
  readonly url: string;
  readonly destination: string | null;
  readonly managed_by: "s3" | null;
  readonly filter: string | null;
  readonly auth: ShownWebhookAuth | null;
  readonly enabled: boolean;
  readonly paused: RulePause | null;
  readonly ack: "200" | "2xx";
  readonly max_retries: number;
  readonly timeout_ms: number;
  readonly backoff: Backoff;
  readonly max_per_second: number | null;
  readonly max_concurrency: number | null;
  readonly ordered: boolean;
  readonly capture: "failures" | "all";
  readonly fields: readonly string[];
  readonly format: "signalbox" | "s3" | "cloudevents" | "cloudevents-binary";
  readonly compression: "gzip" | null;
  readonly handshake: boolean;
  readonly batch: Batch | null;
  readonly headers: readonly string[];
  readonly previous_secret_until: string;
  readonly owner: string;
  readonly created_at: string;
  readonly updated_at: string;
  readonly signing_secret: string;
};
export type RotatedSubscription = {
  readonly id: string;
  readonly face: "objects" | "notifications" | "lifecycle";
  readonly event: string;
  readonly resource: string;
  readonly bucket: string | null;
  readonly app: string | null;
  readonly filter: string | null;
  readonly target: ShownTarget;
  readonly persistent: boolean;
  readonly enabled: boolean;
  readonly status: "active" | "paused" | "inactive" | "unconfirmed" | "complete" | "failed";
  readonly confirmed: boolean | null;
  readonly confirmation: Confirmation | null;
  readonly paused: SubscriptionPause | null;
  readonly max_retries: number | null;
  readonly backoff: Backoff | null;
  readonly max_per_second: number | null;
  readonly max_concurrency: number | null;
  readonly ordered: boolean;
  readonly capture: "failures" | "all";
  readonly policy: NotificationPolicy | null;
  readonly previous_secret_until: string;
  readonly owner: string;
  readonly created_at: string;
  readonly updated_at: string;
  readonly signing_secret: string;
};
export type Rule = {
  readonly id: string;
  readonly bucket: string;
  readonly url: string;
  readonly destination: string | null;
  readonly managed_by: "s3" | null;
  readonly filter: string | null;
  readonly auth: ShownWebhookAuth | null;
  readonly enabled: boolean;
  readonly paused: RulePause | null;
  readonly ack: "200" | "2xx";
  readonly max_retries: number;
  readonly timeout_ms: number;
  readonly backoff: Backoff;
  readonly max_per_second: number | null;
  readonly max_concurrency: number | null;
  readonly ordered: boolean;
  readonly capture: "failures" | "all";
  readonly fields: readonly string[];
  readonly format: "signalbox" | "s3" | "cloudevents" | "cloudevents-binary";
  readonly compression: "gzip" | null;
  readonly handshake: boolean;
  readonly batch: Batch | null;
  readonly headers: readonly string[];
  readonly previous_secret_until: string | null;
  readonly owner: string;
  readonly created_at: string;
  readonly updated_at: string;
};
export type RulePause = { readonly reason: "gone" | "filter" | "destination"; readonly since: string };
export type RunFunctionCodeRequest = {
  readonly code: string;
  readonly language?: "javascript" | "typescript" | undefined;
  readonly slug?: string | undefined;
  readonly env?: Readonly<Record<string, string>> | undefined;
  readonly secrets?: Readonly<Record<string, string>> | undefined;
  readonly egress?: readonly string[] | undefined;
  readonly event?:
    | {
        readonly event_type?: string | undefined;
        readonly params?: Readonly<Record<string, unknown>> | undefined;
        readonly user?: (Readonly<Record<string, unknown>> | null) | undefined;
      }
    | undefined;
  readonly params?: Readonly<Record<string, unknown>> | undefined;
  readonly timeout_ms?: number | undefined;
};
export type RunFunctionCodeResponse = {
  readonly success: true;
  readonly message: string;
  readonly data: FunctionTrial;
};
export type SavedRule = {
  readonly id: string;
  readonly bucket: string;
  readonly url: string;
  readonly destination: string | null;
  readonly managed_by: "s3" | null;
  readonly filter: string | null;
  readonly auth: ShownWebhookAuth | null;
  readonly enabled: boolean;
  readonly paused: RulePause | null;
  readonly ack: "200" | "2xx";
  readonly max_retries: number;
  readonly timeout_ms: number;
  readonly backoff: Backoff;
  readonly max_per_second: number | null;
  readonly max_concurrency: number | null;
  readonly ordered: boolean;
  readonly capture: "failures" | "all";
  readonly fields: readonly string[];
  readonly format: "signalbox" | "s3" | "cloudevents" | "cloudevents-binary";
  readonly compression: "gzip" | null;
  readonly handshake: boolean;
  readonly batch: Batch | null;
  readonly headers: readonly string[];
  readonly previous_secret_until: string | null;
  readonly owner: string;
  readonly created_at: string;
  readonly updated_at: string;
  readonly warnings?: readonly string[] | undefined;
};
export type SavedSubscription = {
  readonly id: string;
  readonly face: "objects" | "notifications" | "lifecycle";
  readonly event: string;
  readonly resource: string;
  readonly bucket: string | null;
  readonly app: string | null;
  readonly filter: string | null;
  readonly target: ShownTarget;
  readonly persistent: boolean;
  readonly enabled: boolean;
  readonly status: "active" | "paused" | "inactive" | "unconfirmed" | "complete" | "failed";
  readonly confirmed: boolean | null;
  readonly confirmation: Confirmation | null;
  readonly paused: SubscriptionPause | null;
  readonly max_retries: number | null;
  readonly backoff: Backoff | null;
  readonly max_per_second: number | null;
  readonly max_concurrency: number | null;
  readonly ordered: boolean;
  readonly capture: "failures" | "all";
  readonly policy: NotificationPolicy | null;
  readonly previous_secret_until: string | null;
  readonly owner: string;
  readonly created_at: string;
  readonly updated_at: string;
  readonly warnings?: readonly string[] | undefined;
};
export type Self = {
  readonly principal: string;
  readonly role: "operator" | "admin" | "developer" | "member";
  readonly tenant: string;
  readonly user: string | null;
  readonly kind: "session" | "token" | "jwt" | "function";
  readonly session: { readonly id: string; readonly expires_at: string; readonly idle_until: string } | null;
  readonly tenants: { readonly choose: boolean };
  readonly version: string;
  readonly public_url: string;
  readonly mail: "smtp" | "kept";
  readonly limits: {
    readonly max_body_bytes: number;
    readonly max_rules_per_bucket: number;
    readonly max_hooks_per_event: number;
    readonly max_functions_per_event: number;
    readonly max_subscriptions_per_user: number;
  };
};
export type SendLoggedEventRequest = { readonly subscription: string };
export type SendLoggedEventResponse = { readonly success: true; readonly message: string; readonly data: Delivery };
export type SentMail = { readonly to: string; readonly subject: string; readonly text: string };
export type SentRequest = {
  readonly method: string;
  readonly url: string;
  readonly headers: readonly { readonly name: string; readonly value: string | null }[];
  readonly body: string;
};
export type Session = {
  readonly id: string;
  readonly principal: string;
  readonly role: "operator" | "admin" | "developer" | "member";
  readonly current: boolean;
  readonly issuer: string | null;
  readonly created_at: string;
  readonly seen_at: string;
  readonly expires_at: string;
  readonly idle_until: string;
};
export type SetAlertTargetRequest = {
  readonly target: WebhookTarget | DestinationTarget | EmailTarget | FunctionTarget;
};
export type SetAlertTargetResponse = {
  readonly success: true;
  readonly message: string;
  readonly data: MadeSubscription;
};
export type SetNotificationByPostResponse = {
  readonly status: "success";
  readonly message: null;
  readonly version: string;
  readonly result: NotificationSubscription;
};
export type SetNotificationResponse = {
  readonly status: "success";
  readonly message: null;
  readonly version: string;
  readonly result: NotificationSubscription;
};
export type SetPermissionRequest = { readonly permission: string };
export type SetPermissionResponse = {
  readonly success: true;
  readonly message: string;
  readonly data: { readonly username: string; readonly permission: "read" | "write" | "none" };
};
export type SetPrincipalIssuerRequest = { readonly issuer: string; readonly subject: string };
export type SetPrincipalIssuerResponse = { readonly success: true; readonly message: string; readonly data: Principal };
export type SetUserSchemaRequest = { readonly schema: Readonly<Record<string, unknown>> };
export type SetUserSchemaResponse = { readonly success: true; readonly message: string; readonly data: UserSchema };
export type ShownDestinationTarget = {
  readonly type: "webhook";
  readonly url: string;
  readonly auth: ShownWebhookAuth | null;
  readonly headers: readonly string[];
  readonly ack: "200" | "2xx" | null;
  readonly timeout_ms: number;
  readonly fields: readonly string[];
  readonly format: "signalbox" | "s3" | "cloudevents" | "cloudevents-binary";
  readonly compression: "gzip" | null;
  readonly handshake: boolean;
  readonly batch: Batch | null;
};
export type ShownTarget =
  | {
      readonly type: "webhook";
      readonly url: string;
      readonly auth: ShownWebhookAuth | null;
      readonly headers: readonly string[];
      readonly ack: "200" | "2xx";
      readonly timeout_ms: number;
      readonly fields: readonly string[];
      readonly format: "signalbox" | "s3" | "cloudevents" | "cloudevents-binary";
      readonly compression: "gzip" | null;
      readonly handshake: boolean;
      readonly batch: Batch | null;
    }
  | { readonly type: "destination"; readonly name: string; readonly url: string }
  | { readonly type: "email"; readonly address: string }
  | {
      readonly type: "function";
      readonly function_id: number;
      readonly timeout_ms: number | null;
      readonly stage: "prepare" | "validate" | null;
      readonly priority: number | null;
      readonly failure_policy: "closed" | "open" | null;
    };
export type ShownWebhookAuth = { readonly type: "basic" | "bearer" | "header"; readonly username?: string | undefined };
export type SimulateEventRequest = {
  readonly params: Readonly<Record<string, unknown>>;
  readonly user?: (Readonly<Record<string, unknown>> | null) | undefined;
  readonly app?: string | undefined;
};
export type SimulateEventResponse = { readonly success: true; readonly message: string; readonly data: Simulation };
export type SimulatedHook = {
  readonly subscriber_id: number;
  readonly function_id: number;
  readonly function_name: string;
  readonly function_slug: string;
  readonly stage: "prepare" | "validate";
  readonly priority: number;
  readonly verdict: Verdict | null;
  readonly failure: string | null;
  readonly skipped: string | null;
  readonly duration_ms: number;
  readonly queue_ms: number;
  readonly cold_start_ms: number;
  readonly logs: readonly LogLine[];
};
export type Simulation = {
  readonly event: string;
  readonly outcome: "allowed" | "denied" | "failed";
  readonly message: string | null;
  readonly params: Readonly<Record<string, unknown>>;
  readonly hooks: readonly SimulatedHook[];
  readonly conflicts: readonly HookConflict[];
  readonly duration_ms: number;
};
export type StatSeries = {
  readonly name: string | null;
  readonly total: number | null;
  readonly values: readonly (number | null)[];
};
export type StoredFile = {
  readonly name: string;
  readonly uuid: string;
  readonly owner: string | null;
  readonly lastModified: string;
  readonly path: string;
  readonly status: string;
  readonly systemId: string;
  readonly length: number;
  readonly mimeType: string;
  readonly eTag: string;
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly tags: Readonly<Record<string, unknown>>;
};
export type SubscribeToEventRequest = {
  readonly function_id: number;
  readonly stage?: "prepare" | "validate" | undefined;
  readonly priority?: number | undefined;
  readonly failure_policy?: "closed" | "open" | undefined;
  readonly filter?: (string | null) | undefined;
  readonly timeout_ms?: (number | null) | undefined;
  readonly enabled?: boolean | undefined;
  readonly max_retries?: number | undefined;
  readonly backoff?: (NewFunctionBackoff | null) | undefined;
  readonly max_per_second?: (number | null) | undefined;
  readonly max_concurrency?: (number | null) | undefined;
  readonly ordered?: boolean | undefined;
  readonly capture?: "failures" | "all" | undefined;
};
export type SubscribeToEventResponse = { readonly success: true; readonly message: string; readonly data: Subscriber };
export type Subscriber = {
  readonly id: number;
  readonly event: string;
  readonly function: number;
  readonly function_name: string;
  readonly function_slug: string;
  readonly app_name: string;
  readonly app_slug: string;
  readonly created_at: string;
  readonly updated_at: string;
  readonly uuid: string;
  readonly stage: "prepare" | "validate" | null;
  readonly priority: number | null;
  readonly failure_policy: "closed" | "open" | null;
  readonly filter: string | null;
  readonly timeout_ms: number | null;
  readonly enabled: boolean;
  readonly paused: SubscriberPause | null;
  readonly max_retries: number | null;
  readonly backoff: Backoff | null;
  readonly max_per_second: number | null;
  readonly max_concurrency: number | null;
  readonly ordered: boolean;
  readonly capture: "failures" | "all";
  readonly warnings?: readonly string[] | undefined;
};
export type SubscriberPause = { readonly reason: string; readonly since: string };
export type Subscription = {
  readonly id: string;
  readonly face: "objects" | "notifications" | "lifecycle";
  readonly event: string;
  readonly resource: string;
  readonly bucket: string | null;
  readonly app: string | null;
  readonly filter: string | null;
  readonly target: ShownTarget;
  readonly persistent: boolean;
  readonly enabled: boolean;
  readonly status: "active" | "paused" | "inactive" | "unconfirmed" | "complete" | "failed";
  readonly confirmed: boolean | null;
  readonly confirmation: Confirmation | null;
  readonly paused: SubscriptionPause | null;
  readonly max_retries: number | null;
  readonly backoff: Backoff | null;
  readonly max_per_second: number | null;
  readonly max_concurrency: number | null;
  readonly ordered: boolean;
  readonly capture: "failures" | "all";
  readonly policy: NotificationPolicy | null;
  readonly previous_secret_until: string | null;
  readonly owner: string;
  readonly created_at: string;
  readonly updated_at: string;
};
export type SubscriptionPause = {
  readonly reason: "gone" | "disabled" | "owner_ended" | "owner_role" | "filter" | "destination";
  readonly since: string;
};
export type TargetChange = {
  readonly type?: "webhook" | "destination" | "email" | "function" | undefined;
  readonly url?: string | undefined;
  readonly auth?: (WebhookAuth | null) | undefined;
  readonly headers?: (Readonly<Record<string, string | null>> | null) | undefined;
  readonly ack?: "200" | "2xx" | undefined;
  readonly fields?:
    | (
        | readonly ("eventId" | "sequence" | "lastModified" | "contentType" | "reason" | "userMetadata" | "principal")[]
        | null
      )
    | undefined;
  readonly format?: ("signalbox" | "s3" | "cloudevents" | "cloudevents-binary" | null) | undefined;
  readonly compression?: ("gzip" | null) | undefined;
  readonly handshake?: boolean | undefined;
  readonly batch?: (NewBatch | null) | undefined;
  readonly name?: string | undefined;
  readonly address?: string | undefined;
  readonly function_id?: number | undefined;
  readonly stage?: "prepare" | "validate" | undefined;
  readonly priority?: number | undefined;
  readonly failure_policy?: "closed" | "open" | undefined;
  readonly timeout_ms?: (number | null) | undefined;
};
export type Tenant = {
  readonly id: string;
  readonly name: string;
  readonly created_at: string;
  readonly quotas: readonly Quota[];
};
export type TestAttempt = {
  readonly outcome: "delivered" | "failed";
  readonly number: number;
  readonly started_at: string;
  readonly duration_ms: number;
  readonly status: number | null;
  readonly reason: string | null;
  readonly error: string | null;
  readonly snippet: string | null;
  readonly batch: AttemptBatch | null;
  readonly request: SentRequest | null;
  readonly answer: ReceivedAnswer | null;
};
export type TestDestinationResponse = { readonly success: true; readonly message: string; readonly data: TestAttempt };
export type TestRuleResponse = { readonly success: true; readonly message: string; readonly data: TestAttempt };
export type Token = {
  readonly id: string;
  readonly principal: string;
  readonly role: "operator" | "admin" | "developer" | "member" | "host";
  readonly label: string;
  readonly status: "active" | "expired" | "revoked";
  readonly created_at: string;
  readonly expires_at: string | null;
  readonly revoked_at: string | null;
  readonly made_by: string | null;
  readonly all_tenants: boolean;
  readonly event_types: readonly string[] | null;
  readonly kinds: readonly string[] | null;
};
export type TriedEvent = {
  readonly matches: boolean;
  readonly reasons: readonly string[];
  readonly event: {
    readonly event_id: string | null;
    readonly sequence: string | null;
    readonly event_name: string | null;
    readonly event_time: string | null;
    readonly resource: string | null;
    readonly key: string | null;
  };
};
export type TryFilterRequest = {
  readonly face: "objects" | "notifications" | "lifecycle";
  readonly bucket?: string | undefined;
  readonly event?: string | undefined;
  readonly resource?: string | undefined;
  readonly filter: string;
  readonly against?: Readonly<Record<string, unknown>> | undefined;
  readonly last?: number | undefined;
};
export type TryFilterResponse = {
  readonly success: true;
  readonly message: string;
  readonly data: {
    readonly checks: readonly TriedEvent[];
    readonly matched: number;
    readonly warnings?: readonly string[] | undefined;
    readonly cost: { readonly instructions: number; readonly visits: number; readonly most_visits: number };
  };
};
export type UnsubscribeFromEventRequest = { readonly function_id: number };
export type UnsubscribeFromEventResponse = {
  readonly success: true;
  readonly message: string;
  readonly data: Readonly<Record<string, unknown>>;
};
export type UpdateAppRequest = { readonly name: string };
export type UpdateAppResponse = { readonly success: true; readonly message: string; readonly data: App };
export type UpdateDestinationRequest = {
  readonly target?: DestinationTargetChange | undefined;
  readonly max_retries?: (number | null) | undefined;
  readonly backoff?: (NewBackoff | null) | undefined;
  readonly alerts?: boolean | undefined;
  readonly tags?: (Readonly<Record<string, string | null>> | null) | undefined;
};
export type UpdateDestinationResponse = {
  readonly success: true;
  readonly message: string;
  readonly data: Destination;
};
export type UpdateEventSubscriberRequest = {
  readonly stage?: "prepare" | "validate" | undefined;
  readonly priority?: number | undefined;
  readonly failure_policy?: "closed" | "open" | undefined;
  readonly filter?: (string | null) | undefined;
  readonly timeout_ms?: (number | null) | undefined;
  readonly enabled?: boolean | undefined;
  readonly max_retries?: number | undefined;
  readonly backoff?: (NewFunctionBackoff | null) | undefined;
  readonly max_per_second?: (number | null) | undefined;
  readonly max_concurrency?: (number | null) | undefined;
  readonly ordered?: boolean | undefined;
  readonly capture?: "failures" | "all" | undefined;
};
export type UpdateEventSubscriberResponse = {
  readonly success: true;
  readonly message: string;
  readonly data: Subscriber;
};
export type UpdateFunctionRequest = {
  readonly name?: string | undefined;
  readonly code?: string | undefined;
  readonly language?: "javascript" | "typescript" | undefined;
  readonly timeout_ms?: number | undefined;
  readonly enabled?: boolean | undefined;
  readonly writes?: boolean | undefined;
  readonly env?: (Readonly<Record<string, string | null>> | null) | undefined;
  readonly secrets?: (Readonly<Record<string, string | null>> | null) | undefined;
  readonly egress?: (readonly string[] | null) | undefined;
};
export type UpdateFunctionResponse = { readonly success: true; readonly message: string; readonly data: AppFunction };
export type UpdateNotificationRequest = {
  readonly url?: (string | null) | undefined;
  readonly event?: string | undefined;
  readonly associatedUuid?: string | undefined;
  readonly persistent?: boolean | undefined;
  readonly policy?: NewNotificationPolicy | undefined;
  readonly batch?: (NewNotificationBatch | null) | undefined;
};
export type UpdateNotificationResponse = {
  readonly status: "success";
  readonly message: null;
  readonly version: string;
  readonly result: NotificationSubscription;
};
export type UpdatePrincipalRequest = { readonly role: "operator" | "admin" | "developer" | "member" };
export type UpdatePrincipalResponse = { readonly success: true; readonly message: string; readonly data: Principal };
export type UpdateRuleRequest = {
  readonly url?: string | undefined;
  readonly target?: DestinationTarget | undefined;
  readonly filter?: (string | null) | undefined;
  readonly auth?: (WebhookAuth | null) | undefined;
  readonly enabled?: boolean | undefined;
  readonly ack?: "200" | "2xx" | undefined;
  readonly max_retries?: number | undefined;
  readonly timeout_ms?: number | undefined;
  readonly max_per_second?: (number | null) | undefined;
  readonly max_concurrency?: (number | null) | undefined;
  readonly ordered?: boolean | undefined;
  readonly capture?: "failures" | "all" | undefined;
  readonly format?: ("signalbox" | "s3" | "cloudevents" | "cloudevents-binary" | null) | undefined;
  readonly compression?: ("gzip" | null) | undefined;
  readonly handshake?: boolean | undefined;
  readonly batch?: (NewBatch | null) | undefined;
  readonly backoff?: (NewBackoff | null) | undefined;
  readonly fields?:
    | (
        | readonly ("eventId" | "sequence" | "lastModified" | "contentType" | "reason" | "userMetadata" | "principal")[]
        | null
      )
    | undefined;
  readonly headers?: (Readonly<Record<string, string | null>> | null) | undefined;
};
export type UpdateRuleResponse = { readonly success: true; readonly message: string; readonly data: SavedRule };
export type UpdateSubscriptionRequest = {
  readonly event?: string | undefined;
  readonly face?: "objects" | "notifications" | "lifecycle" | undefined;
  readonly resource?: string | undefined;
  readonly target?: TargetChange | undefined;
  readonly filter?: (string | null) | undefined;
  readonly enabled?: boolean | undefined;
  readonly persistent?: boolean | undefined;
  readonly max_per_second?: (number | null) | undefined;
  readonly max_concurrency?: (number | null) | undefined;
  readonly ordered?: boolean | undefined;
  readonly capture?: "failures" | "all" | undefined;
  readonly max_retries?: number | undefined;
  readonly backoff?: (NewBackoff | null) | undefined;
  readonly policy?: (Readonly<Record<string, unknown>> | null) | undefined;
};
export type UpdateSubscriptionResponse = {
  readonly success: true;
  readonly message: string;
  readonly data: SavedSubscription;
};
export type UpdateTenantRequest = {
  readonly quotas: {
    readonly bytes?: (number | null) | undefined;
    readonly objects?: (number | null) | undefined;
    readonly buckets?: (number | null) | undefined;
    readonly principals?: (number | null) | undefined;
    readonly open_uploads?: (number | null) | undefined;
    readonly subscriptions?: (number | null) | undefined;
    readonly functions?: (number | null) | undefined;
    readonly open_operations?: (number | null) | undefined;
    readonly events_per_second?: (number | null) | undefined;
  };
};
export type UpdateTenantResponse = { readonly success: true; readonly message: string; readonly data: Tenant };
export type UpdateUserRequest = {
  readonly username?: string | undefined;
  readonly email?: (string | null) | undefined;
  readonly first_name?: (string | null) | undefined;
  readonly last_name?: (string | null) | undefined;
  readonly attributes?: (Readonly<Record<string, unknown>> | null) | undefined;
};
export type UpdateUserResponse = { readonly success: true; readonly message: string; readonly data: ChangedUser };
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
export type UserSchema = { readonly schema: Readonly<Record<string, unknown>> | null };
export type Verdict = {
  readonly decision: "allow" | "deny";
  readonly patch?: Readonly<Record<string, unknown>> | undefined;
  readonly message?: string | undefined;
  readonly code?: string | undefined;
  readonly fields?: readonly DeniedField[] | undefined;
  readonly error?: "thrown" | "returned" | undefined;
  readonly notes?: readonly string[] | undefined;
};
export type WebhookAuth =
  | { readonly type: "basic"; readonly username: string; readonly password: string }
  | { readonly type: "bearer"; readonly token: string }
  | { readonly type: "header"; readonly value: string };
export type WebhookTarget = {
  readonly type: "webhook";
  readonly url: string;
  readonly auth?: (WebhookAuth | null) | undefined;
  readonly headers?: (Readonly<Record<string, string | null>> | null) | undefined;
  readonly ack?: "200" | "2xx" | undefined;
  readonly fields?:
    | (
        | readonly ("eventId" | "sequence" | "lastModified" | "contentType" | "reason" | "userMetadata" | "principal")[]
        | null
      )
    | undefined;
  readonly format?: ("signalbox" | "s3" | "cloudevents" | "cloudevents-binary" | null) | undefined;
  readonly compression?: ("gzip" | null) | undefined;
  readonly handshake?: boolean | undefined;
  readonly batch?: (NewBatch | null) | undefined;
  readonly timeout_ms?: (number | null) | undefined;
};
export type WholeEvent = {
  readonly id: string;
  readonly sequence: string;
  readonly time: string;
  readonly name: string;
  readonly names: {
    readonly objects: string | null;
    readonly notifications: string | null;
    readonly lifecycle: string | null;
  };
  readonly resource: string;
  readonly bucket: string | null;
  readonly key: string | null;
  readonly app: string | null;
  readonly actor: string | null;
  readonly origin: string;
  readonly data: Readonly<Record<string, unknown>>;
  readonly operation: {
    readonly id: string;
    readonly event: string;
    readonly outcome: "allowed" | "denied" | "failed";
  } | null;
  readonly dispatch: "done" | "waiting" | "aside";
  readonly subscriptions: readonly ExplainedRule[];
  readonly more_subscriptions: boolean;
};
export type WholeMail = {
  readonly name: string;
  readonly to: string;
  readonly subject: string;
  readonly date: string;
  readonly text: string | null;
  readonly raw: string;
};

/** What each operation takes and answers. */
export interface Operations {
  readonly activateFunctionVersion: {
    readonly params: { readonly app: string; readonly fn: string; readonly version: string };
    readonly query: {};
    readonly body: undefined;
    readonly answer: ActivateFunctionVersionResponse;
  };
  readonly cancelRedrive: {
    readonly params: { readonly id: string };
    readonly query: {};
    readonly body: undefined;
    readonly answer: CancelRedriveResponse;
  };
  readonly checkFilter: {
    readonly params: { readonly bucket: string };
    readonly query: {};
    readonly body: CheckFilterRequest;
    readonly answer: CheckFilterResponse;
  };
  readonly checkFunctionCode: {
    readonly params: { readonly app: string };
    readonly query: {};
    readonly body: CheckFunctionCodeRequest;
    readonly answer: CheckFunctionCodeResponse;
  };
  readonly countDeliveries: {
    readonly params: {};
    readonly query: {
      readonly status?: readonly ("waiting" | "delivered" | "dead" | "paused")[] | undefined;
      readonly bucket?: string | undefined;
      readonly rule?: string | undefined;
      readonly face?: "objects" | "notifications" | "lifecycle" | undefined;
      readonly event?: string | undefined;
      readonly resource?: string | undefined;
      readonly key_prefix?: string | undefined;
      readonly http_status?: string | undefined;
      readonly reason?:
        | "status"
        | "timeout"
        | "connection"
        | "dns"
        | "tls"
        | "egress_refused"
        | "redirect"
        | "gone"
        | "invalid_response"
        | "subscription_deleted"
        | "internal"
        | "threw"
        | "stalled"
        | "memory"
        | "crashed"
        | "bad_output"
        | "busy"
        | "unavailable"
        | "mail_refused"
        | "mail_deferred"
        | "rate_limited"
        | "not_visible"
        | "not_matched"
        | undefined;
      readonly target_host?: string | undefined;
      readonly function?: number | undefined;
      readonly min_attempts?: number | undefined;
      readonly since?: string | undefined;
      readonly until?: string | undefined;
      readonly order?: "newest" | "oldest" | undefined;
      readonly cursor?: string | undefined;
    };
    readonly body: undefined;
    readonly answer: CountDeliveriesResponse;
  };
  readonly createAccessKey: {
    readonly params: {};
    readonly query: {};
    readonly body: CreateAccessKeyRequest;
    readonly answer: CreateAccessKeyResponse;
  };
  readonly createApp: {
    readonly params: {};
    readonly query: {};
    readonly body: CreateAppRequest;
    readonly answer: CreateAppResponse;
  };
  readonly createBucket: {
    readonly params: {};
    readonly query: {};
    readonly body: CreateBucketRequest;
    readonly answer: CreateBucketResponse;
  };
  readonly createDestination: {
    readonly params: {};
    readonly query: {};
    readonly body: CreateDestinationRequest;
    readonly answer: CreateDestinationResponse;
  };
  readonly createFunction: {
    readonly params: { readonly app: string };
    readonly query: {};
    readonly body: CreateFunctionRequest;
    readonly answer: CreateFunctionResponse;
  };
  readonly createLoginLink: {
    readonly params: {};
    readonly query: {};
    readonly body: CreateLoginLinkRequest;
    readonly answer: CreateLoginLinkResponse;
  };
  readonly createNotification: {
    readonly params: {};
    readonly query: {
      readonly pretty?: boolean | undefined;
      readonly naked?: boolean | undefined;
      readonly filter?: string | undefined;
    };
    readonly body: NewNotification;
    readonly answer: CreateNotificationResponse;
  };
  readonly createNotificationAttempt: {
    readonly params: { readonly uuid: string };
    readonly query: {
      readonly pretty?: boolean | undefined;
      readonly naked?: boolean | undefined;
      readonly filter?: string | undefined;
    };
    readonly body: CreateNotificationAttemptRequest;
    readonly answer: CreateNotificationAttemptResponse;
  };
  readonly createRedrive: {
    readonly params: {};
    readonly query: {};
    readonly body: CreateRedriveRequest;
    readonly answer: CreateRedriveResponse;
  };
  readonly createRule: {
    readonly params: { readonly bucket: string };
    readonly query: {};
    readonly body: CreateRuleRequest;
    readonly answer: CreateRuleResponse;
  };
  readonly createSubscription: {
    readonly params: {};
    readonly query: {};
    readonly body: CreateSubscriptionRequest;
    readonly answer: CreateSubscriptionResponse;
  };
  readonly createTenant: {
    readonly params: {};
    readonly query: {};
    readonly body: CreateTenantRequest;
    readonly answer: CreateTenantResponse;
  };
  readonly createToken: {
    readonly params: {};
    readonly query: {};
    readonly body: CreateTokenRequest;
    readonly answer: CreateTokenResponse;
  };
  readonly createUser: {
    readonly params: {};
    readonly query: {};
    readonly body: CreateUserRequest;
    readonly answer: CreateUserResponse;
  };
  readonly declareEventTypes: {
    readonly params: { readonly event: string };
    readonly query: {};
    readonly body: undefined;
    readonly answer: DeclareEventTypesResponse;
  };
  readonly deleteAccessKey: {
    readonly params: { readonly id: string };
    readonly query: {};
    readonly body: undefined;
    readonly answer: DeleteAccessKeyResponse;
  };
  readonly deleteAlertTarget: {
    readonly params: {};
    readonly query: {};
    readonly body: undefined;
    readonly answer: DeleteAlertTargetResponse;
  };
  readonly deleteApp: {
    readonly params: { readonly app: string };
    readonly query: {};
    readonly body: undefined;
    readonly answer: DeleteAppResponse;
  };
  readonly deleteBucket: {
    readonly params: { readonly bucket: string };
    readonly query: {};
    readonly body: undefined;
    readonly answer: DeleteBucketResponse;
  };
  readonly deleteDestination: {
    readonly params: { readonly name: string };
    readonly query: { readonly force?: "true" | "false" | undefined };
    readonly body: undefined;
    readonly answer: DeleteDestinationResponse;
  };
  readonly deleteFunction: {
    readonly params: { readonly app: string; readonly fn: string };
    readonly query: {};
    readonly body: undefined;
    readonly answer: DeleteFunctionResponse;
  };
  readonly deleteNotification: {
    readonly params: { readonly uuid: string };
    readonly query: {
      readonly pretty?: boolean | undefined;
      readonly naked?: boolean | undefined;
      readonly filter?: string | undefined;
    };
    readonly body: undefined;
    readonly answer: DeleteNotificationResponse;
  };
  readonly deleteNotificationAttempt: {
    readonly params: { readonly uuid: string; readonly attempt: string };
    readonly query: {
      readonly pretty?: boolean | undefined;
      readonly naked?: boolean | undefined;
      readonly filter?: string | undefined;
    };
    readonly body: undefined;
    readonly answer: DeleteNotificationAttemptResponse;
  };
  readonly deleteNotificationAttempts: {
    readonly params: { readonly uuid: string };
    readonly query: {
      readonly pretty?: boolean | undefined;
      readonly naked?: boolean | undefined;
      readonly filter?: string | undefined;
    };
    readonly body: undefined;
    readonly answer: DeleteNotificationAttemptsResponse;
  };
  readonly deleteObject: {
    readonly params: { readonly bucket: string };
    readonly query: { readonly key: string };
    readonly body: undefined;
    readonly answer: DeleteObjectResponse;
  };
  readonly deletePermission: {
    readonly params: { readonly uuid: string; readonly username: string };
    readonly query: {};
    readonly body: undefined;
    readonly answer: DeletePermissionResponse;
  };
  readonly deletePrincipal: {
    readonly params: { readonly name: string };
    readonly query: {};
    readonly body: undefined;
    readonly answer: DeletePrincipalResponse;
  };
  readonly deletePrincipalIssuer: {
    readonly params: { readonly name: string };
    readonly query: {};
    readonly body: undefined;
    readonly answer: DeletePrincipalIssuerResponse;
  };
  readonly deleteRule: {
    readonly params: { readonly bucket: string; readonly id: string };
    readonly query: {};
    readonly body: undefined;
    readonly answer: DeleteRuleResponse;
  };
  readonly deleteSession: {
    readonly params: { readonly id: string };
    readonly query: {};
    readonly body: undefined;
    readonly answer: DeleteSessionResponse;
  };
  readonly deleteSubscription: {
    readonly params: { readonly id: string };
    readonly query: {};
    readonly body: undefined;
    readonly answer: DeleteSubscriptionResponse;
  };
  readonly deleteToken: {
    readonly params: { readonly id: string };
    readonly query: {};
    readonly body: undefined;
    readonly answer: DeleteTokenResponse;
  };
  readonly deleteUser: {
    readonly params: { readonly id: string };
    readonly query: {};
    readonly body: undefined;
    readonly answer: DeleteUserResponse;
  };
  readonly deleteUserSchema: {
    readonly params: {};
    readonly query: {};
    readonly body: undefined;
    readonly answer: DeleteUserSchemaResponse;
  };
  readonly dropInboxEvent: {
    readonly params: { readonly id: string };
    readonly query: {};
    readonly body: undefined;
    readonly answer: DropInboxEventResponse;
  };
  readonly explainObject: {
    readonly params: {};
    readonly query: {
      readonly bucket: string;
      readonly key: string;
      readonly at?: string | undefined;
      readonly limit?: number | undefined;
      readonly cursor?: string | undefined;
    };
    readonly body: undefined;
    readonly answer: ExplainObjectResponse;
  };
  readonly findFunction: {
    readonly params: { readonly id: string };
    readonly query: {};
    readonly body: undefined;
    readonly answer: FindFunctionResponse;
  };
  readonly follow: {
    readonly params: {};
    readonly query: {
      readonly topics?: string | undefined;
      readonly face?: "objects" | "notifications" | "lifecycle" | undefined;
      readonly event?: string | undefined;
      readonly bucket?: string | undefined;
      readonly resource?: string | undefined;
      readonly where?: string | undefined;
      readonly subscription?: string | undefined;
      readonly status?: "waiting" | "delivered" | "dead" | "paused" | undefined;
      readonly payload?: "webhook" | undefined;
      readonly cursor?: string | undefined;
      readonly until?: string | undefined;
    };
    readonly body: undefined;
    readonly answer: undefined;
  };
  readonly getAlertTarget: {
    readonly params: {};
    readonly query: {};
    readonly body: undefined;
    readonly answer: GetAlertTargetResponse;
  };
  readonly getApp: {
    readonly params: { readonly app: string };
    readonly query: {};
    readonly body: undefined;
    readonly answer: GetAppResponse;
  };
  readonly getAppEvent: {
    readonly params: { readonly app: string; readonly event: string };
    readonly query: {};
    readonly body: undefined;
    readonly answer: GetAppEventResponse;
  };
  readonly getBucket: {
    readonly params: { readonly bucket: string };
    readonly query: {};
    readonly body: undefined;
    readonly answer: GetBucketResponse;
  };
  readonly getDecision: {
    readonly params: { readonly operation_id: string };
    readonly query: {};
    readonly body: undefined;
    readonly answer: GetDecisionResponse;
  };
  readonly getDelivery: {
    readonly params: { readonly id: string };
    readonly query: {};
    readonly body: undefined;
    readonly answer: GetDeliveryResponse;
  };
  readonly getDeliveryAttempt: {
    readonly params: { readonly id: string; readonly number: string };
    readonly query: {};
    readonly body: undefined;
    readonly answer: GetDeliveryAttemptResponse;
  };
  readonly getDestination: {
    readonly params: { readonly name: string };
    readonly query: {};
    readonly body: undefined;
    readonly answer: GetDestinationResponse;
  };
  readonly getEvent: {
    readonly params: { readonly event: string };
    readonly query: {};
    readonly body: undefined;
    readonly answer: GetEventResponse;
  };
  readonly getFile: {
    readonly params: { readonly uuid: string };
    readonly query: {};
    readonly body: undefined;
    readonly answer: GetFileResponse;
  };
  readonly getFunction: {
    readonly params: { readonly app: string; readonly fn: string };
    readonly query: {};
    readonly body: undefined;
    readonly answer: GetFunctionResponse;
  };
  readonly getFunctionVersion: {
    readonly params: { readonly app: string; readonly fn: string; readonly version: string };
    readonly query: {};
    readonly body: undefined;
    readonly answer: GetFunctionVersionResponse;
  };
  readonly getHealth: {
    readonly params: {};
    readonly query: {};
    readonly body: undefined;
    readonly answer: GetHealthResponse;
  };
  readonly getInvocation: {
    readonly params: { readonly id: string };
    readonly query: {};
    readonly body: undefined;
    readonly answer: GetInvocationResponse;
  };
  readonly getLoggedEvent: {
    readonly params: { readonly id: string };
    readonly query: {};
    readonly body: undefined;
    readonly answer: GetLoggedEventResponse;
  };
  readonly getMail: {
    readonly params: { readonly name: string };
    readonly query: {};
    readonly body: undefined;
    readonly answer: GetMailResponse;
  };
  readonly getMetrics: {
    readonly params: {};
    readonly query: {};
    readonly body: undefined;
    readonly answer: undefined;
  };
  readonly getNotification: {
    readonly params: { readonly uuid: string };
    readonly query: {
      readonly pretty?: boolean | undefined;
      readonly naked?: boolean | undefined;
      readonly filter?: string | undefined;
    };
    readonly body: undefined;
    readonly answer: GetNotificationResponse;
  };
  readonly getNotificationAttempt: {
    readonly params: { readonly uuid: string; readonly attempt: string };
    readonly query: {
      readonly pretty?: boolean | undefined;
      readonly naked?: boolean | undefined;
      readonly filter?: string | undefined;
    };
    readonly body: undefined;
    readonly answer: GetNotificationAttemptResponse;
  };
  readonly getObject: {
    readonly params: { readonly bucket: string };
    readonly query: { readonly key: string; readonly tenant?: string | undefined };
    readonly body: undefined;
    readonly answer: undefined;
  };
  readonly getOperation: {
    readonly params: { readonly operation_id: string };
    readonly query: {};
    readonly body: undefined;
    readonly answer: GetOperationResponse;
  };
  readonly getOverview: {
    readonly params: {};
    readonly query: {};
    readonly body: undefined;
    readonly answer: GetOverviewResponse;
  };
  readonly getPermission: {
    readonly params: { readonly uuid: string; readonly username: string };
    readonly query: {};
    readonly body: undefined;
    readonly answer: GetPermissionResponse;
  };
  readonly getPrincipal: {
    readonly params: { readonly name: string };
    readonly query: {};
    readonly body: undefined;
    readonly answer: GetPrincipalResponse;
  };
  readonly getProfile: {
    readonly params: { readonly username: string };
    readonly query: {
      readonly pretty?: boolean | undefined;
      readonly naked?: boolean | undefined;
      readonly filter?: string | undefined;
    };
    readonly body: undefined;
    readonly answer: GetProfileResponse;
  };
  readonly getReadiness: {
    readonly params: {};
    readonly query: {};
    readonly body: undefined;
    readonly answer: GetReadinessResponse;
  };
  readonly getRedrive: {
    readonly params: { readonly id: string };
    readonly query: {};
    readonly body: undefined;
    readonly answer: GetRedriveResponse;
  };
  readonly getRule: {
    readonly params: { readonly bucket: string; readonly id: string };
    readonly query: { readonly include?: "health" | undefined };
    readonly body: undefined;
    readonly answer: GetRuleResponse;
  };
  readonly getSelf: {
    readonly params: {};
    readonly query: {};
    readonly body: undefined;
    readonly answer: GetSelfResponse;
  };
  readonly getSubscription: {
    readonly params: { readonly id: string };
    readonly query: { readonly include?: "health" | undefined };
    readonly body: undefined;
    readonly answer: GetSubscriptionResponse;
  };
  readonly getTenant: {
    readonly params: { readonly id: string };
    readonly query: {};
    readonly body: undefined;
    readonly answer: GetTenantResponse;
  };
  readonly getTypes: {
    readonly params: {};
    readonly query: {
      readonly language?: "typescript" | "python" | "json-schema" | undefined;
      readonly event?: readonly string[] | undefined;
    };
    readonly body: undefined;
    readonly answer: GetTypesResponse;
  };
  readonly getUsage: {
    readonly params: {};
    readonly query: {
      readonly from?: string | undefined;
      readonly to?: string | undefined;
      readonly bucket?: string | undefined;
      readonly rule?: string | undefined;
      readonly limit?: number | undefined;
      readonly cursor?: string | undefined;
    };
    readonly body: undefined;
    readonly answer: GetUsageResponse;
  };
  readonly getUser: {
    readonly params: { readonly id: string };
    readonly query: {};
    readonly body: undefined;
    readonly answer: GetUserResponse;
  };
  readonly getUserSchema: {
    readonly params: {};
    readonly query: {};
    readonly body: undefined;
    readonly answer: GetUserSchemaResponse;
  };
  readonly invokeFunction: {
    readonly params: { readonly app: string; readonly fn: string };
    readonly query: {};
    readonly body: InvokeFunctionRequest;
    readonly answer: InvokeFunctionResponse;
  };
  readonly keepVersion: {
    readonly params: { readonly app: string; readonly fn: string };
    readonly query: {};
    readonly body: KeepVersionRequest;
    readonly answer: KeepVersionResponse;
  };
  readonly listAccessKeys: {
    readonly params: {};
    readonly query: {
      readonly limit?: number | undefined;
      readonly cursor?: string | undefined;
      readonly principal?: string | undefined;
    };
    readonly body: undefined;
    readonly answer: ListAccessKeysResponse;
  };
  readonly listAppEvents: {
    readonly params: { readonly app: string };
    readonly query: {};
    readonly body: undefined;
    readonly answer: ListAppEventsResponse;
  };
  readonly listApps: {
    readonly params: {};
    readonly query: { readonly limit?: number | undefined; readonly cursor?: string | undefined };
    readonly body: undefined;
    readonly answer: ListAppsResponse;
  };
  readonly listBuckets: {
    readonly params: {};
    readonly query: { readonly limit?: number | undefined; readonly cursor?: string | undefined };
    readonly body: undefined;
    readonly answer: ListBucketsResponse;
  };
  readonly listDeliveries: {
    readonly params: {};
    readonly query: {
      readonly status?: readonly ("waiting" | "delivered" | "dead" | "paused")[] | undefined;
      readonly bucket?: string | undefined;
      readonly rule?: string | undefined;
      readonly face?: "objects" | "notifications" | "lifecycle" | undefined;
      readonly event?: string | undefined;
      readonly resource?: string | undefined;
      readonly key_prefix?: string | undefined;
      readonly http_status?: string | undefined;
      readonly reason?:
        | "status"
        | "timeout"
        | "connection"
        | "dns"
        | "tls"
        | "egress_refused"
        | "redirect"
        | "gone"
        | "invalid_response"
        | "subscription_deleted"
        | "internal"
        | "threw"
        | "stalled"
        | "memory"
        | "crashed"
        | "bad_output"
        | "busy"
        | "unavailable"
        | "mail_refused"
        | "mail_deferred"
        | "rate_limited"
        | "not_visible"
        | "not_matched"
        | undefined;
      readonly target_host?: string | undefined;
      readonly function?: number | undefined;
      readonly min_attempts?: number | undefined;
      readonly since?: string | undefined;
      readonly until?: string | undefined;
      readonly order?: "newest" | "oldest" | undefined;
      readonly limit?: number | undefined;
      readonly cursor?: string | undefined;
    };
    readonly body: undefined;
    readonly answer: ListDeliveriesResponse;
  };
  readonly listDestinations: {
    readonly params: {};
    readonly query: { readonly limit?: number | undefined; readonly cursor?: string | undefined };
    readonly body: undefined;
    readonly answer: ListDestinationsResponse;
  };
  readonly listEvents: {
    readonly params: {};
    readonly query: {};
    readonly body: undefined;
    readonly answer: ListEventsResponse;
  };
  readonly listFiles: {
    readonly params: {};
    readonly query: {
      readonly bucket: string;
      readonly key?: string | undefined;
      readonly prefix?: string | undefined;
      readonly delimiter?: string | undefined;
      readonly limit?: number | undefined;
      readonly cursor?: string | undefined;
    };
    readonly body: undefined;
    readonly answer: ListFilesResponse;
  };
  readonly listFilterFields: {
    readonly params: {};
    readonly query: {
      readonly face: "objects" | "notifications" | "lifecycle";
      readonly bucket?: string | undefined;
      readonly event?: string | undefined;
      readonly resource?: string | undefined;
    };
    readonly body: undefined;
    readonly answer: ListFilterFieldsResponse;
  };
  readonly listFunctionInvocations: {
    readonly params: { readonly app: string; readonly fn: string };
    readonly query: {
      readonly status?: "pending" | "succeeded" | "failed" | undefined;
      readonly trigger?: "pre" | "post" | "invoke" | "trial" | undefined;
      readonly event_type?: string | undefined;
      readonly version?: number | undefined;
      readonly since?: string | undefined;
      readonly until?: string | undefined;
      readonly limit?: number | undefined;
      readonly cursor?: string | undefined;
    };
    readonly body: undefined;
    readonly answer: ListFunctionInvocationsResponse;
  };
  readonly listFunctionVersions: {
    readonly params: { readonly app: string; readonly fn: string };
    readonly query: { readonly limit?: number | undefined; readonly cursor?: string | undefined };
    readonly body: undefined;
    readonly answer: ListFunctionVersionsResponse;
  };
  readonly listFunctions: {
    readonly params: { readonly app: string };
    readonly query: { readonly limit?: number | undefined; readonly cursor?: string | undefined };
    readonly body: undefined;
    readonly answer: ListFunctionsResponse;
  };
  readonly listInboxEvents: {
    readonly params: {};
    readonly query: { readonly limit?: number | undefined; readonly cursor?: string | undefined };
    readonly body: undefined;
    readonly answer: ListInboxEventsResponse;
  };
  readonly listInvocations: {
    readonly params: {};
    readonly query: {
      readonly status?: "pending" | "succeeded" | "failed" | undefined;
      readonly trigger?: "pre" | "post" | "invoke" | "trial" | undefined;
      readonly event_type?: string | undefined;
      readonly version?: number | undefined;
      readonly since?: string | undefined;
      readonly until?: string | undefined;
      readonly function_id?: number | undefined;
      readonly app?: string | undefined;
      readonly limit?: number | undefined;
      readonly cursor?: string | undefined;
    };
    readonly body: undefined;
    readonly answer: ListInvocationsResponse;
  };
  readonly listLoggedEvents: {
    readonly params: {};
    readonly query: {
      readonly where?: string | undefined;
      readonly face?: "objects" | "notifications" | "lifecycle" | undefined;
      readonly event?: string | undefined;
      readonly resource?: string | undefined;
      readonly bucket?: string | undefined;
      readonly deliveries?: "none" | "some" | undefined;
      readonly since?: string | undefined;
      readonly until?: string | undefined;
      readonly limit?: number | undefined;
      readonly cursor?: string | undefined;
    };
    readonly body: undefined;
    readonly answer: ListLoggedEventsResponse;
  };
  readonly listLogins: {
    readonly params: {};
    readonly query: {};
    readonly body: undefined;
    readonly answer: ListLoginsResponse;
  };
  readonly listMails: {
    readonly params: {};
    readonly query: { readonly limit?: number | undefined; readonly cursor?: string | undefined };
    readonly body: undefined;
    readonly answer: ListMailsResponse;
  };
  readonly listNodes: {
    readonly params: {};
    readonly query: {};
    readonly body: undefined;
    readonly answer: ListNodesResponse;
  };
  readonly listNotificationAttempts: {
    readonly params: { readonly uuid: string };
    readonly query: {
      readonly pretty?: boolean | undefined;
      readonly naked?: boolean | undefined;
      readonly filter?: string | undefined;
      readonly limit?: number | undefined;
      readonly offset?: number | undefined;
      readonly id?: string | undefined;
      readonly url?: string | undefined;
      readonly event?: string | undefined;
      readonly eventName?: string | undefined;
      readonly associatedUuid?: string | undefined;
      readonly notificationId?: string | undefined;
      readonly owner?: string | undefined;
      readonly provider?: string | undefined;
      readonly status?: string | undefined;
      readonly attempts?: string | undefined;
      readonly attemptNumber?: string | undefined;
      readonly created?: string | undefined;
      readonly scheduledTime?: string | undefined;
      readonly startTime?: string | undefined;
      readonly endTime?: string | undefined;
      readonly "response.code"?: string | undefined;
      readonly "response.message"?: string | undefined;
    };
    readonly body: undefined;
    readonly answer: ListNotificationAttemptsResponse;
  };
  readonly listNotificationEvents: {
    readonly params: {};
    readonly query: {
      readonly pretty?: boolean | undefined;
      readonly naked?: boolean | undefined;
      readonly filter?: string | undefined;
    };
    readonly body: undefined;
    readonly answer: ListNotificationEventsResponse;
  };
  readonly listNotifications: {
    readonly params: {};
    readonly query: {
      readonly pretty?: boolean | undefined;
      readonly naked?: boolean | undefined;
      readonly filter?: string | undefined;
      readonly limit?: number | undefined;
      readonly offset?: number | undefined;
      readonly associatedUuid?: string | undefined;
      readonly url?: string | undefined;
      readonly created?: string | undefined;
      readonly event?: string | undefined;
      readonly id?: string | undefined;
      readonly lastUpdated?: string | undefined;
      readonly owner?: string | undefined;
      readonly persistent?: string | undefined;
      readonly "policy.retryStrategy"?: string | undefined;
      readonly "policy.retryRate"?: string | undefined;
      readonly "policy.retryLimit"?: string | undefined;
      readonly "policy.retryDelay"?: string | undefined;
      readonly "policy.saveOnFailure"?: string | undefined;
      readonly status?: string | undefined;
      readonly visible?: string | undefined;
    };
    readonly body: undefined;
    readonly answer: ListNotificationsResponse;
  };
  readonly listOperations: {
    readonly params: {};
    readonly query: {
      readonly event?: string | undefined;
      readonly outcome?: "allowed" | "denied" | "failed" | undefined;
      readonly function?: number | undefined;
      readonly resource?: string | undefined;
      readonly since?: string | undefined;
      readonly until?: string | undefined;
      readonly limit?: number | undefined;
      readonly cursor?: string | undefined;
    };
    readonly body: undefined;
    readonly answer: ListOperationsResponse;
  };
  readonly listPermissions: {
    readonly params: { readonly uuid: string };
    readonly query: {};
    readonly body: undefined;
    readonly answer: ListPermissionsResponse;
  };
  readonly listPoisonedEvents: {
    readonly params: {};
    readonly query: { readonly limit?: number | undefined; readonly cursor?: string | undefined };
    readonly body: undefined;
    readonly answer: ListPoisonedEventsResponse;
  };
  readonly listPrincipals: {
    readonly params: {};
    readonly query: { readonly limit?: number | undefined; readonly cursor?: string | undefined };
    readonly body: undefined;
    readonly answer: ListPrincipalsResponse;
  };
  readonly listRedrives: {
    readonly params: {};
    readonly query: { readonly limit?: number | undefined; readonly cursor?: string | undefined };
    readonly body: undefined;
    readonly answer: ListRedrivesResponse;
  };
  readonly listRules: {
    readonly params: { readonly bucket: string };
    readonly query: {
      readonly include?: "health" | undefined;
      readonly limit?: number | undefined;
      readonly cursor?: string | undefined;
    };
    readonly body: undefined;
    readonly answer: ListRulesResponse;
  };
  readonly listSessions: {
    readonly params: {};
    readonly query: { readonly limit?: number | undefined; readonly cursor?: string | undefined };
    readonly body: undefined;
    readonly answer: ListSessionsResponse;
  };
  readonly listStats: {
    readonly params: {};
    readonly query: {
      readonly from?: string | undefined;
      readonly to?: string | undefined;
      readonly step?: "1m" | "5m" | "1h" | "1d" | undefined;
      readonly measure?: "events" | "attempts" | "delivered" | "dead" | "latency_p50" | "latency_p99" | undefined;
      readonly by?: "outcome" | "reason" | "face" | "subscription" | undefined;
      readonly rule?: string | undefined;
    };
    readonly body: undefined;
    readonly answer: ListStatsResponse;
  };
  readonly listSubscriptions: {
    readonly params: {};
    readonly query: {
      readonly face?: "objects" | "notifications" | "lifecycle" | undefined;
      readonly event?: string | undefined;
      readonly resource?: string | undefined;
      readonly target?: "webhook" | "destination" | "email" | "function" | undefined;
      readonly destination?: string | undefined;
      readonly owner?: string | undefined;
      readonly status?: "active" | "paused" | "inactive" | "unconfirmed" | "complete" | "failed" | undefined;
      readonly include?: "health" | undefined;
      readonly limit?: number | undefined;
      readonly cursor?: string | undefined;
    };
    readonly body: undefined;
    readonly answer: ListSubscriptionsResponse;
  };
  readonly listTenants: {
    readonly params: {};
    readonly query: { readonly limit?: number | undefined; readonly cursor?: string | undefined };
    readonly body: undefined;
    readonly answer: ListTenantsResponse;
  };
  readonly listTokens: {
    readonly params: {};
    readonly query: { readonly limit?: number | undefined; readonly cursor?: string | undefined };
    readonly body: undefined;
    readonly answer: ListTokensResponse;
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
  readonly logIn: {
    readonly params: {};
    readonly query: {};
    readonly body: LogInRequest;
    readonly answer: LogInResponse;
  };
  readonly logOut: {
    readonly params: {};
    readonly query: {};
    readonly body: undefined;
    readonly answer: LogOutResponse;
  };
  readonly putObject: {
    readonly params: { readonly bucket: string };
    readonly query: { readonly key: string };
    readonly body: undefined;
    readonly answer: PutObjectResponse;
  };
  readonly redriveDelivery: {
    readonly params: { readonly id: string };
    readonly query: {};
    readonly body: undefined;
    readonly answer: RedriveDeliveryResponse;
  };
  readonly redrivePoisonedEvent: {
    readonly params: { readonly id: string };
    readonly query: {};
    readonly body: undefined;
    readonly answer: RedrivePoisonedEventResponse;
  };
  readonly renameFile: {
    readonly params: { readonly uuid: string };
    readonly query: {};
    readonly body: RenameFileRequest;
    readonly answer: RenameFileResponse;
  };
  readonly restorePrincipal: {
    readonly params: { readonly name: string };
    readonly query: {};
    readonly body: undefined;
    readonly answer: RestorePrincipalResponse;
  };
  readonly resumeRule: {
    readonly params: { readonly bucket: string; readonly id: string };
    readonly query: {};
    readonly body: undefined;
    readonly answer: ResumeRuleResponse;
  };
  readonly resumeSubscription: {
    readonly params: { readonly id: string };
    readonly query: {};
    readonly body: undefined;
    readonly answer: ResumeSubscriptionResponse;
  };
  readonly retryInboxEvent: {
    readonly params: { readonly id: string };
    readonly query: {};
    readonly body: undefined;
    readonly answer: RetryInboxEventResponse;
  };
  readonly rollbackFunction: {
    readonly params: { readonly app: string; readonly fn: string };
    readonly query: {};
    readonly body: undefined;
    readonly answer: RollbackFunctionResponse;
  };
  readonly rotateDestinationSecret: {
    readonly params: { readonly name: string };
    readonly query: {};
    readonly body: undefined;
    readonly answer: RotateDestinationSecretResponse;
  };
  readonly rotateRuleSecret: {
    readonly params: { readonly bucket: string; readonly id: string };
    readonly query: {};
    readonly body: undefined;
    readonly answer: RotateRuleSecretResponse;
  };
  readonly rotateSubscriptionSecret: {
    readonly params: { readonly id: string };
    readonly query: {};
    readonly body: undefined;
    readonly answer: RotateSubscriptionSecretResponse;
  };
  readonly runFunctionCode: {
    readonly params: { readonly app: string };
    readonly query: {};
    readonly body: RunFunctionCodeRequest;
    readonly answer: RunFunctionCodeResponse;
  };
  readonly sendLoggedEvent: {
    readonly params: { readonly id: string };
    readonly query: {};
    readonly body: SendLoggedEventRequest;
    readonly answer: SendLoggedEventResponse;
  };
  readonly setAlertTarget: {
    readonly params: {};
    readonly query: {};
    readonly body: SetAlertTargetRequest;
    readonly answer: SetAlertTargetResponse;
  };
  readonly setNotification: {
    readonly params: { readonly uuid: string };
    readonly query: {
      readonly pretty?: boolean | undefined;
      readonly naked?: boolean | undefined;
      readonly filter?: string | undefined;
    };
    readonly body: NewNotification;
    readonly answer: SetNotificationResponse;
  };
  readonly setNotificationByPost: {
    readonly params: { readonly uuid: string };
    readonly query: {
      readonly pretty?: boolean | undefined;
      readonly naked?: boolean | undefined;
      readonly filter?: string | undefined;
    };
    readonly body: NewNotification;
    readonly answer: SetNotificationByPostResponse;
  };
  readonly setPermission: {
    readonly params: { readonly uuid: string; readonly username: string };
    readonly query: {};
    readonly body: SetPermissionRequest;
    readonly answer: SetPermissionResponse;
  };
  readonly setPrincipalIssuer: {
    readonly params: { readonly name: string };
    readonly query: {};
    readonly body: SetPrincipalIssuerRequest;
    readonly answer: SetPrincipalIssuerResponse;
  };
  readonly setUserSchema: {
    readonly params: {};
    readonly query: {};
    readonly body: SetUserSchemaRequest;
    readonly answer: SetUserSchemaResponse;
  };
  readonly simulateEvent: {
    readonly params: { readonly event: string };
    readonly query: {};
    readonly body: SimulateEventRequest;
    readonly answer: SimulateEventResponse;
  };
  readonly subscribeToEvent: {
    readonly params: { readonly event: string };
    readonly query: {};
    readonly body: SubscribeToEventRequest;
    readonly answer: SubscribeToEventResponse;
  };
  readonly testDestination: {
    readonly params: { readonly name: string };
    readonly query: {};
    readonly body: undefined;
    readonly answer: TestDestinationResponse;
  };
  readonly testRule: {
    readonly params: { readonly bucket: string; readonly id: string };
    readonly query: {};
    readonly body: undefined;
    readonly answer: TestRuleResponse;
  };
  readonly tryFilter: {
    readonly params: {};
    readonly query: {};
    readonly body: TryFilterRequest;
    readonly answer: TryFilterResponse;
  };
  readonly unsubscribeFromEvent: {
    readonly params: { readonly event: string };
    readonly query: {};
    readonly body: UnsubscribeFromEventRequest;
    readonly answer: UnsubscribeFromEventResponse;
  };
  readonly updateApp: {
    readonly params: { readonly app: string };
    readonly query: {};
    readonly body: UpdateAppRequest;
    readonly answer: UpdateAppResponse;
  };
  readonly updateDestination: {
    readonly params: { readonly name: string };
    readonly query: {};
    readonly body: UpdateDestinationRequest;
    readonly answer: UpdateDestinationResponse;
  };
  readonly updateEventSubscriber: {
    readonly params: { readonly event: string; readonly id: string };
    readonly query: {};
    readonly body: UpdateEventSubscriberRequest;
    readonly answer: UpdateEventSubscriberResponse;
  };
  readonly updateFunction: {
    readonly params: { readonly app: string; readonly fn: string };
    readonly query: {};
    readonly body: UpdateFunctionRequest;
    readonly answer: UpdateFunctionResponse;
  };
  readonly updateNotification: {
    readonly params: { readonly uuid: string };
    readonly query: {
      readonly pretty?: boolean | undefined;
      readonly naked?: boolean | undefined;
      readonly filter?: string | undefined;
    };
    readonly body: UpdateNotificationRequest;
    readonly answer: UpdateNotificationResponse;
  };
  readonly updatePrincipal: {
    readonly params: { readonly name: string };
    readonly query: {};
    readonly body: UpdatePrincipalRequest;
    readonly answer: UpdatePrincipalResponse;
  };
  readonly updateRule: {
    readonly params: { readonly bucket: string; readonly id: string };
    readonly query: {};
    readonly body: UpdateRuleRequest;
    readonly answer: UpdateRuleResponse;
  };
  readonly updateSubscription: {
    readonly params: { readonly id: string };
    readonly query: {};
    readonly body: UpdateSubscriptionRequest;
    readonly answer: UpdateSubscriptionResponse;
  };
  readonly updateTenant: {
    readonly params: { readonly id: string };
    readonly query: {};
    readonly body: UpdateTenantRequest;
    readonly answer: UpdateTenantResponse;
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
  activateFunctionVersion: ["POST", "/api/apps/{app}/functions/{fn}/versions/{version}/activate/"],
  cancelRedrive: ["DELETE", "/api/cloud/deliveries/redrive/{id}/"],
  checkFilter: ["POST", "/api/cloud/buckets/{bucket}/notifications/check/"],
  checkFunctionCode: ["POST", "/api/apps/{app}/functions/check/"],
  countDeliveries: ["GET", "/api/cloud/deliveries/count/"],
  createAccessKey: ["POST", "/api/cloud/access-keys/"],
  createApp: ["POST", "/api/apps/"],
  createBucket: ["POST", "/api/cloud/buckets/"],
  createDestination: ["POST", "/api/cloud/destinations/"],
  createFunction: ["POST", "/api/apps/{app}/functions/"],
  createLoginLink: ["POST", "/api/cloud/login-links/"],
  createNotification: ["POST", "/notifications/v2/"],
  createNotificationAttempt: ["POST", "/notifications/v2/{uuid}/attempts/"],
  createRedrive: ["POST", "/api/cloud/deliveries/redrive/"],
  createRule: ["POST", "/api/cloud/buckets/{bucket}/notifications/"],
  createSubscription: ["POST", "/api/cloud/subscriptions/"],
  createTenant: ["POST", "/api/cloud/tenants/"],
  createToken: ["POST", "/api/cloud/tokens/"],
  createUser: ["POST", "/api/cloud/users/"],
  declareEventTypes: ["GET", "/api/cloud/events/{event}/types/"],
  deleteAccessKey: ["DELETE", "/api/cloud/access-keys/{id}/"],
  deleteAlertTarget: ["DELETE", "/api/cloud/alerts/"],
  deleteApp: ["DELETE", "/api/apps/{app}/"],
  deleteBucket: ["DELETE", "/api/cloud/buckets/{bucket}/"],
  deleteDestination: ["DELETE", "/api/cloud/destinations/{name}/"],
  deleteFunction: ["DELETE", "/api/apps/{app}/functions/{fn}/"],
  deleteNotification: ["DELETE", "/notifications/v2/{uuid}/"],
  deleteNotificationAttempt: ["DELETE", "/notifications/v2/{uuid}/attempts/{attempt}/"],
  deleteNotificationAttempts: ["DELETE", "/notifications/v2/{uuid}/attempts/"],
  deleteObject: ["DELETE", "/api/cloud/buckets/{bucket}/objects/"],
  deletePermission: ["DELETE", "/api/cloud/resources/{uuid}/pems/{username}/"],
  deletePrincipal: ["DELETE", "/api/cloud/principals/{name}/"],
  deletePrincipalIssuer: ["DELETE", "/api/cloud/principals/{name}/issuer/"],
  deleteRule: ["DELETE", "/api/cloud/buckets/{bucket}/notifications/{id}/"],
  deleteSession: ["DELETE", "/api/cloud/sessions/{id}/"],
  deleteSubscription: ["DELETE", "/api/cloud/subscriptions/{id}/"],
  deleteToken: ["DELETE", "/api/cloud/tokens/{id}/"],
  deleteUser: ["DELETE", "/api/cloud/users/{id}/"],
  deleteUserSchema: ["DELETE", "/api/cloud/users/schema/"],
  dropInboxEvent: ["DELETE", "/api/cloud/inbox/{id}/"],
  explainObject: ["GET", "/api/cloud/explain/"],
  findFunction: ["GET", "/api/cloud/functions/{id}/"],
  follow: ["GET", "/api/cloud/live/"],
  getAlertTarget: ["GET", "/api/cloud/alerts/"],
  getApp: ["GET", "/api/apps/{app}/"],
  getAppEvent: ["GET", "/api/apps/{app}/events/{event}/"],
  getBucket: ["GET", "/api/cloud/buckets/{bucket}/"],
  getDecision: ["GET", "/api/cloud/decisions/{operation_id}/"],
  getDelivery: ["GET", "/api/cloud/deliveries/{id}/"],
  getDeliveryAttempt: ["GET", "/api/cloud/deliveries/{id}/attempts/{number}/"],
  getDestination: ["GET", "/api/cloud/destinations/{name}/"],
  getEvent: ["GET", "/api/cloud/events/{event}/"],
  getFile: ["GET", "/api/cloud/files/{uuid}/"],
  getFunction: ["GET", "/api/apps/{app}/functions/{fn}/"],
  getFunctionVersion: ["GET", "/api/apps/{app}/functions/{fn}/versions/{version}/"],
  getHealth: ["GET", "/healthz"],
  getInvocation: ["GET", "/api/cloud/invocations/{id}/"],
  getLoggedEvent: ["GET", "/api/cloud/event-log/{id}/"],
  getMail: ["GET", "/api/cloud/mails/{name}/"],
  getMetrics: ["GET", "/metrics"],
  getNotification: ["GET", "/notifications/v2/{uuid}/"],
  getNotificationAttempt: ["GET", "/notifications/v2/{uuid}/attempts/{attempt}/"],
  getObject: ["GET", "/api/cloud/buckets/{bucket}/objects/"],
  getOperation: ["GET", "/api/cloud/operations/{operation_id}/"],
  getOverview: ["GET", "/api/cloud/overview/"],
  getPermission: ["GET", "/api/cloud/resources/{uuid}/pems/{username}/"],
  getPrincipal: ["GET", "/api/cloud/principals/{name}/"],
  getProfile: ["GET", "/profiles/v2/{username}/"],
  getReadiness: ["GET", "/readyz"],
  getRedrive: ["GET", "/api/cloud/deliveries/redrive/{id}/"],
  getRule: ["GET", "/api/cloud/buckets/{bucket}/notifications/{id}/"],
  getSelf: ["GET", "/api/cloud/session/"],
  getSubscription: ["GET", "/api/cloud/subscriptions/{id}/"],
  getTenant: ["GET", "/api/cloud/tenants/{id}/"],
  getTypes: ["GET", "/api/cloud/types/"],
  getUsage: ["GET", "/api/cloud/usage/"],
  getUser: ["GET", "/api/cloud/users/{id}/"],
  getUserSchema: ["GET", "/api/cloud/users/schema/"],
  invokeFunction: ["POST", "/api/apps/{app}/functions/{fn}/invoke/"],
  keepVersion: ["POST", "/api/apps/{app}/functions/{fn}/versions/"],
  listAccessKeys: ["GET", "/api/cloud/access-keys/"],
  listAppEvents: ["GET", "/api/apps/{app}/events/"],
  listApps: ["GET", "/api/apps/"],
  listBuckets: ["GET", "/api/cloud/buckets/"],
  listDeliveries: ["GET", "/api/cloud/deliveries/"],
  listDestinations: ["GET", "/api/cloud/destinations/"],
  listEvents: ["GET", "/api/cloud/events/"],
  listFiles: ["GET", "/api/cloud/files/"],
  listFilterFields: ["GET", "/api/cloud/filters/fields/"],
  listFunctionInvocations: ["GET", "/api/apps/{app}/functions/{fn}/invocations/"],
  listFunctionVersions: ["GET", "/api/apps/{app}/functions/{fn}/versions/"],
  listFunctions: ["GET", "/api/apps/{app}/functions/"],
  listInboxEvents: ["GET", "/api/cloud/inbox/"],
  listInvocations: ["GET", "/api/cloud/invocations/"],
  listLoggedEvents: ["GET", "/api/cloud/event-log/"],
  listLogins: ["GET", "/api/cloud/logins/"],
  listMails: ["GET", "/api/cloud/mails/"],
  listNodes: ["GET", "/api/cloud/nodes/"],
  listNotificationAttempts: ["GET", "/notifications/v2/{uuid}/attempts/"],
  listNotificationEvents: ["GET", "/notifications/v2/events/"],
  listNotifications: ["GET", "/notifications/v2/"],
  listOperations: ["GET", "/api/cloud/operations/"],
  listPermissions: ["GET", "/api/cloud/resources/{uuid}/pems/"],
  listPoisonedEvents: ["GET", "/api/cloud/poisoned/"],
  listPrincipals: ["GET", "/api/cloud/principals/"],
  listRedrives: ["GET", "/api/cloud/deliveries/redrive/"],
  listRules: ["GET", "/api/cloud/buckets/{bucket}/notifications/"],
  listSessions: ["GET", "/api/cloud/sessions/"],
  listStats: ["GET", "/api/cloud/stats/"],
  listSubscriptions: ["GET", "/api/cloud/subscriptions/"],
  listTenants: ["GET", "/api/cloud/tenants/"],
  listTokens: ["GET", "/api/cloud/tokens/"],
  listUsers: ["GET", "/api/cloud/users/"],
  logIn: ["POST", "/api/cloud/session/"],
  logOut: ["DELETE", "/api/cloud/session/"],
  putObject: ["PUT", "/api/cloud/buckets/{bucket}/objects/"],
  redriveDelivery: ["POST", "/api/cloud/deliveries/{id}/redrive/"],
  redrivePoisonedEvent: ["POST", "/api/cloud/poisoned/{id}/redrive/"],
  renameFile: ["POST", "/api/cloud/files/{uuid}/rename/"],
  restorePrincipal: ["POST", "/api/cloud/principals/{name}/restore/"],
  resumeRule: ["POST", "/api/cloud/buckets/{bucket}/notifications/{id}/resume/"],
  resumeSubscription: ["POST", "/api/cloud/subscriptions/{id}/resume/"],
  retryInboxEvent: ["POST", "/api/cloud/inbox/{id}/retry/"],
  rollbackFunction: ["POST", "/api/apps/{app}/functions/{fn}/rollback/"],
  rotateDestinationSecret: ["POST", "/api/cloud/destinations/{name}/rotate-secret/"],
  rotateRuleSecret: ["POST", "/api/cloud/buckets/{bucket}/notifications/{id}/rotate-secret/"],
  rotateSubscriptionSecret: ["POST", "/api/cloud/subscriptions/{id}/rotate-secret/"],
  runFunctionCode: ["POST", "/api/apps/{app}/functions/run/"],
  sendLoggedEvent: ["POST", "/api/cloud/event-log/{id}/send/"],
  setAlertTarget: ["PUT", "/api/cloud/alerts/"],
  setNotification: ["PUT", "/notifications/v2/{uuid}/"],
  setNotificationByPost: ["POST", "/notifications/v2/{uuid}/"],
  setPermission: ["PUT", "/api/cloud/resources/{uuid}/pems/{username}/"],
  setPrincipalIssuer: ["PUT", "/api/cloud/principals/{name}/issuer/"],
  setUserSchema: ["PUT", "/api/cloud/users/schema/"],
  simulateEvent: ["POST", "/api/cloud/events/{event}/simulate/"],
  subscribeToEvent: ["POST", "/api/cloud/events/{event}/subscribe/"],
  testDestination: ["POST", "/api/cloud/destinations/{name}/test/"],
  testRule: ["POST", "/api/cloud/buckets/{bucket}/notifications/{id}/test/"],
  tryFilter: ["POST", "/api/cloud/filters/check/"],
  unsubscribeFromEvent: ["POST", "/api/cloud/events/{event}/unsubscribe/"],
  updateApp: ["PATCH", "/api/apps/{app}/"],
  updateDestination: ["PATCH", "/api/cloud/destinations/{name}/"],
  updateEventSubscriber: ["PATCH", "/api/cloud/events/{event}/subscribers/{id}/"],
  updateFunction: ["PATCH", "/api/apps/{app}/functions/{fn}/"],
  updateNotification: ["PATCH", "/notifications/v2/{uuid}/"],
  updatePrincipal: ["PATCH", "/api/cloud/principals/{name}/"],
  updateRule: ["PATCH", "/api/cloud/buckets/{bucket}/notifications/{id}/"],
  updateSubscription: ["PATCH", "/api/cloud/subscriptions/{id}/"],
  updateTenant: ["PATCH", "/api/cloud/tenants/{id}/"],
  updateUser: ["PATCH", "/api/cloud/users/{id}/"],
} as const satisfies Record<keyof Operations, readonly [string, string]>;

/** Those that take an `Idempotency-Key`. */
export const keyed = [
  "createApp",
  "createBucket",
  "createFunction",
  "createUser",
  "keepVersion",
  "renameFile",
  "sendLoggedEvent",
] as const satisfies readonly (keyof Operations)[];

/** Those whose answer is no JSON. */
export const raw = ["follow", "getMetrics", "getObject"] as const satisfies readonly (keyof Operations)[];

/** Those whose body is no JSON. */
export const uploads = ["putObject"] as const satisfies readonly (keyof Operations)[];
