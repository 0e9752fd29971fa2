import { type Static, Type } from "typebox";
import { type Capture, captures } from "../../domain/wire-facts.ts";

/** Of which attempts the answer's headers are kept, as it is written and shown, of rules and subscriptions of every face. */

const capture = Type.Enum([...captures]);

export const captureOption = {
  capture: Type.Optional({
    ...capture,
    default: "failures",
    description:
      "Webhooks: of which attempts the answer's headers, the remote address and the times of DNS, connecting and the first byte are kept.",
  }),
};

export const shownCapture = { capture };

const shown = Type.Object(shownCapture);

export function showCapture(kept: Capture = "failures"): Static<typeof shown> {
  return { capture: kept };
}
