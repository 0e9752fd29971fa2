import type { KeyedMutex } from "../../pace/keyed-mutex.ts";
import type { ApiDeps } from "../http/deps.ts";
import type { Route } from "../http/route.ts";
import { appEventRoutes } from "./app-events.ts";
import { appRoutes } from "./apps.ts";
import { eventRoutes } from "./events.ts";
import { functionRoutes } from "./functions.ts";
import { invocationRoutes } from "./invocations.ts";
import { simulateRoutes } from "./simulate.ts";
import { versionRoutes } from "./versions.ts";

/** Functions that run before and after operations. */
export function lifecycleRoutes(deps: ApiDeps & { readonly mutex: KeyedMutex }): Route[] {
  return [
    ...eventRoutes({ ...deps, ...deps.config }),
    ...simulateRoutes(deps),
    ...appEventRoutes(deps),
    ...appRoutes(deps),
    ...functionRoutes(deps),
    ...versionRoutes(deps),
    ...invocationRoutes(deps),
  ];
}
