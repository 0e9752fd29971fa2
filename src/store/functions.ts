import type { Uuid } from "../domain/ids.ts";
import type { Subscription } from "../domain/subscription.ts";
import type { Page } from "./page.ts";
import type { FunctionVersion, KnownFunction, StoredFunction } from "./records.ts";

/** Functions, with their code and what they are subscribed to. */
export interface Functions {
  /** Deleted ones too. */
  byNumber(number: number): Promise<KnownFunction | undefined>;
  /** A live one. */
  byUuid(uuid: Uuid): Promise<KnownFunction | undefined>;
  bySlug(app: number, slug: string): Promise<KnownFunction | undefined>;
  /** Live ones, by number. */
  list(app: number, page: Page<number>): Promise<KnownFunction[]>;
  version(place: { readonly function: number; readonly number: number }): Promise<FunctionVersion | undefined>;
  versionByHash(place: { readonly function: number; readonly hash: string }): Promise<FunctionVersion | undefined>;
  /** Newest first; `after` is the last number of the page before. */
  versions(fn: number, page: Page<number>): Promise<ListedVersion[]>;
  /** The newest before `number` of those that have been the one that runs. */
  ranBefore(place: { readonly function: number; readonly number: number }): Promise<ListedVersion | undefined>;
  /** The live subscription of a function to an event type of those of which it has one at the most (`oncePerFunction`). */
  subscription(place: { readonly function: number; readonly event: string }): Promise<Subscription | undefined>;
  /** Live ones of a function, by number. */
  subscriptions(fn: number): Promise<Subscription[]>;
}

/** A version as lists tell it: its code is asked for one at a time, as it may be long. */
export type ListedVersion = Omit<FunctionVersion, "source" | "js" | "map">;

export type FunctionCondition =
  | { readonly if: "function.slugFree"; readonly app: number; readonly slug: string }
  /** The app has fewer than `fewer` live functions. */
  | { readonly if: "functions.fewer"; readonly app: number; readonly fewer: number }
  /** The function was not changed since it was read; it is not deleted. */
  | { readonly if: "function.revision"; readonly number: number; readonly revision: number };

export type FunctionChange =
  /** With its version 1, which is the one that runs. */
  | {
      readonly do: "function.add";
      /** {@link App.uuid}. */
      readonly app: Uuid;
      readonly function: NewFunction;
      readonly version: Omit<FunctionVersion, "function" | "number">;
    }
  | { readonly do: "function.change"; readonly number: number; readonly patch: FunctionPatch; readonly atMs: number }
  /** Ends its subscriptions as `subscription.remove` does, and forgets its secrets. */
  | { readonly do: "function.remove"; readonly number: number; readonly atMs: number }
  /** Adds a version with the next number, and makes it the one that runs. Another one at a change of the function. */
  | {
      readonly do: "version.add";
      readonly version: NewVersion;
      readonly atMs: number;
    }
  /** Adds a version with the next number, and nothing else. */
  | { readonly do: "version.keep"; readonly version: NewVersion };

type NewVersion = Omit<FunctionVersion, "number" | "neverRan">;

/** Its number is the store's to give. */
export type NewFunction = Omit<StoredFunction, "number" | "app" | "revision" | "deletedMs" | "version">;

/** Another state of a function; what is absent stays. */
export type FunctionPatch = Partial<
  Pick<
    StoredFunction,
    | "name"
    | "enabled"
    | "timeoutMs"
    | "env"
    | "secretNames"
    | "secretRoles"
    | "egress"
    | "writes"
    | "version"
    | "role"
    | "author"
  >
> & {
  /** `null` takes them away. */
  readonly sealedSecrets?: string | null;
};
