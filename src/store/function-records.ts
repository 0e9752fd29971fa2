import type { Role } from "../domain/access.ts";
import type { Uuid } from "../domain/ids.ts";
import type { InvocationStatus, InvocationTrigger } from "../domain/invocation.ts";

/** Versions of one function that are kept: the newest, and the one that runs. */
export const keptVersions = 50;

/** Apps, functions and their code, in the shape in which they are kept. */

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
  /** Names of the secrets, which may be shown. */
  readonly secretNames: readonly string[];
  /** By name of the secret: the role of who gave it. */
  readonly secretRoles: Readonly<Record<string, Role>>;
  readonly egress: readonly string[];
  /** Whether its `api` may change things while an operation waits for it. */
  readonly writes: boolean;
  /** {@link FunctionVersion.number} of the one that runs. */
  readonly version: number;
  readonly owner: string;
  /** Principal whose rights its `api` acts with, as they are at each call: who brought the code that runs. */
  readonly author: string;
  /** What its `api` may do at the most: the role of the author then, or of who changed it since, whichever is lower; at most `admin`. */
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
  /** It was kept for later, and has never been the one that runs. */
  readonly neverRan?: true;
}

/** Which runs are listed. */
export interface InvocationQuery {
  readonly tenant: string;
  /** Its number: one of the tenant's. Absent: all of them. */
  readonly function?: number;
  readonly eventType?: string;
  readonly status?: InvocationStatus;
  readonly trigger?: InvocationTrigger;
}

/** What no index knows: runs are looked through for it. */
export interface InvocationNarrowing {
  /** {@link App.number}. */
  readonly app?: number;
  readonly version?: number;
  /** Of {@link Invocation.createdMs}: from this instant on. */
  readonly sinceMs?: number;
  /** Before this one. */
  readonly untilMs?: number;
}
