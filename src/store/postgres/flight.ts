import type { QueryResult } from "pg";
import type { Exceeded } from "../../domain/quotas.ts";
import { asError } from "../../errors.ts";
import type { Row } from "../sql/step.ts";
import type { UnitResult } from "../sql/wire.ts";
import type { PostgresConnection } from "./connection.ts";
import { isGone, stateOf, writeError } from "./faults.ts";

interface Query {
  readonly name?: string;
  readonly text: string;
  readonly values?: unknown[];
}

type Answer = QueryResult | { readonly failed: unknown };

/** The first statement that failed, and what it was about. */
export interface Failure<Of> {
  readonly of: Of;
  readonly error: unknown;
}

/** How a transaction ended: made, not made, or without an answer that says which. */
type Ending<Of> = Made | { readonly kind: "failed"; readonly failure: Failure<Of> } | Unknown;

interface Made {
  readonly kind: "committed";
}

interface Unknown {
  readonly kind: "unknown";
  readonly error: unknown;
}

/**
 * One transaction whose statements are all sent at once, each behind the other: a round trip, however many they are. After one that
 * fails the rest changes nothing, and what is sent as COMMIT ends in nothing.
 */
export class Flight<Of> {
  readonly #connection: PostgresConnection;
  readonly #whole: Of;
  readonly #sent: { readonly of: Of; readonly answer: Promise<Answer> }[] = [];

  /** @param whole what the transaction itself is about */
  constructor(connection: PostgresConnection, whole: Of) {
    this.#connection = connection;
    this.#whole = whole;
    void this.add(whole, { text: "BEGIN" });
  }

  /** Resolves with its rows; with none when something failed. */
  async add(of: Of, query: Query): Promise<readonly Row[]> {
    const answer = ask(this.#connection, query);
    this.#sent.push({ of, answer });
    const done = await answer;
    return "failed" in done ? [] : (done.rows as Row[]);
  }

  async end(): Promise<Ending<Of>> {
    const answer = commit(this.#connection);
    let failure: Failure<Of> | undefined;
    for (const sent of this.#sent) {
      const done = await sent.answer;
      if ("failed" in done && failure === undefined) failure = { of: sent.of, error: done.failed };
    }
    const ending = await answer;
    // What PostgreSQL has refused ended the transaction, whatever became of the connection afterwards.
    if (failure !== undefined && (ending.kind === "failed" || stateOf(failure.error) !== "")) {
      return { kind: "failed", failure };
    }
    if (ending.kind === "failed") return { kind: "failed", failure: { of: this.#whole, error: ending.error } };
    return ending;
  }
}

/** A transaction of one statement. */
export async function flyAlone(
  connection: PostgresConnection,
  query: Query,
): Promise<
  | { readonly kind: "committed"; readonly rows: readonly Row[] }
  | { readonly kind: "failed"; readonly error: unknown }
  | Unknown
> {
  const done = await ask(connection, query);
  if ("failed" in done) return { kind: isGone(done.failed) ? "unknown" : "failed", error: done.failed };
  if (connection.isUnreplicated) return { kind: "unknown", error: unreplicated() };
  return { kind: "committed", rows: done.rows as Row[] };
}

function ask({ client }: PostgresConnection, query: Query): Promise<Answer> {
  return client.query(query as { text: string }).catch((failed: unknown) => ({ failed }));
}

/** Ends a transaction. */
export async function commit(
  connection: PostgresConnection,
): Promise<Made | { readonly kind: "failed"; readonly error: unknown } | Unknown> {
  const done = await ask(connection, { text: "COMMIT" });
  if ("failed" in done) {
    return isGone(done.failed) ? { kind: "unknown", error: done.failed } : { kind: "failed", error: done.failed };
  }
  if (done.command !== "COMMIT") return { kind: "failed", error: new Error("the transaction was given up") };
  if (connection.isUnreplicated) return { kind: "unknown", error: unreplicated() };
  return { kind: "committed" };
}

function unreplicated(): Error {
  return new Error("no standby has what was committed");
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
