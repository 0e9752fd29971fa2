import { Type } from "typebox";
import type { Context } from "../../context.ts";
import { defined } from "../../domain/defined.ts";
import { invalidField } from "../../errors.ts";
import { matchingOf } from "../../history/matching.ts";
import { usageOf } from "../../history/usage.ts";
import { quotasOfTenant } from "../../platform/quotas.ts";
import type { UsagePlace } from "../../store/store.ts";
import { Cursors } from "../http/cursors.ts";
import { nextCursor, nullable, paging } from "../http/fields.ts";
import { type Route, route } from "../http/route.ts";
import { showMatching, shownMatching } from "./matching-schema.ts";
import { shownQuotas, showQuotas } from "./quota-schema.ts";

const day = Type.String({
  pattern: "^\\d{4}-\\d{2}-\\d{2}$",
  "x-remedy": "must be a day such as 2026-11-20",
  description: "A day in UTC, such as 2026-11-20.",
});
const dayMs = 86_400_000;
const longestDays = 366;
const defaultDays = 30;

/** A day of the calendar, which has no year 0, as milliseconds of its beginning. */
function readDay(path: string, text: string): number {
  const ms = Date.parse(`${text}T00:00:00Z`);
  const isDay = !Number.isNaN(ms) && shownDay(ms) === text && !text.startsWith("0000");
  if (!isDay) throw invalidField(path, `${text} is not a day of the calendar`);
  return ms;
}

function shownDay(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}

function readRange(nowMs: number, { from, to }: { readonly from?: string; readonly to?: string }) {
  const toMs = to === undefined ? Math.floor(nowMs / dayMs) * dayMs : readDay("to", to);
  const fromMs = from === undefined ? toMs - (defaultDays - 1) * dayMs : readDay("from", from);
  if (fromMs > toMs) throw invalidField("to", "must not be earlier than from");
  if (toMs - fromMs >= longestDays * dayMs) throw invalidField("from", `must be within ${longestDays} days of to`);
  return { fromDay: shownDay(fromMs), toDay: shownDay(toMs) };
}

/** What was accepted and sent: what a bill is made of. */
export function usageRoutes(context: Pick<Context, "store" | "clock" | "rates" | "matching" | "vault">): Route[] {
  const { store, clock, matching } = context;
  const cursors = new Cursors<UsagePlace>(context.vault, "usage");
  return [
    route({
      method: "GET",
      path: "/api/cloud/usage/",
      role: "member",
      tag: "deliveries",
      summary:
        "Counts what was accepted and sent, by day, bucket and rule, and tells the tenant's quotas and what its filters cost",
      description:
        "The last 30 days by default, oldest first. A page may be short while there is a next. What was accepted is counted for buckets that the caller reaches, what was sent for subscriptions that the caller sees; quotas, and what matching costs, are of the tenant as a whole, and costly filters those of subscriptions that the caller sees.",
      query: Type.Object({
        from: Type.Optional(day),
        to: Type.Optional(day),
        bucket: Type.Optional(Type.String({ minLength: 1, maxLength: 256 })),
        rule: Type.Optional(Type.String({ minLength: 1, maxLength: 256, description: "A rule's id." })),
        ...paging,
      }),
      message: "Usage retrieved",
      data: Type.Object({
        from: Type.String(),
        to: Type.String(),
        quotas: shownQuotas,
        matching: shownMatching,
        usage: Type.Array(
          Type.Object({
            day: Type.String(),
            bucket: nullable(Type.String({ description: "Null once the bucket was deleted." })),
            bucket_uuid: Type.String(),
            rule: nullable(Type.String({ description: "Null in the row that counts accepted events." })),
            accepted: Type.Integer({ description: "Events." }),
            attempts: Type.Integer(),
            delivered: Type.Integer(),
            dead: Type.Integer(),
          }),
        ),
        next_cursor: nextCursor,
      }),
      handle: async ({ caller, query: { from, to, bucket, rule, limit, cursor } }) => {
        const range = readRange(clock.now(), defined({ from, to }));
        const narrowed = defined({ bucket, rule });
        const page = cursors.page(caller, { limit, cursor });
        const { usage: rows, next } = await usageOf(store, caller, { ...range, ...narrowed }, page);
        const usage = rows.map(({ row, bucketName }) => ({
          day: row.day,
          bucket: bucketName ?? null,
          bucket_uuid: row.scope,
          rule: row.subscription ?? null,
          accepted: row.accepted,
          attempts: row.attempts,
          delivered: row.delivered,
          dead: row.dead,
        }));
        const quotas = showQuotas(await quotasOfTenant(context, caller.tenant));
        const costs = showMatching(await matchingOf(store, matching, caller));
        return { from: range.fromDay, to: range.toDay, quotas, matching: costs, usage, ...cursors.next(caller, next) };
      },
    }),
  ];
}
