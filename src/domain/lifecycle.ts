import { defined } from "./defined.ts";
import type { Event, Json, ObjectData } from "./event.ts";
import type { Uuid } from "./ids.ts";
import { isJsonObject } from "./merge-patch.ts";
import { withoutSecrets } from "./secret-names.ts";

/** What the lifecycle face tells of an operation: to hooks before it, to functions after it. */

export type Params = Readonly<Record<string, Json>>;

/** Whom an operation is done for, as functions see it: at least a name. */
export type User = Readonly<Record<string, Json>>;

/**
 * What caused what: from the operation that came from outside to the one at hand, through the functions that made
 * calls in between. A function never runs for something that it has caused itself.
 */
export interface Chain {
  /** Operation id of the first. */
  readonly root: string;
  /** Uuids of the subscriptions whose functions called, the first caller first. */
  readonly path: readonly Uuid[];
}

/** The longest {@link Chain.path}. */
export const maxChainDepth = 3;

/** `data` of an event of the lifecycle face that is not about an object. */
export interface LifecycleData {
  readonly params: Params;
  readonly user?: User;
  /** Only this app's functions get it. */
  readonly app?: { readonly uuid: Uuid; readonly slug: string };
  /** Joins what belongs to one operation: its PRE hooks, its POST event, its abort. */
  readonly operation: string;
  /** Only these functions get it (numbers): those whose hooks ran before an abort. */
  readonly only?: readonly number[];
  readonly chain?: Chain;
}

/** What an event says to functions, whichever face its `data` was written for. */
export function lifecycleOf(event: Pick<Event, "id" | "data" | "resource" | "actor">): LifecycleData {
  if ("params" in event.data) return event.data as unknown as LifecycleData;
  const { data, resource } = event;
  const shown = "resource" in data && "kind" in data ? data["resource"] : undefined;
  return {
    params: {
      uuid: resource,
      ...(isJsonObject(shown ?? null) ? (shown as Params) : objectParams(data as unknown as ObjectData)),
    },
    ...(event.actor === undefined ? {} : { user: { username: event.actor } }),
    operation: event.id,
    ...("chain" in data ? { chain: data["chain"] as unknown as Chain } : {}),
  };
}

/** An object as functions get it: names in snake_case, instants in RFC 3339, and nothing that calls itself a secret. */
export function objectParams(data: Partial<ObjectData> & Pick<ObjectData, "bucket" | "key">): Params {
  const { bucket, key, size, eTag, contentType, lastModifiedMs, reason, userMetadata, tags } = data;
  return {
    bucket,
    key,
    ...defined({ size, etag: eTag, content_type: contentType }),
    ...(lastModifiedMs === undefined ? {} : { last_modified: new Date(lastModifiedMs).toISOString() }),
    ...defined({ reason }),
    metadata: withoutSecretTexts(userMetadata ?? {}),
    tags: withoutSecretTexts(tags ?? {}),
  };
}

function withoutSecretTexts(texts: Readonly<Record<string, string>>): Params {
  return withoutSecrets(texts).value as Params;
}

/** What a function gets as its first argument. */
export interface FunctionEvent {
  readonly id: string;
  readonly event_type: string;
  readonly params: Params;
  readonly user: User | null;
  readonly tenant: string;
  /** Slug. */
  readonly app: string | null;
  /** `api`, `operator`, `library`, `s3`, `hook`. */
  readonly origin: string;
  /** RFC 3339. */
  readonly time: string;
  /** Of a POST event: 16 hex digits, greater for the later of two events of one resource. */
  readonly sequence: string | null;
  readonly operation_id: string;
  /** From 1. Always 1 for a hook. */
  readonly attempt: number;
  /** How long the function has, from its start. */
  readonly deadline_ms: number;
  /** A trial of the function, without consequences. Absent otherwise. */
  readonly dry_run?: true;
}
