import type { Permission, Principal, Role } from "../domain/access.ts";
import type { Json } from "../domain/event.ts";
import type { Uuid } from "../domain/ids.ts";
import type { Chain, Params, User } from "../domain/lifecycle.ts";
import type { Verdict } from "../domain/verdict.ts";

/** What the store keeps besides events, subscriptions and deliveries, in the shape in which it is read and written. */

export interface Tenant {
  /** 1–63 of `[a-z0-9-]`; never changes. */
  readonly id: string;
  readonly name: string;
  readonly createdMs: number;
}

export interface StoredPrincipal extends Principal {
  readonly createdMs: number;
}

/** A bearer token; only its hash is kept. */
export interface Token {
  readonly uuid: Uuid;
  readonly tenant: string;
  readonly principal: string;
  /** Lower-case hex SHA-256 of the token. */
  readonly hash: string;
  readonly label: string;
  readonly createdMs: number;
  readonly expiresMs?: number;
  readonly revokedMs?: number;
}

/** An S3 key pair. SigV4 needs the secret itself, so it is kept encrypted. */
export interface AccessKey {
  readonly id: string;
  readonly tenant: string;
  readonly principal: string;
  readonly sealedSecret: string;
  readonly label: string;
  readonly createdMs: number;
}

export interface Bucket {
  readonly uuid: Uuid;
  readonly tenant: string;
  readonly name: string;
  readonly owner: string;
  readonly createdMs: number;
}

/** A run of an object's bytes: a blob, whole. */
export interface Piece {
  readonly blob: string;
  readonly size: number;
}

/** What a client sets on an object and gets back with it. */
export interface ObjectFacts {
  readonly contentType: string;
  /** `cache-control`, `content-disposition`, `content-encoding`, `content-language`, `expires`, as sent. */
  readonly headers: Readonly<Record<string, string>>;
  /** Names in lower case, without `x-amz-meta-`. */
  readonly userMetadata: Readonly<Record<string, string>>;
  readonly tags: Readonly<Record<string, string>>;
}

export interface StoredObject extends ObjectFacts {
  readonly bucket: Uuid;
  readonly key: string;
  /** Kept over overwrites. */
  readonly uuid: Uuid;
  readonly owner: string;
  /** Another one at every change: what conditions compare. */
  readonly version: string;
  readonly size: number;
  /** Without quotes. */
  readonly eTag: string;
  readonly modifiedMs: number;
  readonly pieces: readonly Piece[];
  /** By algorithm (`crc32`, …), base64. */
  readonly checksums: Readonly<Record<string, string>>;
  /** The multipart upload that it came from: a repeated Complete finds its answer here. */
  readonly upload?: string;
}

/** An object as lists tell it: where its bytes lie is asked for one at a time, as one object may have ten thousand pieces. */
export type ListedObject = Omit<StoredObject, "pieces">;

/** A multipart upload under way. */
export interface Upload extends ObjectFacts {
  readonly id: string;
  readonly bucket: Uuid;
  readonly key: string;
  readonly owner: string;
  readonly createdMs: number;
  /** `CRC32`, …: what the client announced for the parts, if anything. */
  readonly checksumAlgorithm?: string;
  /** Grows with every part that is put: what Complete compares. */
  readonly changes: number;
}

export interface Part extends Piece {
  readonly upload: string;
  /** 1–10,000. */
  readonly number: number;
  readonly eTag: string;
  readonly modifiedMs: number;
  readonly checksums: Readonly<Record<string, string>>;
}

/** Dead deliveries to be sent again, as a job that survives crashes. */
export interface Redrive {
  readonly uuid: Uuid;
  readonly tenant: string;
  readonly filter: RedriveFilter;
  readonly state: "running" | "done";
  /** Deliveries set to `waiting` so far. */
  readonly redriven: number;
  readonly createdMs: number;
  readonly createdBy: string;
}

export interface RedriveFilter {
  readonly scope?: Uuid;
  readonly subscription?: Uuid;
  /** Of the event: at or after, and before. */
  readonly sinceMs?: number;
  readonly untilMs?: number;
}

/** What was accepted and sent on one day (UTC) for one scope and, for what was sent, one subscription. */
export interface Usage {
  /** `2026-11-20`. */
  readonly day: string;
  readonly scope: Uuid;
  /** Absent on the row that counts accepted events. */
  readonly subscription?: Uuid;
  readonly accepted: number;
  readonly attempts: number;
  readonly delivered: number;
  readonly dead: number;
}

/** What functions belong to. */
export interface App {
  readonly uuid: Uuid;
  /** Unique in the installation, as callers see it. */
  readonly number: number;
  readonly tenant: string;
  /** 1–63 of `[a-z0-9-]`, unique among the tenant's; never changes. */
  readonly slug: string;
  readonly name: string;
  readonly owner: string;
  readonly createdMs: number;
  readonly updatedMs: number;
}

