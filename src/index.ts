/** What a program that embeds Signalbox, or receives its webhooks, may import. */

export { type Config, type Env, parseConfig } from "./config/config.ts";
export type { IssuerLogin } from "./config/issuer-login.ts";
export type { ClaimPath, JwtIssuer, JwtKeySource } from "./config/jwt-issuers.ts";
export type { Settings } from "./config/settings.ts";
export type { Permission, Role } from "./domain/access.ts";
export { EventType } from "./domain/built-in-events.ts";
export type { Catalog, EventTypeDefinition, Fit, JsonSchema, Phase } from "./domain/catalog.ts";
export type { EventName, Face, FaceNames, Json, NewEvent, Parent } from "./domain/event.ts";
export { defineEvent } from "./domain/event-types.ts";
export { type Kind, type Moment, newUuid, parseUuid, type Uuid } from "./domain/ids.ts";
export type { Chain, FunctionEvent, Params, User } from "./domain/lifecycle.ts";
export type { JsonObject } from "./domain/merge-patch.ts";
export type { KindInput } from "./domain/notifications/resource-kinds.ts";
export type { EventView } from "./domain/notifications/view.ts";
export type { OwnEvent, OwnKind } from "./domain/raised-events.ts";
export { type SignedHeaders, type Verification, type VerifyOptions, verify } from "./domain/signature.ts";
export type { UserFields } from "./domain/user.ts";
export type { Allowance, Denial, DeniedField, Verdict } from "./domain/verdict.ts";
export { type ErrorCode, type FailureFacts, type FieldError, SignalboxError } from "./errors.ts";
export type { AroundOptions, HostOperation, OperationContext } from "./faces/library/around.ts";
export { type EventInput, PublishedEvent as Event } from "./faces/library/event.ts";
export {
  EventService,
  type EventServiceOptions,
  type Operation,
  type TaskResult,
} from "./faces/library/event-service.ts";
export type { HostIntent, Resolve } from "./faces/library/host.ts";
export type {
  NewResource,
  RaiseInput,
  RaiseOptions,
  RegisterOptions,
  ResourceOptions,
  TenantResources,
} from "./faces/library/host-resource.ts";
export type { IntentQuery } from "./faces/library/library.ts";
export type { TransactionNotes } from "./faces/library/operation-transaction.ts";
export type { PublishOptions } from "./faces/library/publish-event.ts";
export type { PendingEvent, PublishInOptions } from "./faces/library/publish-in.ts";
export type { Handle } from "./faces/library/running.ts";
export type { TaskValue } from "./faces/library/task-result.ts";
export type { Transaction } from "./faces/library/transaction.ts";
export type { HostUser, TenantUsers, UserDone, UserOptions } from "./faces/library/users.ts";
export type { MailContext, MailTemplate, MailTemplates, TemplateResult } from "./mail/template.ts";
export type { Published, PublishedTask, PublishFailed, PublishResult } from "./platform/host/answer.ts";
export type { CallerInput, UserInput } from "./platform/host/caller.ts";
export type { Resolution } from "./platform/host/resolution.ts";
export type { HostResource } from "./platform/registered/resource.ts";
export type { NewUserInput, UserPatch } from "./platform/users/fields.ts";
export type { PublicKey, SigningAlgorithm } from "./secrets/public-keys.ts";
export { type Host, type HostEvent, type Signalbox, start } from "./start.ts";
