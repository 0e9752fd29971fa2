// In a program of your own: import { defineEvent } from "signalbox";
import { defineEvent } from "../../src/index.ts";

/**
 * What can happen to an order. Of each pair the PRE event comes before, and functions may refuse it; the POST event comes after, and
 * functions are notified of what came of it.
 */

const proposed = {
  customer: { type: "string", minLength: 1 },
  item: { type: "string", minLength: 1 },
  quantity: { type: "integer", minimum: 1 },
  price_cents: { type: "integer", minimum: 0 },
  discount: { type: "integer", minimum: 0, maximum: 100, description: "Percent." },
} as const;

export const orderEvents = [
  defineEvent({
    name: "PRE_ORDER_CREATE",
    phase: "pre",
    resource: "order",
    description: "Somebody wants to order something.",
    schema: {
      type: "object",
      properties: { ...proposed, card_number: { type: "string" } },
      required: ["customer", "item", "quantity", "price_cents"],
      additionalProperties: false,
    },
    // No function, log or database of Signalbox ever sees it.
    sensitive: ["card_number"],
    changeable: ["discount"],
  }),
  defineEvent({
    name: "POST_ORDER_CREATE",
    phase: "post",
    resource: "order",
    description: "An order was made.",
    schema: {
      type: "object",
      properties: { id: { type: "integer" }, ...proposed, total_cents: { type: "integer" } },
      required: ["id", "customer", "item", "quantity", "price_cents", "discount", "total_cents"],
    },
  }),
  defineEvent({
    name: "PRE_ORDER_CANCEL",
    phase: "pre",
    resource: "order",
    description: "Somebody wants an order to be cancelled.",
    schema: { type: "object", properties: { id: { type: "integer" } }, required: ["id"] },
  }),
  defineEvent({
    name: "POST_ORDER_CANCEL",
    phase: "post",
    resource: "order",
    description: "An order was cancelled.",
    schema: { type: "object", properties: { id: { type: "integer" } }, required: ["id"] },
  }),
];

/** Their names: `around("ODER_CREATE", …)` does not compile. */
export type OrderEvent = (typeof orderEvents)[number]["name"];
