import { Type } from "typebox";
import type { Context } from "../../context.ts";
import { defined } from "../../domain/defined.ts";
import { deliveryStatuses } from "../../domain/delivery.ts";
import { attemptDetail } from "../../history/attempt-detail.ts";
import {
  attemptsOf,
  type DeliveryContext,
  findDelivery,
  listDeliveries,
  redriveDelivery,
} from "../../history/deliveries.ts";
import type { DeliveryPlace } from "../../store/store.ts";
import { Cursors } from "../http/cursors.ts";
import { nextCursor, paging } from "../http/fields.ts";
import { type Route, route } from "../http/route.ts";
import { attempt, attemptBody } from "./attempt.ts";
import { showDetail, shownDetail } from "./attempt-detail.ts";
import { narrowing, readNarrowing, showDelivery, shownDelivery } from "./delivery-schema.ts";

/** What became of events, one delivery for each rule that wanted one. */
export function deliveryRoutes(deps: DeliveryContext & Pick<Context, "prepareTarget" | "vault">): Route[] {
  const { store } = deps;
  const path = "/api/cloud/deliveries/";
  const params = Type.Object({ id: Type.String() });
  const common = { role: "member", tag: "deliveries" } as const;
  const cursors = new Cursors<DeliveryPlace>(deps.vault, "deliveries");
  return [
    route({
      ...common,
      method: "GET",
      path,
      summary: "Lists deliveries, newest event first, first attempts that are under way included",
      description:
        "Those of subscriptions that one knows of: one's own, of members the rules of their buckets, of developers what runs functions and the rules of all buckets, of admins all. A page may be short while there is a next.",
      query: Type.Object({ status: Type.Optional(Type.Enum([...deliveryStatuses])), ...narrowing, ...paging }),
      message: "Deliveries retrieved",
      data: Type.Object({ deliveries: Type.Array(shownDelivery), next_cursor: nextCursor }),
      handle: async ({ caller, query: { limit, cursor, status, ...narrowed } }) => {
        const filter = { ...readNarrowing(narrowed), ...defined({ status }) };
        const page = cursors.page(caller, { limit, cursor });
        const { deliveries, next } = await listDeliveries(deps, caller, filter, page);
        return {
          deliveries: deliveries.map(showDelivery),
          ...cursors.next(caller, next),
        };
      },
    }),
    route({
      ...common,
      method: "GET",
      path: `${path}:id/`,
      summary: "Shows a delivery with all its attempts",
      params,
      message: "Delivery retrieved",
      data: Type.Object({ ...shownDelivery.properties, attempts: Type.Array(attempt) }),
      handle: async ({ caller, params }) => {
        const delivery = await findDelivery(deps, caller, params.id);
        return { ...showDelivery(delivery), attempts: (await attemptsOf(store, delivery)).map(attemptBody) };
      },
    }),
    route({
      ...common,
      method: "GET",
      path: `${path}:id/attempts/:number/`,
      summary: "Shows an attempt: what was sent, and what came back",
      description:
        "The request is made again by what sends it, with the attempt's own timestamp: it is not stored. Who sees the delivery sees it.",
      params: Type.Object({ ...params.properties, number: Type.String({ description: "The attempt's, from 1." }) }),
      message: "Attempt retrieved",
      data: shownDetail,
      handle: async ({ caller, params }) => showDetail(await attemptDetail(deps, caller, params)),
    }),
    route({
      ...common,
      method: "POST",
      path: `${path}:id/redrive/`,
      summary: "Sends a finished delivery again, under the same id",
      params,
      message: "Delivery waits to be sent again",
      data: shownDelivery,
      handle: async ({ caller, params }) => showDelivery(await redriveDelivery(deps, caller, params.id)),
    }),
  ];
}
