import { Type } from "typebox";
import { says } from "./setting.ts";

/** Above this a timer of the platform overflows. */
const longestTimerMs = 2_147_483_647;

/** How a server stops. */
export const stopSettings = {
  shutdownGraceMs: Type.Integer({
    default: 20_000,
    minimum: 0,
    maximum: longestTimerMs,
    ...says({ about: "How long a stop waits for what is under way before it is cut off.", unit: "ms" }),
  }),
  drainMs: Type.Integer({
    default: 0,
    minimum: 0,
    maximum: longestTimerMs,
    ...says({
      about:
        "For how long of that grace a server that stops goes on serving while `/readyz` answers 503, so that a balancer sends its clients elsewhere before.",
      unit: "ms",
    }),
  }),
};
