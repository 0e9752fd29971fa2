import { userDeps } from "../resources/users/deps.ts";
import { accessKeyRoutes } from "./admin/access-keys.ts";
import { alertRoutes } from "./admin/alerts.ts";
import { deliveryRoutes } from "./admin/deliveries.ts";
import { explainRoutes } from "./admin/explain.ts";
import { grantRoutes } from "./admin/grants.ts";
import { poisonedRoutes } from "./admin/poisoned.ts";
import { principalRoutes } from "./admin/principals.ts";
import { redriveRoutes } from "./admin/redrives.ts";
import { tenantRoutes } from "./admin/tenants.ts";
import { tokenRoutes } from "./admin/tokens.ts";
import { usageRoutes } from "./admin/usage.ts";
import { bucketRoutes } from "./buckets/list.ts";
import { ruleRoutes } from "./buckets/rules.ts";
import { trialRoutes } from "./buckets/trials.ts";
import type { ApiDeps } from "./deps.ts";
import { fileRoutes } from "./files/files.ts";
import { lifecycleRoutes } from "./lifecycle/routes.ts";
import { mailRoutes } from "./mail/mails.ts";
import type { Route } from "./route.ts";
import { subscriptionDeps } from "./subscriptions/deps.ts";
import { subscriptionRoutes } from "./subscriptions/subscriptions.ts";
import { attributeSchemaRoutes } from "./users/attribute-schema.ts";
import { decisionRoutes } from "./users/decisions.ts";
import { userRoutes } from "./users/users.ts";

/** Every route of the API that takes a token. */
export function apiRoutes(deps: ApiDeps): Route[] {
  const { turns } = deps.resources;
  const rules = { ...deps, turns, maxRulesPerBucket: deps.config.maxRulesPerBucket };
  return [
    ...bucketRoutes(deps),
    ...ruleRoutes(rules),
    ...trialRoutes(rules),
    ...subscriptionRoutes(subscriptionDeps(deps, turns)),
    ...mailRoutes(deps),
    ...redriveRoutes(deps),
    ...deliveryRoutes(deps),
    ...explainRoutes(deps),
    ...alertRoutes(subscriptionDeps(deps, turns)),
    ...poisonedRoutes(deps),
    ...usageRoutes(deps),
    ...grantRoutes(deps),
    ...fileRoutes(deps),
    ...lifecycleRoutes({ ...deps, turns }),
    ...attributeSchemaRoutes(deps),
    ...userRoutes({
      ...userDeps(deps),
      vault: deps.vault,
      trustsAddresses: deps.config.mailConfirm === "trust",
    }),
    ...decisionRoutes(deps),
    ...tenantRoutes(deps),
    ...principalRoutes({ ...deps, turns }),
    ...tokenRoutes({ ...deps, turns }),
    ...accessKeyRoutes(deps),
  ];
}
