import { Type } from "typebox";
import { invalidField } from "../../errors.ts";
import {
  attemptFacts,
  attemptFields,
  clearAttempt,
  clearAttempts,
  findAttempt,
  listAttempts,
  mostLookedAt,
} from "../../subscriptions/attempts.ts";
import { findSubscription } from "../../subscriptions/find.ts";
import { fireSubscription } from "../../subscriptions/fire.ts";
import { readFiring } from "./read.ts";
import { type FaceAsked, type FaceRoute, type NotificationsContext, referenceOf } from "./route.ts";
import { firing, shownAttempt } from "./schema.ts";
import { notificationAttemptBody } from "./shown.ts";

/** What became of a subscription's events, and sending it one now. */
export function attemptRoutes(deps: NotificationsContext): FaceRoute[] {
  const { store } = deps;
  const subscriptionOf = ({ caller, params }: FaceAsked) => findSubscription(store, caller, referenceOf(params));
  return [
    {
      methods: ["GET"],
      path: "/:uuid/attempts/",
      summary: "Lists what was sent, and what was not, newest event first",
      description: `All of it: \`?status=FAILED\` for what was given up. One list looks at the newest ${mostLookedAt} attempts at the most; with \`status\` at those of that status.`,
      search: attemptFields,
      result: Type.Array(shownAttempt),
      handle: async (asked) => {
        const { query, signal } = asked;
        const subscription = await subscriptionOf(asked);
        if (query.offset + query.limit > mostLookedAt) {
          throw invalidField("offset", `must be at most ${mostLookedAt} less the limit: narrow the list by a search`);
        }
        const found = await listAttempts(deps, subscription, { ...query, signal });
        return found.map((facts) => notificationAttemptBody(deps, facts));
      },
    },
    {
      methods: ["POST"],
      path: "/:uuid/attempts/",
      summary: "Sends an event to this subscription alone, now",
      description:
        "It is sent as all are, with the same retries, and uses up nothing. Answered when it was tried once, or after 10 seconds.",
      body: firing,
      result: shownAttempt,
      handle: async ({ caller, params, body, signal }) => {
        const fired = await fireSubscription(deps, caller, {
          reference: referenceOf(params),
          read: () => readFiring(body),
          signal,
        });
        return notificationAttemptBody(deps, attemptFacts(deps, fired.subscription, fired.delivery));
      },
    },
    {
      methods: ["DELETE"],
      path: "/:uuid/attempts/",
      summary: "Clears the attempts that failed: they are listed no more",
      result: Type.Object({}),
      handle: async (asked) => {
        await clearAttempts(deps, await subscriptionOf(asked));
        return {};
      },
    },
    {
      methods: ["GET"],
      path: "/:uuid/attempts/:attempt/",
      summary: "Shows an attempt",
      result: shownAttempt,
      handle: async (asked) => {
        const subscription = await subscriptionOf(asked);
        const delivery = await findAttempt(store, subscription, asked.params["attempt"] ?? "");
        return notificationAttemptBody(deps, attemptFacts(deps, subscription, delivery));
      },
    },
    {
      methods: ["DELETE"],
      path: "/:uuid/attempts/:attempt/",
      summary: "Clears an attempt that failed",
      result: Type.Object({}),
      handle: async (asked) => {
        await clearAttempt(deps, await subscriptionOf(asked), asked.params["attempt"] ?? "");
        return {};
      },
    },
  ];
}
