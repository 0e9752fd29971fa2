import { defined } from "../../domain/defined.ts";
import { deliveryUuid } from "../../domain/ids.ts";
import type { NumberedItem } from "../../store/news.ts";
import type { Delivery, Store } from "../../store/store.ts";
import type { LiveItem, LivePlace } from "./item.ts";

type Loading = Pick<Store, "deliveries" | "functions" | "invocations" | "redrives" | "subscriptions">;

/** What an item of the store's news is about; `undefined` when it is not kept any more. */
export async function loadItem(store: Loading, item: NumberedItem): Promise<LiveItem | undefined> {
  switch (item.of) {
    case "delivery": {
      const delivery = await deliveryThen(store, item);
      return delivery === undefined ? undefined : { topic: "deliveries", delivery };
    }
    case "invocation": {
      const invocation = await store.invocations.invocation(item.number);
      const fn = invocation === undefined ? undefined : await store.functions.byNumber(invocation.function);
      if (invocation === undefined || fn === undefined) return undefined;
      const { sequence, subscription: number } = invocation;
      const subscription =
        sequence === undefined || number === undefined ? undefined : await store.subscriptions.byNumber(number);
      const delivery =
        sequence === undefined || subscription === undefined ? undefined : deliveryUuid(sequence, subscription.uuid);
      return { topic: "invocations", run: { invocation, fn, ...defined({ delivery }) } };
    }
    case "redrive": {
      const redrive = await store.redrives.redrive(item.uuid);
      return redrive === undefined ? undefined : { topic: "redrives", redrive };
    }
    default:
      return item satisfies never;
  }
}

/** As it stood with the commit of the item, of which the store has the newest state only. */
async function deliveryThen(
  store: Loading,
  { sequence, subscription, status, attempts }: Extract<NumberedItem, { of: "delivery" }>,
): Promise<Delivery | undefined> {
  const place = { sequence, subscription };
  const now = await store.deliveries.get(place);
  if (now === undefined) return undefined;
  const isWaiting = now.status === "waiting" || now.status === "paused";
  if (now.attempts === attempts && (isWaiting ? "waiting" : now.status) === status) return now;
  const { last: _, dueMs: __, reason: ___, ...rest } = now;
  const last = attempts === 0 ? undefined : await store.deliveries.attempt(place, attempts);
  return { ...rest, status, attempts, ...defined({ last, reason: status === "dead" ? last?.reason : undefined }) };
}

/** Where the newest of all is. */
export async function newestPlace({ news }: Pick<Store, "news">): Promise<LivePlace> {
  return { events: await news.newestEvent(), news: await news.newestNews() };
}
