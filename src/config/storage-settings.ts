import { Type } from "typebox";
import { says } from "./setting.ts";

/** How long what is done is kept, and how much room there is. */
export const storageSettings = {
  retentionDays: Type.Number({
    default: 30,
    exclusiveMinimum: 0,
    maximum: 36_500,
    ...says({ about: "How long finished events and their deliveries are kept; fractions are fine.", unit: "days" }),
  }),
  retentionDeadDays: Type.Optional(
    Type.Number({
      exclusiveMinimum: 0,
      maximum: 36_500,
      ...says({
        about:
          "The same for events with a dead letter; not less. Unset: 90, or as long as the others when that is longer.",
        unit: "days",
      }),
    }),
  ),
  retentionBytes: Type.Optional(
    Type.Integer({
      minimum: 2 ** 20,
      ...says({
        about:
          "Bytes of events and deliveries above which the oldest finished ones go before their time. Unset: no limit.",
        unit: "bytes",
      }),
    }),
  ),
  reserveBytes: Type.Integer({
    default: 32 * 2 ** 20,
    minimum: 0,
    maximum: 2 ** 40,
    ...says({
      about:
        "Room that a file in the data folder keeps for the day when the disk is full: deleting, turning off and retention go on with it. A sixteenth of the disk at the most; 0 keeps none.",
      unit: "bytes",
    }),
  }),
};
