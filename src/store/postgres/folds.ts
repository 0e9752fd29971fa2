import { randomInt } from "node:crypto";
import { FigureRows } from "../sql/figure-rows.ts";
import { foldTallies } from "../sql/fold.ts";
import { findAll, findOne, type Script, tell } from "../sql/script.ts";
import { integer, type Row, type Step } from "../sql/step.ts";
import { mostLooked, TallyFloor } from "./tally-floor.ts";

/**
 * When tallies are folded, and by whom. One node folds at a time. Which did so last says a number in `meta`, as it alone may still have the rows of figures
 * that are being counted up: every other reads them anew. So those who need not fold leave it to that node, unless too much is left.
 */

/** Tallies of one's own commits that are folded together, at the most. */
const mostTallies = 64;
/** So many in all show that who folded last does so no more, or not enough. */
const mostLeft = mostLooked;

const key = "hashtextextended('fold', 0)";
const lock = { sql: `SELECT pg_advisory_xact_lock(${key})`, params: [] };
const tryLock = `SELECT pg_try_advisory_xact_lock(${key}) AS locked`;
/** Behind the lock, and so after whatever was folded before. */
const lastFolder = "SELECT value FROM meta WHERE key = 'folder'";
const putFolder =
  "INSERT INTO meta (key, value) VALUES ('folder', ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value";

export class Folds {
  readonly #hasRivals: boolean;
  readonly #rows = new FigureRows();
  /** Unlike that of any other process. */
  readonly #self = 1 + randomInt(2 ** 47);
  /** Those of a process before this one may be left. */
  #tallies = mostTallies;
  readonly #floor = new TallyFloor();

  constructor(hasRivals: boolean) {
    this.#hasRivals = hasRivals;
  }

  /** Of commits of this process that were not folded yet. */
  get tallies(): number {
    return this.#tallies;
  }

  /** Finds a row where any tally is left, of whatever process. */
  get anyLeft(): Step {
    return this.#floor.anyLeft;
  }

  get isDue(): boolean {
    return this.#tallies >= mostTallies;
  }

  kept(tallies: number): void {
    this.#tallies += tallies;
  }

  /** @param isAsked everything that was committed before is to be seen in the figures; otherwise another node may fold it. */
  *fold({ isAsked }: { readonly isAsked: boolean }): Script<void> {
    if (this.#hasRivals && !(yield* this.#isLocked(isAsked))) return;
    const left = yield* this.#floor.look();
    if (this.#hasRivals && !(yield* this.#mayFold(isAsked, left))) return;
    yield* foldTallies(this.#rows, takeTallies(this.#floor.above));
  }

  /** What {@link fold} did is committed. */
  done(): void {
    this.#tallies = 0;
  }

  /** It is not. */
  undone(): void {
    this.#rows.forget();
  }

  *#isLocked(isAsked: boolean): Script<boolean> {
    if (!isAsked) return (yield* findOne(tryLock))?.["locked"] === 1;
    yield* tell(lock);
    return true;
  }

  *#mayFold(isAsked: boolean, left: number): Script<boolean> {
    const last = yield* findOne(lastFolder);
    if (last !== undefined && integer(last, "value") === this.#self) return true;
    if (!isAsked && left < mostLeft) return false;
    this.#rows.forget();
    yield* tell({ sql: putFolder, params: [this.#self] });
    return true;
  }
}

/** Only those that are read: others may be kept meanwhile. */
function* takeTallies(above: number): Script<readonly Row[]> {
  const rows = yield* findAll("DELETE FROM tally WHERE number > ? RETURNING number, at_ms, counted", above);
  return rows.toSorted((one, other) => integer(one, "number") - integer(other, "number"));
}
