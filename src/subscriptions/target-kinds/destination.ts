import { Type } from "typebox";
import type { Context } from "../../context.ts";
import type { Principal } from "../../domain/access.ts";
import { type Destination, destinationName, targetTo } from "../../domain/destination.ts";
import type { DestinationTarget, Subscription } from "../../domain/subscription.ts";
import { invalidField } from "../../errors.ts";
import type { SendingMeans } from "../../targets/sending-means.ts";
import type { PreparedTarget } from "../../targets/target.ts";
import { webhookTargets } from "../../targets/webhook.ts";
import type { TargetKind } from "./target-kind.ts";

export interface DestinationInput {
  /** As it was written, or the one that was found by it. */
  readonly name: string | Destination;
}

const name = Type.String({
  minLength: 1,
  maxLength: 100,
  description: "Of a destination of the tenant: what that is at each attempt is what is sent to.",
});

/** A destination of the tenant's, by its name. */
export const destination: TargetKind<"destination", DestinationInput, Partial<DestinationInput>> = {
  members: { name: "name" },
  schemas: {
    made: Type.Object(
      { type: Type.Literal("destination"), name },
      { additionalProperties: false, title: "DestinationTarget" },
    ),
    changed: { name: Type.Optional(name) },
    shown: Type.Object({
      type: Type.Literal("destination"),
      name: Type.String(),
      url: Type.String({ description: "Of the destination, as it is now." }),
    }),
  },
  answersHooks: false,
  uncaptured: undefined,
  takesAlerts: true,
  retries: undefined,
  expand: undefined,
  complete: async (deps, caller, input) => ({ name: await found(deps, caller, input.name) }),
  completeChange: async (deps, caller, change) =>
    change.name === undefined ? change : { ...change, name: await found(deps, caller, change.name) },
  make: (_, { place }, input) => ({ target: targetTo(place.face, known(input.name)) }),
  // With its name said again it goes there as if it were new: retries of its own are forgotten.
  change: (_, { place }, target, change) =>
    change.name === undefined ? target : targetTo(place.face, known(change.name)),
  show: (_, { name, webhook }) => ({ type: "destination", name, url: webhook.url }),
  prepare: preparedThrough,
};

async function found(
  { store }: Pick<Context, "store">,
  { tenant }: Principal,
  said: string | Destination,
): Promise<Destination> {
  if (typeof said !== "string") return said;
  const is = destinationName.test(said) ? await store.destinations.get(tenant, said) : undefined;
  if (is !== undefined) return is;
  const shown = JSON.stringify(said.slice(0, 100));
  throw invalidField("target.name", `${shown} is no destination: see GET /api/cloud/destinations/`);
}

function known(said: string | Destination): Destination {
  if (typeof said === "string") throw new TypeError(`destination ${said} was not looked up`);
  return said;
}

function preparedThrough(
  means: SendingMeans,
): (subscription: Subscription & { readonly target: DestinationTarget }) => PreparedTarget {
  const prepared = webhookTargets(means);
  return (subscription) => prepared({ ...subscription, target: subscription.target.webhook });
}
