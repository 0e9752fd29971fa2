import type { EventTypeDefinition } from "../domain/catalog.ts";
import type { KindInput } from "../domain/notifications/resource-kinds.ts";
import type { Subscription } from "../domain/subscription.ts";
import type { Page } from "./page.ts";

/** Event types and kinds of resources that a platform declares while Signalbox runs. They are of the installation, not of a tenant. */

type DeclarationSort = "event_type" | "kind";

interface Stored {
  readonly name: string;
  /** Counts what it was declared to be, from 1; it begins anew after it was removed. */
  readonly version: number;
  /** Name of the principal that declared this; absent: a file that the server was started with. */
  readonly by?: string;
  readonly createdMs: number;
  readonly updatedMs: number;
  /** That of all declarations as of this change: greater than that of each change before, and never used twice. */
  readonly revision: number;
}

export type StoredEventType = Stored & { readonly sort: "event_type"; readonly definition: EventTypeDefinition };
export type StoredKind = Stored & { readonly sort: "kind"; readonly definition: KindInput };
export type StoredDeclaration = StoredEventType | StoredKind;
/** Its version and revision are set by its commit. */
type NewDeclaration = Omit<StoredEventType, "version" | "revision"> | Omit<StoredKind, "version" | "revision">;

/** A summary of the live subscriptions to an event type, of all tenants: it differs whenever one of them was added, changed or removed. */
export interface SubscribedState {
  readonly count: number;
  /** Sums of their numbers, and of their revisions. */
  readonly numbers: number;
  readonly revisions: number;
}

/** Which subscriptions: of an event type's, only those with a filter when `filtered` is true. */
export interface SubscribedQuery {
  readonly event: string;
  readonly filtered: boolean;
}

export interface Declarations {
  eventType(name: string): Promise<StoredEventType | undefined>;
  kind(name: string): Promise<StoredKind | undefined>;
  /** By name. */
  eventTypes(page: Page<string>): Promise<StoredEventType[]>;
  /** By name. */
  kinds(page: Page<string>): Promise<StoredKind[]>;
  /** Of all declarations: it grows with each change of any. 0: there was none. */
  revision(): Promise<number>;
  /**
   * What was declared after a revision, and the names of all that is declared (`sort:name`). `revision` is the one up to which it holds;
   * some of it may be newer.
   */
  changedSince(revision: number): Promise<{
    readonly revision: number;
    readonly changed: readonly StoredDeclaration[];
    readonly names: ReadonlySet<string>;
  }>;
  /** Live subscriptions of the lifecycle face, of all tenants, by number. */
  subscribed(query: SubscribedQuery, page: Page<number>): Promise<Subscription[]>;
  subscribedState(query: SubscribedQuery): Promise<SubscribedState>;
  /** Registered resources of a kind, of all tenants: `max` are counted at the most. */
  registered(kind: string, max: number): Promise<number>;
}

export type DeclarationCondition =
  /** It is as it was then; `null`: it is not declared. */
  | {
      readonly if: "declaration.is";
      readonly sort: DeclarationSort;
      readonly name: string;
      readonly revision: number | null;
    }
  /** All declarations are as they were then. */
  | { readonly if: "declarations.are"; readonly revision: number }
  | { readonly if: "declarations.fewer"; readonly sort: DeclarationSort; readonly fewer: number }
  /** No such subscription was made, changed or deleted since. */
  | { readonly if: "declaration.subscribed"; readonly to: SubscribedQuery; readonly are: SubscribedState }
  /** No resource of the kind is registered, in any tenant. */
  | { readonly if: "declaration.unused"; readonly kind: string };

export type DeclarationChange =
  /** Adds or replaces (by sort and name) all but createdMs. */
  | { readonly do: "declaration.put"; readonly declaration: NewDeclaration }
  | { readonly do: "declaration.remove"; readonly sort: DeclarationSort; readonly name: string };
