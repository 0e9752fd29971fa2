import type { DeliveryRecord } from "../../domain/delivery.ts";
import type { NewEvent } from "../../domain/event.ts";
import { attemptRow, finishedRow } from "./deliveries-sql.ts";
import { wireEvent } from "./events-sql.ts";
import { FigureCounts } from "./figure-counts.ts";
import { invocationRow } from "./invocations.ts";
import type { Sql } from "./step.ts";
import { waitingRow } from "./waiting-sql.ts";
import type { LogMarks, WireSettlement } from "./wire.ts";

/** Outcomes on their way to the writer's thread. */

/** Everything that the writer's thread needs of them, as rows of its statements. */
export function wireSettlement(
  records: readonly DeliveryRecord[],
  announced: readonly NewEvent[],
  marks: LogMarks,
): WireSettlement {
  const deliveries: Sql[][] = [];
  const waiting: Sql[][] = [];
  const inLine: Sql[][] = [];
  const released: [number, string, number][] = [];
  const figures = new FigureCounts();
  const attempts: Sql[][] = [];
  const invocations: Sql[][] = [];
  const buried: [number, number][] = [];
  const outcomes: [number, number, "complete" | "failed"][] = [];
  for (const record of records) {
    const { attempt, invocation, status, line, releasedMs } = record;
    if (status !== "waiting") deliveries.push(finishedRow(record));
    else if (line !== undefined && record.parked === true) inLine.push(waitingRow(record));
    else waiting.push(waitingRow(record));
    if (line !== undefined && releasedMs !== undefined) released.push([record.subscription, line, releasedMs]);
    if (record.reason === "subscription_deleted") buried.push([record.sequence, record.subscription]);
    if (record.once === true && status !== "waiting") {
      outcomes.push([record.subscription, record.sequence, status === "delivered" ? "complete" : "failed"]);
    }
    // Of what succeeded, the delivery's own row has all but what was captured.
    if (attempt?.reason !== undefined || attempt?.wire !== undefined) attempts.push(attemptRow(record, attempt));
    if (invocation !== undefined) invocations.push(invocationRow(invocation));
    figures.add(record);
  }
  return {
    deliveries,
    ...(records.every(({ isNew }) => isNew === true) ? { areNew: true as const } : {}),
    waiting,
    inLine,
    released,
    attempts,
    invocations,
    buried,
    outcomes,
    events: announced.map(wireEvent),
    figures: figures.all(),
    marks,
  };
}
