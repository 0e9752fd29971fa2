import type { Subscription } from "../domain/subscription.ts";
import { invalidField, notFound, SignalboxError } from "../errors.ts";

/** Where the ways to a subscription differ because their documents do: limits, defaults, refusals. The verbs ask here, and do the rest alike. */

const surfaces = ["rules", "subscribers", "notifications", "subscriptions"] as const;
/**
 * A way by which subscriptions are made and changed: the rules of a bucket, the functions that are subscribed to an event type, the
 * notifications of a resource, or our own API, which has them all.
 */
export type Surface = (typeof surfaces)[number];

export interface SurfaceRules {
  /** What it calls one. */
  readonly noun: "rule" | "subscription";
  /** Stands before the members of a target in field errors. */
  readonly targetPath: "target." | "";
  /** Of an address. */
  readonly addressField: "address" | "url";
  /** Whether a user and password in a url become its `auth`. */
  readonly takesLogin: boolean;
  /** Whether event and resource may become others. */
  readonly moves: boolean;
  /** Whether everything that is wrong with event and target is reported at once. */
  readonly tellsAll: boolean;
  /** Whether `SIGNALBOX_MAX_SUBSCRIPTIONS_PER_USER` bounds it. */
  readonly boundedByOwner: boolean;
  /** Whether a change that says nothing counts as one, and is announced to who watches it. */
  readonly savesNothing: boolean;
  /** Whether the caller's role is asked again at each change. Otherwise it was asked on the way here. */
  readonly asksRole: boolean;
  /** Whether functions are refused here to watch resources: none is shared with a function. */
  readonly refusesFunctions: boolean;
  /** @throws SignalboxError for one that cannot be changed any more. */
  readonly checkChangeable?: (found: Subscription) => void;
  readonly everything: (role: string) => SignalboxError;
  readonly placeGone: (place: string) => SignalboxError;
  readonly noFunction: (number: number) => SignalboxError;
  readonly subscribedAlready: (number: number, event: string) => SignalboxError;
  readonly tooManyRules: (bucket: string) => string;
}

/** @throws SignalboxError `precondition_failed` when it is not as it has to be for that. */
export function requires(holds: boolean, message: string): void {
  if (!holds) throw new SignalboxError("precondition_failed", message);
}

const subscriptions: SurfaceRules = {
  noun: "subscription",
  targetPath: "target.",
  addressField: "address",
  takesLogin: true,
  moves: false,
  tellsAll: false,
  boundedByOwner: true,
  savesNothing: false,
  asksRole: true,
  refusesFunctions: true,
  everything: (role) =>
    new SignalboxError("forbidden", `watching all resources needs the role admin; yours is ${role}`),
  placeGone: () => notFound("a resource with that uuid"),
  noFunction: (number) =>
    invalidField("target.function_id", `there is no function ${number}; see /api/apps/{app}/functions/`),
  subscribedAlready: (number, event) =>
    new SignalboxError(
      "conflict",
      `function ${number} is subscribed to ${event} already; change or delete that subscription`,
    ),
  tooManyRules: () => "the bucket",
};

const documented = { boundedByOwner: false, savesNothing: true, asksRole: false, targetPath: "" } as const;

export const surfaceRules: Readonly<Record<Surface, SurfaceRules>> = {
  subscriptions,
  rules: {
    ...subscriptions,
    ...documented,
    noun: "rule",
    takesLogin: false,
    placeGone: (bucket) => notFound(`bucket '${bucket}'`),
    tooManyRules: (bucket) => `bucket '${bucket}'`,
  },
  subscribers: {
    ...subscriptions,
    ...documented,
    noFunction: (number) => new SignalboxError("invalid_request", `Function with id ${number} does not exist`),
    subscribedAlready: (number, event) =>
      new SignalboxError("invalid_request", `Function ${number} is already subscribed to event '${event}'`),
  },
  notifications: {
    ...subscriptions,
    ...documented,
    boundedByOwner: true,
    addressField: "url",
    moves: true,
    tellsAll: true,
    refusesFunctions: false,
    checkChangeable: ({ once, taken, enabled, endedMs }) => {
      const fired = once === true && taken !== undefined;
      requires(!fired, "this subscription has fired, and was for one event only: make a new one");
      requires(enabled && endedMs === undefined, "this subscription is disabled: make a new one");
    },
    everything: () =>
      new SignalboxError(
        "forbidden",
        "associatedUuid: only admins may subscribe to all resources (*): name one that you see",
      ),
  },
};
