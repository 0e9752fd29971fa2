import type { Destination } from "../domain/destination.ts";
import type { Subscription } from "../domain/subscription.ts";
import type { Page } from "./page.ts";

/** Where a tenant's subscriptions may go by name. */

export interface Destinations {
  /** Deleted ones are not found. */
  get(tenant: string, name: string): Promise<Destination | undefined>;
  /** Those of these names that are there, in no order. */
  byNames(tenant: string, names: readonly string[]): Promise<Destination[]>;
  /** By name. */
  list(tenant: string, page: Page<string>): Promise<Destination[]>;
  /** Live subscriptions that go there, by number; `after` is one. */
  users(number: number, page: Page<number>): Promise<Subscription[]>;
  /** How many live subscriptions go there. */
  countUsers(number: number): Promise<number>;
}

type NewDestination = Omit<Destination, "number" | "updatedMs" | "revision">;

/** What is absent stays. */
export interface DestinationPatch extends Partial<Pick<Destination, "webhook" | "alerts">> {
  /** `null`: as the face of each subscription has it. */
  readonly policy?: Destination["policy"] | null;
  /** `null`: none. */
  readonly tags?: Destination["tags"] | null;
}

export type DestinationCondition =
  /** No destination of the tenant that is there has the name. */
  | { readonly if: "destination.nameFree"; readonly tenant: string; readonly name: string }
  /** The tenant has fewer than `fewer`. */
  | { readonly if: "destinations.fewer"; readonly tenant: string; readonly fewer: number }
  /** It is there. */
  | { readonly if: "destination.live"; readonly number: number }
  /** It is there, and was not changed since it was read. */
  | { readonly if: "destination.revision"; readonly number: number; readonly revision: number }
  /** Fewer than `fewer` live subscriptions go there. */
  | { readonly if: "destination.usersFewer"; readonly number: number; readonly fewer: number };

/** Each gives the tenant its next revision, and every subscription that goes there has changed with it, and is read again where it is known. */
export type DestinationChange =
  | { readonly do: "destination.add"; readonly destination: NewDestination }
  | {
      readonly do: "destination.change";
      readonly number: number;
      readonly patch: DestinationPatch;
      readonly atMs: number;
    }
  /** What still goes there is paused, unless it is paused already. */
  | { readonly do: "destination.remove"; readonly number: number; readonly atMs: number };
