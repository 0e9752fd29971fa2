import { type Static, Type } from "typebox";
import type { Context } from "../../context.ts";
import { defined } from "../../domain/defined.ts";
import { deliveryStatuses } from "../../domain/delivery.ts";
import { attemptDetail } from "../../history/attempt-detail.ts";
import {
  attemptsOf,
  countDeliveries,
  type DeliveryContext,
  findDelivery,
  type ListFilter,
  listDeliveries,
  redriveDelivery,
} from "../../history/deliveries.ts";
import type { DeliveryPlace } from "../../store/store.ts";
import { Cursors } from "../http/cursors.ts";
import { nextCursor, paging, shownInstant } from "../http/fields.ts";
import { type Route, route } from "../http/route.ts";
import { attempt, attemptBody } from "./attempt.ts";
import { showDetail, shownDetail } from "./attempt-detail.ts";
import { narrowing, readNarrowing, showDelivery, shownDelivery } from "./delivery-schema.ts";

const searchedTo = Type.Optional(
  Type.String({
    format: "date-time",
    description: "How far was looked: to events of this instant. Present when there is a `next_cursor`.",
  }),
);

const listed = {
  status: Type.Optional(
    Type.Array(Type.Enum([...deliveryStatuses]), { minItems: 1, maxItems: 9, description: "Any of them." }),
  ),
  ...narrowing,
  order: Type.Optional(Type.Enum(["newest", "oldest"], { default: "newest", description: "By event." })),
};

/** To the second: when exactly an event happened that one may not see is not told. */
function shownSearched(ms: number): string {
  return shownInstant(Math.ceil(ms / 1_000) * 1_000);
}

type Listed = { readonly [Name in keyof typeof listed]?: Static<(typeof listed)[Name]> | undefined };

function readListed({ status, order, ...narrowed }: Listed): ListFilter {
  return { ...readNarrowing(narrowed), ...defined({ statuses: status, order }) };
}

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
      summary: "Lists deliveries by event, the newest first, first attempts that are under way included",
      description:
        "Those of subscriptions that one knows of: one's own, of members the rules of their buckets, of developers what runs functions and the rules of all buckets, of admins all. A page may be short while there is a next.",
      query: Type.Object({ ...listed, ...paging }),
      message: "Deliveries retrieved",
      data: Type.Object({
        deliveries: Type.Array(shownDelivery),
        next_cursor: nextCursor,
        newer_cursor: Type.Optional(
          Type.String({
            description:
              "Of the first page by `newest`: with `order=oldest` and this as `cursor`, the list is of what came after this answer.",
          }),
        ),
        searched_to: searchedTo,
      }),
      handle: async ({ caller, query: { limit, cursor, ...asked } }) => {
        const page = cursors.page(caller, { limit, cursor });
        const { deliveries, next, newest, searchedMs } = await listDeliveries(deps, caller, readListed(asked), page);
        return {
          deliveries: deliveries.map(showDelivery),
          ...cursors.next(caller, next),
          ...(newest === undefined ? {} : { newer_cursor: cursors.give(caller, newest) }),
          ...(searchedMs === undefined ? {} : { searched_to: shownSearched(searchedMs) }),
        };
      },
    }),
    route({
      ...common,
      method: "GET",
      path: `${path}count/`,
      operationId: "countDeliveries",
      summary: "Says how many deliveries a list has, those whose first attempt is under way left out",
      description:
        "Looks through some 100,000 recorded deliveries for one answer. With a `next_cursor` there is more to be looked through: what that counts is to be added.",
      query: Type.Object({ ...listed, cursor: paging.cursor }),
      message: "Deliveries counted",
      data: Type.Object({ count: Type.Integer(), next_cursor: nextCursor, searched_to: searchedTo }),
      handle: async ({ caller, query: { cursor, ...asked }, signal }) => {
        const from = defined({ after: cursor === undefined ? undefined : cursors.take(caller, cursor), signal });
        const { count, next, searchedMs } = await countDeliveries(deps, caller, readListed(asked), from);
        return {
          count,
          ...cursors.next(caller, next),
          ...(searchedMs === undefined ? {} : { searched_to: shownSearched(searchedMs) }),
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
