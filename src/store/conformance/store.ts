import { describe } from "node:test";
import { bucketsConformance } from "./buckets.ts";
import { deliveriesConformance } from "./deliveries.ts";
import { deliveryListsConformance } from "./delivery-lists.ts";
import { eventsConformance } from "./events.ts";
import { feedConformance } from "./feed.ts";
import { historyConformance } from "./history.ts";
import { identitiesConformance } from "./identities.ts";
import { listsConformance } from "./lists.ts";
import { objectsConformance } from "./objects.ts";
import { redriveConformance } from "./redrive.ts";
import { subscriptionsConformance } from "./subscriptions.ts";
import type { OpenStore } from "./under-test.ts";
import { unitsConformance } from "./units.ts";
import { upkeepConformance } from "./upkeep.ts";
import { uploadsConformance } from "./uploads.ts";

/** Everything that {@link Store} and {@link Feed} promise; a second adapter is right when this passes. */
export function storeConformance(name: string, open: OpenStore): void {
  describe(`${name}: the Store port`, () => {
    unitsConformance(open);
    identitiesConformance(open);
    bucketsConformance(open);
    objectsConformance(open);
    listsConformance(open);
    uploadsConformance(open);
    subscriptionsConformance(open);
    historyConformance(open);
    eventsConformance(open);
    feedConformance(open);
    deliveriesConformance(open);
    deliveryListsConformance(open);
    redriveConformance(open);
    upkeepConformance(open);
  });
}
