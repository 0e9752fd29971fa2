import type { NewEvent } from "../domain/event.ts";
import type { AppChange, AppCondition } from "./apps.ts";
import type { AsideChange, AsideCondition } from "./aside.ts";
import type { BlobChange, BlobCondition } from "./blob-names.ts";
import type { ConfigurationChange } from "./configurations.ts";
import type { CredentialChange, CredentialCondition } from "./credentials.ts";
import type { DeclarationChange, DeclarationCondition } from "./declarations.ts";
import type { DeliveryChange, DeliveryCondition } from "./deliveries.ts";
import type { DestinationChange, DestinationCondition } from "./destinations.ts";
import type { EditChange, EditCondition } from "./edits.ts";
import type { FunctionChange, FunctionCondition } from "./functions.ts";
import type { GrantChange, GrantCondition } from "./grants.ts";
import type { IdentityChange, IdentityCondition } from "./identities.ts";
import type { InvocationChange } from "./invocations.ts";
import type { IssuerLinkChange, IssuerLinkCondition } from "./issuer-links.ts";
import type { KeptMailChange } from "./kept-mails.ts";
import type { MailboxChange, MailboxCondition } from "./mailboxes.ts";
import type { ObjectChange, ObjectCondition } from "./objects.ts";
import type { OperationChange, OperationCondition } from "./operations.ts";
import type { QuotaChange } from "./quotas.ts";
import type { ReceivedEventChange, ReceivedEventCondition } from "./received-events.ts";
import type { RedriveChange, RedriveCondition } from "./redrives.ts";
import type { RegisteredChange, RegisteredCondition } from "./registered.ts";
import type { ResolverChange, ResolverCondition } from "./resolvers.ts";
import type { SessionChange, SessionCondition } from "./sessions.ts";
import type { SubscriptionCondition, SubscriptionUnitChange } from "./subscriptions.ts";
import type { UploadChange, UploadCondition } from "./uploads.ts";
import type { UserChange, UserCondition } from "./users.ts";

export type { NewApp } from "./apps.ts";
export type { FunctionPatch, NewFunction } from "./functions.ts";
export type { NewSubscription, SubscriptionPatch } from "./subscriptions.ts";
export type { NewUser } from "./users.ts";

/** What must hold at the instant of the commit. Verbs read first, decide, and let the conditions catch commits that came between. */
export type Condition =
  | IdentityCondition
  | CredentialCondition
  | SessionCondition
  | IssuerLinkCondition
  | GrantCondition
  | MailboxCondition
  | ObjectCondition
  | UploadCondition
  | BlobCondition
  | SubscriptionCondition
  | DestinationCondition
  | AsideCondition
  | DeliveryCondition
  | RedriveCondition
  | AppCondition
  | EditCondition
  | FunctionCondition
  | UserCondition
  | OperationCondition
  | RegisteredCondition
  | ReceivedEventCondition
  | ResolverCondition
  | DeclarationCondition;

export type Change =
  | IdentityChange
  | CredentialChange
  | SessionChange
  | IssuerLinkChange
  | GrantChange
  | MailboxChange
  | ObjectChange
  | ConfigurationChange
  | UploadChange
  | BlobChange
  | SubscriptionUnitChange
  | DestinationChange
  | AsideChange
  | DeliveryChange
  | RedriveChange
  | AppChange
  | EditChange
  | FunctionChange
  | InvocationChange
  | UserChange
  | OperationChange
  | RegisteredChange
  | ReceivedEventChange
  | ResolverChange
  | DeclarationChange
  | QuotaChange
  | KeptMailChange;

/** What is to become durable at once, or not at all. */
export interface Unit {
  readonly conditions?: readonly Condition[];
  readonly changes?: readonly Change[];
  readonly events?: readonly NewEvent[];
}

export type Commit =
  | { readonly kind: "committed"; readonly sequences: readonly number[] }
  /** The first condition that did not hold. Nothing was changed. */
  | { readonly kind: "refused"; readonly condition: Condition };
