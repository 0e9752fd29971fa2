import { findOne, type Script } from "../sql/script.ts";
import { integer, type Row, type Step } from "../sql/step.ts";

/** How many tallies are looked at to see how much is left to fold. */
export const mostLooked = 256;

const drawnSoFar = `SELECT last_value - (NOT is_called)::int AS drawn, pg_postmaster_start_time()::text AS server
  FROM tally_number_seq`;
const underWay = `SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint AS oldest,
  pg_snapshot_xmax(pg_current_snapshot())::text::bigint AS next`;
/** In the order of the index: what an old snapshot keeps of tallies that are gone is below the floor. */
const left = `SELECT min(number) AS first, count(*) AS tallies
  FROM (SELECT number FROM tally WHERE number > ? ORDER BY number LIMIT ${mostLooked}) few`;
const anyLeft = "SELECT 1 FROM tally WHERE number > ? ORDER BY number LIMIT 1";

/** What had been drawn at a moment. */
interface Sample {
  readonly drawn: number;
  /** The number of the next transaction: whatever had drawn one of those had a lower one, since it has written its mark before. */
  readonly next: number;
}

/**
 * Up to where tallies are gone, and none can come any more. Vacuum cannot take away what is deleted while any session holds an older snapshot, and so whoever reads
 * the table from its beginning reads all that was ever deleted meanwhile: after ten minutes each fold took a tenth of a second.
 */
export class TallyFloor {
  #floor = 0;
  #sample: Sample | undefined;
  /** Numbers that one server has drawn say nothing about those of the one that has taken over from it. */
  #server = "";

  /** All that are left have greater numbers. */
  get above(): number {
    return this.#floor;
  }

  /** Finds a row where any is left. */
  get anyLeft(): Step {
    return { sql: anyLeft, params: [this.#floor] };
  }

  /** Moves it on, in a transaction that reads what is committed. Gives how many tallies are left, up to {@link mostLooked}. */
  *look(): Script<number> {
    const { drawn, server } = read((yield* findOne(drawnSoFar)) ?? {});
    if (server !== this.#server) {
      this.#floor = 0;
      this.#sample = undefined;
      this.#server = server;
    }
    // Behind what was drawn: a transaction that begins in between has drawn nothing of it.
    const now = (yield* findOne(underWay)) ?? {};
    const before = this.#sample;
    const hasPassed = before !== undefined && integer(now, "oldest") >= before.next;
    // And behind that: what has ended by then is seen.
    const found = (yield* findOne(left, this.#floor)) ?? {};
    if (hasPassed) this.#floor = Math.max(this.#floor, Math.min(before.drawn, firstOf(found) - 1));
    if (before === undefined || hasPassed) this.#sample = { drawn, next: integer(now, "next") };
    return integer(found, "tallies");
  }
}

function read(row: Row): { readonly drawn: number; readonly server: string } {
  return { drawn: integer(row, "drawn"), server: String(row["server"]) };
}

function firstOf(row: Row): number {
  return typeof row["first"] === "number" ? row["first"] : Number.POSITIVE_INFINITY;
}
