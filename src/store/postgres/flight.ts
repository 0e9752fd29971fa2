import type { Client, QueryResult } from "pg";
import type { Exceeded } from "../../domain/quotas.ts";
import { asError } from "../../errors.ts";
import type { Row } from "../sql/step.ts";
import type { UnitResult, WireError } from "../sql/wire.ts";
import { isFull, stateOf } from "./connection.ts";

interface Query {
  readonly name?: string;
  readonly text: string;
  readonly values?: unknown[];
}

/** The first statement that failed, and what it was about. */
interface Failure<Of> {
  readonly of: Of;
  readonly error: unknown;
}

/**
 * One transaction whose statements are all sent at once, each behind the other: a round trip, however many they are. After one that
 * fails the rest changes nothing, and what is sent as COMMIT ends in nothing.
 */
export class Flight<Of> {
  readonly #client: Client;
  readonly #whole: Of;
  readonly #sent: { readonly of: Of; readonly result: Promise<QueryResult | { readonly failed: unknown }> }[] = [];

  /** @param whole what the transaction itself is about */
  constructor(client: Client, whole: Of) {
    this.#client = client;
    this.#whole = whole;
    void this.add(whole, { text: "BEGIN" });
  }

  /** Resolves with its rows; with none when something failed. */
  async add(of: Of, query: Query): Promise<readonly Row[]> {
    const result = this.#client.query(query as { text: string }).catch((failed: unknown) => ({ failed }));
    this.#sent.push({ of, result });
    const done = await result;
    return "failed" in done ? [] : (done.rows as Row[]);
  }

  /** Ends it: with a commit, or with nothing and the reason. */
  async end(): Promise<Failure<Of> | undefined> {
    void this.add(this.#whole, { text: "COMMIT" });
    let failure: Failure<Of> | undefined;
    for (const { of, result } of this.#sent) {
      const done = await result;
      if ("failed" in done && failure === undefined) failure = { of, error: done.failed };
    }
    return failure;
  }
}

/** Of `require` and `judge_quotas`. */
const refused = "SB001";
const exceeded = "SB002";

/** What became of the unit whose statement failed. */
export function unitResultOf(error: unknown): UnitResult {
  const state = stateOf(error);
  const { message } = asError(error);
  if (state === refused) return { kind: "refused", check: Number(message) };
  if (state === exceeded) return { kind: "exceeded", exceeded: JSON.parse(message) as Exceeded };
  return writeError(error);
}

export function writeError(error: unknown): WireError {
  return { kind: "failed", full: isFull(error), message: asError(error).message };
}
