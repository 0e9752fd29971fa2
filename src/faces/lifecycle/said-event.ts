import { type Static, Type } from "typebox";
import { defined } from "../../domain/defined.ts";
import { invalidField } from "../../errors.ts";
import type { InvokeInput } from "../../platform/functions/invoke.ts";
import { closed } from "./app-schema.ts";
import { timeout } from "./function-schema.ts";
import { params, readParams, readUser, user } from "./params.ts";

/** The event of which a caller thought, and that a function is run with. */

export const saidEvent = {
  event: Type.Optional(
    Type.Object(
      {
        event_type: Type.Optional(
          Type.String({
            pattern: "^[A-Z][A-Z0-9_]{2,63}$",
            "x-remedy": "must be 3 to 64 of A-Z, 0-9 and _, a letter first",
            default: "INVOKE",
          }),
        ),
        params: Type.Optional(params),
        user: Type.Optional(user),
      },
      closed,
    ),
  ),
  params: Type.Optional({ ...params, description: "Short for `event.params`." }),
  timeout_ms: Type.Optional({ ...timeout, description: "Bounds the run, beside the function's own limit." }),
};
const body = Type.Object(saidEvent);

export function readSaidEvent({ event = {}, params, timeout_ms: timeoutMs }: Static<typeof body>): InvokeInput {
  if (event.params !== undefined && params !== undefined) {
    throw invalidField("params", "goes without event.params: give them once");
  }
  return {
    eventType: event.event_type ?? "INVOKE",
    params: event.params === undefined ? readParams("params", params ?? {}) : readParams("event.params", event.params),
    user: readUser("event.user", event.user),
    ...defined({ timeoutMs }),
  };
}
