import type { DeliveryBounds } from "../store.ts";
import { seenBy, viewing } from "./sight-sql.ts";
import type { Sql } from "./step.ts";

/** What narrows deliveries, as SQL about `d` (the delivery), `e` (its event), `s` (its subscription) and `a` (its last attempt, if that failed). */

/** The last attempt stands in the delivery's row if it succeeded, and in a row of its own if it failed. */
export const lastFailed = `LEFT JOIN attempt a ON d.started_ms IS NULL
    AND a.sequence = d.sequence AND a.subscription = d.subscription AND a.number = d.attempts`;

/** Longer data is no object's, whose key and metadata are bounded: reading it for a text at its top would only take time. */
const longestData = 32_768;

/** The condition, with the parameters of {@link boundValues} from `?first` on. */
export function within(first: number): string {
  const is = (index: number): string => `?${first + index}`;
  const unless = (index: number, type: "text" | "bigint", condition: string): string =>
    `(CAST(${is(index)} AS ${type}) IS NULL OR ${condition})`;
  const answered = "coalesce(d.http_status, a.http_status)";
  const field = `iif(octet_length(e.data) <= ${longestData}, e.data ->> ${is(9)}, NULL)`;
  const url =
    "json_extract(iif(s.destination IS NULL, s.target, (SELECT x.target FROM destination x WHERE x.number = s.destination)), '$.url')";
  const host = `substr(lower(${url}) || '/', instr(${url}, '://') + 3, length(${is(15)}) + 1)`;
  return [
    unless(0, "bigint", `e.time_ms >= ${is(0)}`),
    unless(1, "bigint", `e.time_ms < ${is(1)}`),
    unless(2, "text", `s.scope = ${is(2)}`),
    unless(3, "text", `s.uuid = ${is(3)}`),
    seenBy(is(4), is(5)),
    unless(6, "text", `s.face = ${is(6)}`),
    unless(7, "text", `e.names ->> s.face = ${is(7)}`),
    unless(8, "text", `e.resource = ${is(8)}`),
    unless(
      10,
      "text",
      `((s.face <> ${is(11)} OR d.attempts > 0) AND substr(${field}, 1, length(${is(10)})) = ${is(10)})`,
    ),
    unless(12, "bigint", `${answered} BETWEEN ${is(12)} AND ${is(13)}`),
    unless(14, "text", `iif(d.status = 2, d.reason, a.reason) = ${is(14)}`),
    unless(15, "text", `${host} IN (${is(15)} || '/', ${is(15)} || ':', ${is(15)} || '?')`),
    unless(16, "bigint", `s.function = ${is(16)}`),
    unless(17, "bigint", `d.attempts >= ${is(17)}`),
  ].join("\n  AND ");
}

/** The values of those parameters. */
export function boundValues(bounds: DeliveryBounds): Sql[] {
  const { data, httpStatus } = bounds;
  return [
    bounds.sinceMs ?? null,
    bounds.untilMs ?? null,
    bounds.scope ?? null,
    bounds.subscription ?? null,
    ...viewing(bounds.viewer),
    bounds.face ?? null,
    bounds.event ?? null,
    bounds.resource ?? null,
    data?.field ?? null,
    data?.prefix ?? null,
    data?.untold ?? null,
    httpStatus?.from ?? null,
    httpStatus?.to ?? null,
    bounds.reason ?? null,
    bounds.targetHost ?? null,
    bounds.function ?? null,
    bounds.minAttempts ?? null,
  ];
}
