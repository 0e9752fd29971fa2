import { describe } from "node:test";
import { appsConformance } from "./apps.ts";
import { bucketsConformance } from "./buckets.ts";
import { deliveriesConformance } from "./deliveries.ts";
import { deliveryListsConformance } from "./delivery-lists.ts";
import { eventsConformance } from "./events.ts";
import { feedConformance } from "./feed.ts";
import { functionsConformance } from "./functions.ts";
import { historyConformance } from "./history.ts";
import { identitiesConformance } from "./identities.ts";
import { invocationsConformance } from "./invocations.ts";
import { listsConformance } from "./lists.ts";
import { objectsConformance } from "./objects.ts";
import { oneShotsConformance } from "./one-shots.ts";
import { operationsConformance } from "./operations.ts";
import { quotasConformance } from "./quotas.ts";
import { redriveConformance } from "./redrive.ts";
import { registeredConformance } from "./registered.ts";
import { sightConformance } from "./sight.ts";
import { subscribersConformance } from "./subscribers.ts";
import { subscriptionsConformance } from "./subscriptions.ts";
import { tracesConformance } from "./traces.ts";
import type { OpenStore } from "./under-test.ts";
import { unitsConformance } from "./units.ts";
import { upkeepConformance } from "./upkeep.ts";
import { uploadsConformance } from "./uploads.ts";
import { usersConformance } from "./users.ts";

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
    oneShotsConformance(open);
    appsConformance(open);
    functionsConformance(open);
    subscribersConformance(open);
    invocationsConformance(open);
    usersConformance(open);
    registeredConformance(open);
    operationsConformance(open);
    historyConformance(open);
    eventsConformance(open);
    feedConformance(open);
    deliveriesConformance(open);
    deliveryListsConformance(open);
    redriveConformance(open);
    sightConformance(open);
    quotasConformance(open);
    upkeepConformance(open);
    tracesConformance(open);
  });
}
