import { findOne, type Script } from "./script.ts";
import { integer } from "./step.ts";
import type { Counter } from "./wire.ts";

const reserve = `INSERT INTO meta (key, value) VALUES (?1, ?2)
  ON CONFLICT (key) DO UPDATE SET value = meta.value + ?2 RETURNING value`;

/** The first of `count` numbers that were never given out. */
export function* reserveNumbers(counter: Counter, count: number): Script<number> {
  return integer((yield* findOne(reserve, counter, count)) ?? {}, "value") - count + 1;
}
