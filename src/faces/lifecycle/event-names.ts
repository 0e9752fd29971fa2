import { type Static, Type } from "typebox";
import type { Catalog } from "../../domain/catalog.ts";
import { eventType } from "../../subscriptions/find.ts";

/** Event types in paths and lists. */

export const eventParams = Type.Object({ event: Type.String({ description: "Such as `PRE_USER_CREATE`." }) });
export const namesOfEvents = Type.Array(Type.String());

/** A name that the catalog does not have is reported first, as documented: before what is wrong with the body. */
export function judgeEvent(catalog: Catalog): (params: Static<typeof eventParams>) => void {
  return ({ event }) => void eventType(catalog, event);
}
