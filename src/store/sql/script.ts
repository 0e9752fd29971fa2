import type { Row, Sql, Step } from "./step.ts";

/** A statement of a {@link Script}, and what it is asked for: its rows, or how many it changed. */
interface Asked extends Step {
  readonly want: "rows" | "changes" | "nothing";
}

/**
 * Statements of one transaction, each of which may depend on what those before it found. It says what to run next and is told what came of it, so
 * that the same text serves the writer that answers at once and the one that is asked over a network.
 */
export type Script<T> = Generator<Asked, T, readonly Row[] | number>;

/** What runs scripts: a connection inside a transaction. */
interface Runner {
  all(sql: string, ...params: readonly Sql[]): readonly Row[];
  run(step: Step): number;
}

interface DistantRunner {
  all(sql: string, ...params: readonly Sql[]): Promise<readonly Row[]>;
  run(step: Step): Promise<number>;
}

export function* findAll(sql: string, ...params: readonly Sql[]): Script<readonly Row[]> {
  const rows = yield { sql, params, want: "rows" };
  return typeof rows === "number" ? [] : rows;
}

export function* findOne(sql: string, ...params: readonly Sql[]): Script<Row | undefined> {
  return (yield* findAll(sql, ...params))[0];
}

/** How many rows it changed. */
export function* perform({ sql, params }: Step): Script<number> {
  const changes = yield { sql, params, want: "changes" };
  return typeof changes === "number" ? changes : 0;
}

/** Of which nothing is to be told: the next does not wait for it where answers take time. That it failed is told at the end. */
export function* tell({ sql, params }: Step): Script<void> {
  yield { sql, params, want: "nothing" };
}

export function runScript<T>(runner: Runner, script: Script<T>): T {
  for (let next = script.next(); ; ) {
    if (next.done === true) return next.value;
    const { want, sql, params } = next.value;
    next = script.next(want === "rows" ? runner.all(sql, ...params) : runner.run({ sql, params }));
  }
}

/** The same where each answer takes a round trip. */
export async function runScriptAsync<T>(runner: DistantRunner, script: Script<T>): Promise<T> {
  const told: Promise<number>[] = [];
  try {
    for (let next = script.next(); ; ) {
      if (next.done === true) {
        await Promise.all(told);
        return next.value;
      }
      const { want, sql, params } = next.value;
      if (want === "nothing") {
        const running = runner.run({ sql, params });
        running.catch(() => {});
        told.push(running);
        next = script.next(0);
      } else next = script.next(want === "rows" ? await runner.all(sql, ...params) : await runner.run({ sql, params }));
    }
  } catch (thrown) {
    // What failed first is why: after it PostgreSQL refuses the rest.
    await Promise.all(told);
    throw thrown;
  }
}
