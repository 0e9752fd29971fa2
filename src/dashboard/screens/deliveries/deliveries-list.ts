import { listWindow } from "../../api/list-window.ts";
import { queries } from "../../api/queries.ts";
import { readAhead } from "../../api/session.ts";
import { type DeliveryQuery, type DeliverySearch, queryOf } from "./delivery-search.ts";

/** The list as it is read. */
export function deliveriesList(query: DeliveryQuery) {
  return listWindow("listDeliveries", query, ({ deliveries }) => deliveries);
}

/** Reads it while the screen's files are on their way. */
export async function readDeliveriesAhead(tenant: string, search: DeliverySearch): Promise<void> {
  await readAhead(tenant, () => queries.prefetchQuery(deliveriesList(queryOf(search, Date.now()))));
}