/** A tenant's own code, apart from the code: that lies in its versions. */
export interface StoredFunction {
  readonly uuid: Uuid;
  /** Unique in the installation, as callers see it. */
  readonly number: number;
  readonly tenant: string;
  /** {@link App.number}. */
  readonly app: number;
  /** 1–63 of `[a-z0-9-]`, unique in the app; never changes. */
  readonly slug: string;
  readonly name: string;
  readonly enabled: boolean;
  /** 1–300,000. */
  readonly timeoutMs: number;
  readonly env: Readonly<Record<string, string>>;
  /** Ciphertext of `{ name: value }` as JSON. */
  readonly sealedSecrets?: string;
  /** Names of the secrets, which may be told. */
  readonly secretNames: readonly string[];
  readonly egress: readonly string[];
  /** Whether its `api` may change things while an operation waits for it. */
  readonly writes: boolean;
  /** {@link FunctionVersion.number} of the one that runs. */
  readonly version: number;
  readonly owner: string;
  /** What its `api` may do: the role of who brought the code, or of who changed it since, whichever is lower; at most `admin`. */
  readonly role: Role;
  readonly createdMs: number;
  readonly updatedMs: number;
  /** Another one at every change of any kind. From 1. */
  readonly revision: number;
  /** Set once it was deleted: found by number still, because invocations name it. */
  readonly deletedMs?: number;
}

/** A function with what of its app is shown beside it. */
export interface KnownFunction extends StoredFunction {
  readonly appName: string;
  readonly appSlug: string;
  readonly appUuid: Uuid;
}

/** Code that never changes. */
export interface FunctionVersion {
  /** {@link StoredFunction.number}. */
  readonly function: number;
  /** From 1, in order of upload. */
  readonly number: number;
  /** Lower-case hex SHA-256 of `source`. */
  readonly hash: string;
  readonly language: "javascript" | "typescript";
  /** As it was uploaded. */
  readonly source: string;
  /** What runs. */
  readonly js: string;
  /** Source map from `js` to `source`, where they differ. */
  readonly map?: string;
  readonly createdMs: number;
  readonly createdBy: string;
}

/** Somebody whom the tenant's platform knows. */
export interface StoredUser {
  readonly uuid: Uuid;
  /** Unique in the installation, as callers see it. */
  readonly number: number;
  readonly tenant: string;
  /** Unique in the tenant, whatever the case of its letters. */
  readonly username: string;
  readonly email: string;
  readonly firstName: string;
  readonly lastName: string;
  readonly attributes: Params;
  readonly createdMs: number;
  readonly updatedMs: number;
  /** Another one at every change. From 1. */
  readonly revision: number;
}

/** What the hooks of one operation decided, kept with the operation. */
export interface Decision {
  /** Operation id. */
  readonly operation: string;
  readonly tenant: string;
  readonly eventType: string;
  /** What came of it. */
  readonly outcome: "allowed" | "denied" | "failed";
  /** What the operation was about, once that is known. */
  readonly resource?: Uuid;
  readonly actor?: string;
  readonly origin: string;
  readonly timeMs: number;
  readonly durationMs: number;
  readonly hooks: readonly DecisionHook[];
  readonly conflicts: readonly PatchConflict[];
}

export interface DecisionHook {
  /** {@link Subscription.number} and revision, as they were when the chain was planned. */
  readonly subscription: number;
  readonly revision: number;
  readonly function: number;
  readonly version: number;
  readonly stage: "prepare" | "validate";
  /** Absent of one that was not run. */
  readonly invocation?: number;
  readonly verdict?: Verdict;
  /** Why it gave no verdict. */
  readonly failure?: string;
  /** Why it was not run. */
  readonly skipped?: string;
  readonly durationMs: number;
}

/** Two hooks wanted different values in one place; the later of them in the order of merging had its way. */
export interface PatchConflict {
  readonly path: string;
  /** {@link Subscription.number}s, in the order of merging. */
  readonly subscriptions: readonly number[];
}

/** A host's operation that was begun: hooks agreed, and nobody has said yet what came of it. */
export interface Intent {
  /** Operation id. */
  readonly operation: string;
  readonly tenant: string;
  /** `ORDER_CREATE`: between its `PRE_` and its `POST_` event. */
  readonly type: string;
  /** As the hooks left them. */
  readonly params: Params;
  readonly user?: User;
  readonly app?: { readonly uuid: Uuid; readonly slug: string };
  readonly chain?: Chain;
  /** Functions whose hooks ran. */
  readonly ran: readonly number[];
  readonly createdMs: number;
  /** Why nobody could say what came of it. */
  readonly unresolved?: string;
}

/** An answer that is given again to a request with the same `Idempotency-Key`. */
export interface Remembered {
  readonly tenant: string;
  readonly principal: string;
  readonly key: string;
  /** Of the request: another one under the same key is a mistake. */
  readonly fingerprint: string;
  readonly status: number;
  readonly body: Json;
  readonly createdMs: number;
}

/** Someone whose credentials were shown, with what decides their reach. */
export interface KnownToken {
  readonly token: Token;
  readonly principal: Principal;
}
export interface KnownAccessKey {
  readonly key: AccessKey;
  readonly principal: Principal;
}

export type { Permission, Role };
