import { integer } from "../sql/step.ts";
import type { Counter } from "../sql/wire.ts";
import type { Statements } from "./statements.ts";

const reserve = `INSERT INTO meta (key, value) VALUES (?1, ?2)
  ON CONFLICT (key) DO UPDATE SET value = meta.value + ?2 RETURNING value`;

/** On the writer's connection: the first of `count` numbers that were never given out. */
export function reserveStep(statements: Statements, counter: Counter, count: number): number {
  return integer(statements.get(reserve, counter, count) ?? {}, "value") - count + 1;
}
