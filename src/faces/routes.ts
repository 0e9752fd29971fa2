import { accessKeyRoutes } from "./api/access-keys.ts";
import { alertRoutes } from "./api/alerts.ts";
import { deliveryRoutes } from "./api/deliveries.ts";
import { destinationRoutes } from "./api/destinations/destinations.ts";
import { eventLogRoutes } from "./api/event-log/event-log.ts";
import { explainRoutes } from "./api/explain.ts";
import { contentRoutes } from "./api/files/contents.ts";
import { fileRoutes } from "./api/files/files.ts";
import { filterRoutes } from "./api/filters.ts";
import { grantRoutes } from "./api/grants.ts";
import { inboxRoutes } from "./api/inbox.ts";
import { liveRoutes } from "./api/live.ts";
import { nodeRoutes } from "./api/nodes.ts";
import { operationRoutes } from "./api/operations/operations.ts";
import { overviewRoutes } from "./api/overview.ts";
import { poisonedRoutes } from "./api/poisoned.ts";
import { principalRoutes } from "./api/principals.ts";
import { redriveRoutes } from "./api/redrives.ts";
import { sessionRoutes } from "./api/sessions/sessions.ts";
import { statRoutes } from "./api/stats.ts";
import { subscriptionRoutes } from "./api/subscriptions/subscriptions.ts";
import { tenantRoutes } from "./api/tenants.ts";
import { tokenRoutes } from "./api/tokens.ts";
import { usageRoutes } from "./api/usage.ts";
import { attributeSchemaRoutes } from "./api/users/attribute-schema.ts";
import { userRoutes } from "./api/users/users.ts";
import { bucketRoutes } from "./buckets/buckets.ts";
import { ruleRoutes } from "./buckets/rules.ts";
import { trialRoutes } from "./buckets/trials.ts";
import type { ApiContext } from "./http/api-context.ts";
import type { Route } from "./http/route.ts";
import { lifecycleRoutes } from "./lifecycle/routes.ts";
import { mailRoutes } from "./mail/mails.ts";

/** Every route of the API that takes a token. */
export function apiRoutes(context: ApiContext): Route[] {
  return [
    ...bucketRoutes(context),
    ...ruleRoutes(context),
    ...trialRoutes(context),
    ...subscriptionRoutes(context),
    ...destinationRoutes(context),
    ...filterRoutes(context),
    ...mailRoutes(context),
    ...redriveRoutes(context),
    ...deliveryRoutes(context),
    ...liveRoutes(context),
    ...eventLogRoutes(context),
    ...explainRoutes(context),
    ...alertRoutes(context),
    ...poisonedRoutes(context),
    ...inboxRoutes(context),
    ...nodeRoutes(context),
    ...usageRoutes(context),
    ...overviewRoutes(context),
    ...statRoutes(context),
    ...grantRoutes(context),
    ...fileRoutes(context),
    ...contentRoutes(context),
    ...lifecycleRoutes(context),
    ...attributeSchemaRoutes(context),
    ...userRoutes(context),
    ...operationRoutes(context),
    ...tenantRoutes(context),
    ...principalRoutes(context),
    ...tokenRoutes(context),
    ...accessKeyRoutes(context),
    ...sessionRoutes(context),
  ];
}
