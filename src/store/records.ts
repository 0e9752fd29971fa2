import type { HostScope, Principal, Role } from "../domain/access.ts";
import type { Uuid } from "../domain/ids.ts";
import type { Params } from "../domain/lifecycle.ts";
import type { DeliveryBounds } from "./deliveries.ts";

/** What the store keeps besides events, subscriptions and deliveries, in the shape in which it is read and written. */

export interface Tenant {
  /** 1–63 of `[a-z0-9-]`; never changes. */
  readonly id: string;
  readonly name: string;
  readonly createdMs: number;
}

export interface StoredPrincipal extends Principal {
  readonly createdMs: number;
  /** Set once it was ended: it has no rights any more, and keeps its name. */
  readonly endedMs?: number;
}

/** A principal as lists tell it. */
export interface ListedPrincipal extends StoredPrincipal {
  /** That are neither revoked nor expired. */
  readonly tokens: number;
  readonly accessKeys: number;
  /** Whose tokens log it in, and whom those say that it is; absent: none do. */
  readonly issuer?: string;
  readonly subject?: string;
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
  /** Of a principal of the role host. */
  readonly host?: HostScope;
  /** Who acts with it for its principal. */
  readonly madeBy?: string;
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

/** That the owner of an address was asked whether they want mail. */
export interface MailQuestion {
  /** Of `mailboxOf`: one for all spellings of an address. */
  readonly mailbox: string;
  readonly tenant: string;
  readonly owner: string;
  readonly subscription: Uuid;
  /** Uuid of the delivery that asks. */
  readonly delivery: string;
  readonly askedMs: number;
  readonly answered: boolean;
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
  /** Other than `STANDARD`. All are kept alike. */
  readonly storageClass?: string;
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
  /** By algorithm (`crc32`, …), base64; with `-3` behind it that of the checksums of three parts. */
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
  /** `COMPOSITE` or `FULL_OBJECT`: what the checksum of the whole is computed from. */
  readonly checksumType?: string;
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
  /** `cancelled`: what it had not come to by then stays dead. */
  readonly state: "running" | "done" | "cancelled";
  /** Deliveries set to `waiting` so far. */
  readonly redriven: number;
  /** Dead ones that were looked at so far, wanted or not. */
  readonly looked: number;
  /** At most so many are set to `waiting` in a second; default as many as can be. */
  readonly perSecond?: number;
  readonly createdMs: number;
  readonly createdBy: string;
}

/** Its viewer's sight is judged as of each step. */
export type RedriveFilter = DeliveryBounds;

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

/** A user of the tenant's platform. */
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
  /** An admin set the address, or its owner confirmed it. Never of an empty one. */
  readonly emailVerified: boolean;
  readonly createdMs: number;
  readonly updatedMs: number;
  /** Another one at every change. From 1. */
  readonly revision: number;
}

/** A resource that a host keeps itself. */
export interface Registered {
  readonly uuid: Uuid;
  readonly tenant: string;
  /** Name of its kind: `job`. */
  readonly kind: string;
  /** Name of a principal. */
  readonly owner: string;
  /** Slug. */
  readonly app?: string;
  /** Its public part. */
  readonly data: Params;
  /** In what it lies. */
  readonly parents?: readonly Uuid[];
  readonly createdMs: number;
  readonly updatedMs: number;
  /** Another one at every change. From 1. */
  readonly revision: number;
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

export type * from "./function-records.ts";
export type * from "./operation-records.ts";
export type { Role };
