import { type Static, Type } from "typebox";
import type { Tested } from "../../subscriptions/trials.ts";
import { named } from "../http/named.ts";
import { attempt, attemptBody } from "./attempt.ts";
import { exchange, showExchange } from "./attempt-detail.ts";

/** What came of a test event, as it is shown. */
export const shownTest = named(
  "TestAttempt",
  Type.Object({ outcome: Type.Enum(["delivered", "failed"]), ...attempt.properties, ...exchange }),
);

export function showTest({ result, sent }: Tested): Static<typeof shownTest> {
  const { outcome } = result;
  const why = outcome.kind === "delivered" ? {} : { reason: outcome.reason };
  return {
    outcome: outcome.kind === "delivered" ? "delivered" : "failed",
    ...attemptBody({ ...result, number: 1, ...why }),
    ...showExchange(sent, result.wire),
  };
}
