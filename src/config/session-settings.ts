import { Type } from "typebox";
import { says } from "./setting.ts";

/** How long one stays logged in. */
export const sessionSettings = {
  sessionHours: Type.Number({
    default: 12,
    exclusiveMinimum: 0,
    maximum: 720,
    ...says({
      about: "How long a login of a browser lasts, however much it is used; fractions are fine.",
      unit: "hours",
    }),
  }),
  sessionIdleMinutes: Type.Number({
    default: 120,
    minimum: 5,
    maximum: 43_200,
    ...says({ about: "How long it lasts while it is not used.", unit: "minutes" }),
  }),
};
