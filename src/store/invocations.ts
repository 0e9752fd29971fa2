import type { Invocation } from "../domain/invocation.ts";
import type { Page } from "./page.ts";
import type { InvocationNarrowing, InvocationQuery } from "./records.ts";

/** How functions ran. */
export interface Invocations {
  /** Gives `count` numbers that no invocation has or will have from anybody else, durably: the first of them. */
  reserveInvocations(count: number): Promise<number>;
  invocation(number: number): Promise<Invocation | undefined>;
  /** Of a POST delivery. */
  invocationOf(attempt: {
    readonly sequence: number;
    readonly subscription: number;
    readonly attempt: number;
  }): Promise<Invocation | undefined>;
  /** Newest first. */
  invocations(query: InvocationQuery, page: Page<number>): Promise<Invocation[]>;
  /** The same of those that fit `narrowing` as well, looking through a bounded number: a page may be short, or empty, while there is a `next`. */
  narrowedInvocations(
    query: InvocationQuery & { readonly narrowing: InvocationNarrowing },
    page: Page<number>,
  ): Promise<NarrowedInvocations>;
}

export interface NarrowedInvocations {
  readonly invocations: readonly Invocation[];
  /** The last that was looked at, after which there may be more. */
  readonly next?: number;
  /** When that was made. */
  readonly searchedMs?: number;
}

export type InvocationChange =
  /**
   * Adds an invocation, or (by number; of a `post` by sequence, subscription and attempt) replaces a pending one, which keeps
   * its number. One that has ended stays as it is.
   */
  { readonly do: "invocation.put"; readonly invocation: Invocation };
