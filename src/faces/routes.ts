import { userDeps } from "../platform/users/deps.ts";
import { accessKeyRoutes } from "./api/access-keys.ts";
import { alertRoutes } from "./api/alerts.ts";
import { deliveryRoutes } from "./api/deliveries.ts";
import { explainRoutes } from "./api/explain.ts";
import { fileRoutes } from "./api/files/files.ts";
import { grantRoutes } from "./api/grants.ts";
import { poisonedRoutes } from "./api/poisoned.ts";
import { principalRoutes } from "./api/principals.ts";
import { redriveRoutes } from "./api/redrives.ts";
import { subscriptionDeps } from "./api/subscriptions/deps.ts";
import { subscriptionRoutes } from "./api/subscriptions/subscriptions.ts";
import { tenantRoutes } from "./api/tenants.ts";
import { tokenRoutes } from "./api/tokens.ts";
import { usageRoutes } from "./api/usage.ts";
import { attributeSchemaRoutes } from "./api/users/attribute-schema.ts";
import { decisionRoutes } from "./api/users/decisions.ts";
import { userRoutes } from "./api/users/users.ts";
import { bucketRoutes } from "./buckets/list.ts";
import { ruleRoutes } from "./buckets/rules.ts";
import { trialRoutes } from "./buckets/trials.ts";
import type { ApiDeps } from "./http/deps.ts";
import type { Route } from "./http/route.ts";
import { lifecycleRoutes } from "./lifecycle/routes.ts";
import { mailRoutes } from "./mail/mails.ts";

/** Every route of the API that takes a token. */
export function apiRoutes(deps: ApiDeps): Route[] {
  const { mutex } = deps.resources;
  const rules = { ...deps, mutex, maxRulesPerBucket: deps.config.maxRulesPerBucket };
  return [
    ...bucketRoutes(deps),
    ...ruleRoutes(rules),
    ...trialRoutes(rules),
    ...subscriptionRoutes(subscriptionDeps(deps, mutex)),
    ...mailRoutes(deps),
    ...redriveRoutes(deps),
    ...deliveryRoutes(deps),
    ...explainRoutes(deps),
    ...alertRoutes(subscriptionDeps(deps, mutex)),
    ...poisonedRoutes(deps),
    ...usageRoutes(deps),
    ...grantRoutes(deps),
    ...fileRoutes(deps),
    ...lifecycleRoutes({ ...deps, mutex }),
    ...attributeSchemaRoutes(deps),
    ...userRoutes({
      ...userDeps(deps),
      vault: deps.vault,
      trustsAddresses: deps.config.mailConfirm === "trust",
    }),
    ...decisionRoutes(deps),
    ...tenantRoutes(deps),
    ...principalRoutes({ ...deps, mutex }),
    ...tokenRoutes(deps),
    ...accessKeyRoutes(deps),
  ];
}
