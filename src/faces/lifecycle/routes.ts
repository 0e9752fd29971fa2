import type { Context } from "../../context.ts";
import type { Route } from "../http/route.ts";
import { appEventRoutes } from "./app-events.ts";
import { appRoutes } from "./apps.ts";
import { eventRoutes } from "./events.ts";
import { functionRoutes } from "./functions.ts";
import { invocationRoutes } from "./invocations.ts";
import { simulateRoutes } from "./simulate.ts";
import { codeTrialRoutes } from "./trials.ts";
import { typesRoutes } from "./types.ts";
import { versionRoutes } from "./versions.ts";

/** Functions that run before and after operations. */
export function lifecycleRoutes(context: Context): Route[] {
  return [
    ...eventRoutes(context),
    ...typesRoutes(context),
    ...simulateRoutes(context),
    ...appEventRoutes(context),
    ...appRoutes(context),
    ...functionRoutes(context),
    ...codeTrialRoutes(context),
    ...versionRoutes(context),
    ...invocationRoutes(context),
  ];
}
