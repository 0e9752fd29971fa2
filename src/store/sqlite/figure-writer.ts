import { FigureRows } from "../sql/figure-rows.ts";
import { type Accepted, allTallies, foldTallies, tallyOf } from "../sql/fold.ts";
import { runScript } from "../sql/script.ts";
import type { WireFigures } from "../sql/wire.ts";
import type { Statements } from "./statements.ts";

/** Commits whose tallies are folded together, at the most; and so many counts in them, which bounds how long that takes: 5 ms. */
const mostTallies = 64;
const mostCounts = 512;

const anyTally = "SELECT 1 FROM tally LIMIT 1";

/** Keeps the tallies of commits, and says when to fold them. */
export class FigureWriter {
  readonly #statements: Statements;
  readonly #rows = new FigureRows();
  #tallies = 0;
  #counts = 0;

  constructor(statements: Statements) {
    this.#statements = statements;
    // Those of a process that was killed are folded with the first commit.
    if (statements.get(anyTally) !== undefined) this.#tallies = mostTallies;
  }

  /** What was written may have been undone, folding included. */
  forget(): void {
    this.#rows.forget();
    this.#tallies = mostTallies;
  }

  /** Keeps what a commit counts, and returns whether it is time to fold. */
  keep(accepted: Accepted, figures: WireFigures, nowMs: number): boolean {
    const tally = tallyOf(accepted, figures, nowMs);
    if (tally !== undefined) {
      this.#statements.run(tally);
      this.#tallies += 1;
      this.#counts += accepted.size + figures.counts.length + figures.reasons.length;
    }
    return this.#tallies >= mostTallies || this.#counts >= mostCounts;
  }

  /** Whether any tally is kept. */
  get isBehind(): boolean {
    return this.#tallies > 0;
  }

  /** Brings figures and usage up to date. */
  fold(): void {
    runScript(this.#statements, foldTallies(this.#rows, allTallies()));
    this.#tallies = 0;
    this.#counts = 0;
  }
}
