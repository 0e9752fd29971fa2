import { Type } from "typebox";
import type { Context } from "../../context.ts";
import { mostCounted, overviewOf } from "../../history/overview.ts";
import { packageVersion } from "../../version.ts";
import { instant, nullable, shownOptional } from "../http/fields.ts";
import { type Route, route } from "../http/route.ts";
import { showHealth, shownHealth, toTenths } from "./health-schema.ts";
import { shownSubscription, showSubscription } from "./subscriptions/shown.ts";

const countedSoFar = `Counted up to ${mostCounted.toLocaleString("en")}.`;

/** How everything fares, in one answer. */
export function overviewRoutes(deps: Pick<Context, "store" | "clock" | "vault">): Route[] {
  return [
    route({
      method: "GET",
      path: "/api/cloud/overview/",
      role: "member",
      tag: "deliveries",
      summary: "Tells how all subscriptions fare that one sees, and which of them need attention",
      description:
        "Admins see the whole tenant, anybody else what is theirs. At most the newest 10,000 subscriptions are looked at; `more` says that there are others.",
      message: "Overview retrieved",
      data: Type.Object({
        subscriptions: Type.Object({
          total: Type.Integer(),
          more: Type.Boolean(),
          ok: Type.Integer(),
          slow: Type.Integer(),
          failing: Type.Integer(),
          paused: Type.Integer(),
          disabled: Type.Integer(),
          unconfirmed: Type.Integer(),
          complete: Type.Integer(),
          failed: Type.Integer(),
        }),
        waiting: Type.Integer({ description: `Deliveries that wait. ${countedSoFar}` }),
        dead: Type.Integer({ description: `Dead letters. ${countedSoFar}` }),
        oldest_waiting_at: nullable(instant),
        attempts_per_minute: Type.Number({ description: "On average since the hour before the present one began." }),
        needs_attention: Type.Array(Type.Object({ subscription: shownSubscription, health: shownHealth }), {
          description: "Failing, then paused, then slow ones; at most 20.",
        }),
        version: Type.String({ description: "Of the server." }),
      }),
      handle: async ({ caller }) => {
        const { states, more, waiting, dead, oldestWaitingMs, attemptsPerMinute, attention } = await overviewOf(
          deps,
          caller,
        );
        const total = Object.values(states).reduce((sum, count) => sum + count, 0);
        const shown = attention.map(async ({ subscription, health }) => ({
          subscription: await showSubscription(deps, subscription),
          health: showHealth(health),
        }));
        return {
          subscriptions: { total, more, ...states },
          waiting,
          dead,
          oldest_waiting_at: shownOptional(oldestWaitingMs),
          attempts_per_minute: toTenths(attemptsPerMinute),
          needs_attention: await Promise.all(shown),
          version: packageVersion,
        };
      },
    }),
  ];
}
