import { Type } from "typebox";
import type { SubscriptionContext } from "../../context.ts";
import type { Principal } from "../../domain/access.ts";
import { defined } from "../../domain/defined.ts";
import { alertTarget, removeAlertTarget, setAlertTarget } from "../../history/alerts.ts";
import { alertsThing } from "../../platform/edits.ts";
import { nullable } from "../http/fields.ts";
import { type Route, route } from "../http/route.ts";
import { madeSubscription, shownSubscription, showSubscription } from "./subscriptions/shown.ts";
import { newSubscription, readNew } from "./subscriptions/subscription-schema.ts";

const path = "/api/cloud/alerts/";
const common = { path, role: "admin", tag: "deliveries" } as const;

/** Where alerts of failing deliveries go: one target for each tenant, none by default. */
export function alertRoutes(deps: SubscriptionContext): Route[] {
  const edited = async ({ caller }: { readonly caller: Principal }) => {
    const target = await alertTarget(deps.store, caller);
    return { things: [alertsThing(caller.tenant), ...(target === undefined ? [] : [target.uuid])] };
  };
  return [
    route({
      ...common,
      method: "GET",
      summary: "Shows where the tenant's alerts go",
      description:
        "Alerts report the first failure in a row of a subscription, dead letters (the first at once, then once an hour with how many there were), and that it was paused. Null: no alerts are sent.",
      edited,
      message: "Alert target retrieved",
      data: Type.Object({ subscription: nullable(shownSubscription) }),
      handle: async ({ caller }) => {
        const found = await alertTarget(deps.store, caller);
        return { subscription: found === undefined ? null : await showSubscription(deps, found) };
      },
    }),
    route({
      ...common,
      method: "PUT",
      summary: "Sends the tenant's alerts to a webhook or an e-mail address, in place of what there was",
      body: Type.Object({ target: newSubscription.properties.target }, { additionalProperties: false }),
      edited,
      made: ({ id }) => id,
      message: "Alert target set; a signing secret is not shown again",
      data: madeSubscription,
      handle: async ({ caller, body: { target }, conditional }) => {
        const { target: input } = readNew({ event: "*", target });
        const { subscription, signingSecret } = await setAlertTarget(conditional(deps), caller, input);
        return {
          ...(await showSubscription(deps, subscription)),
          ...defined({ signing_secret: signingSecret }),
        };
      },
    }),
    route({
      ...common,
      method: "DELETE",
      summary: "Ends the tenant's alerts",
      edited,
      message: "No alerts are sent any more",
      data: Type.Object({}),
      handle: async ({ caller, conditional }) => {
        await removeAlertTarget(conditional(deps), caller);
        return {};
      },
    }),
  ];
}
