import type { Uuid } from "../domain/ids.ts";
import type { Page } from "./page.ts";
import type { Registered } from "./records.ts";

/** Resources that a host keeps, as far as it registered them. */
export interface RegisteredResources {
  get(uuid: Uuid): Promise<Registered | undefined>;
  /** By uuid. */
  list(query: RegisteredQuery, page: Page<Uuid>): Promise<Registered[]>;
}

export interface RegisteredQuery {
  readonly tenant: string;
  readonly kind: string;
  /** Exactly that. Absent: of every owner. */
  readonly owner?: string;
}

export type RegisteredCondition =
  /** The resource is there, whatever its kind. */
  | { readonly if: "resource.live"; readonly uuid: Uuid }
  /** No resource that is there has the uuid, whatever its kind. */
  | { readonly if: "resource.absent"; readonly uuid: Uuid }
  | { readonly if: "registered.revision"; readonly uuid: Uuid; readonly revision: number };

export type RegisteredChange =
  /** Adds or replaces (by uuid) all but tenant, kind and createdMs. */
  | { readonly do: "registered.put"; readonly resource: Omit<Registered, "revision"> }
  | { readonly do: "registered.remove"; readonly uuid: Uuid }
  /** The resource is gone: its grants are kept for those who are notified of that, until its events are done. */
  | { readonly do: "resource.end"; readonly uuid: Uuid; readonly atMs: number };
