import type { Invocation } from "../domain/invocation.ts";
import type { Page } from "./page.ts";
import type { InvocationQuery } from "./records.ts";

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
}

export type InvocationChange =
  /**
   * Adds an invocation, or (by number; of a `post` by sequence, subscription and attempt) replaces a pending one, which keeps
   * its number. One that has ended stays as it is.
   */
  { readonly do: "invocation.put"; readonly invocation: Invocation };
