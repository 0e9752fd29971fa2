import type { Route } from "../http/route.ts";
import type { HostContext } from "./context.ts";
import { hostDeclarationRoutes } from "./declarations.ts";
import { hostEventRoutes } from "./events.ts";
import { hostOperationRoutes } from "./operations.ts";
import { resolverRoutes } from "./resolve.ts";
import { hostResourceRoutes } from "./resources.ts";
import { hostTaskRoutes } from "./tasks.ts";
import { hostUserRoutes } from "./users.ts";

/**
 * Every route of the host interface, all of the role `host`. What its caller's token is restricted to each route judges itself, by `judgeHost`
 * of `platform/access/host-tokens.ts`, before it does anything.
 */
export function hostRoutes(context: HostContext): Route[] {
  return [
    ...hostEventRoutes(context),
    ...hostTaskRoutes(context),
    ...hostOperationRoutes(context),
    ...resolverRoutes(context),
    ...hostResourceRoutes(context),
    ...hostUserRoutes(context),
    ...hostDeclarationRoutes(context),
  ];
}
