import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
// In a program of your own: import { … } from "signalbox";
import { type EventService, type HostIntent, type Resolution, SignalboxError } from "../../src/index.ts";
import type { NewOrder, Order, Orders } from "./database.ts";
import type { OrderEvent } from "./events.ts";

/** Orders over HTTP: `POST /orders`, `GET /orders/{id}`, `DELETE /orders/{id}`. */
export function orderService(orders: Orders, events: EventService<OrderEvent>): RequestListener {
  const create = async (body: object): Promise<Order> => {
    const { customer } = body as Partial<NewOrder>;
    const user = typeof customer === "string" ? { user: customer } : {};
    // Functions may refuse the order or change its discount; what they leave of it is what is ordered. The number of the card is
    // not among the params that come back: it is here, in `body`, for the code that charges it.
    return events.around(
      "ORDER_CREATE",
      body,
      (params, { operationId }) => orders.add({ discount: 0, ...params } as NewOrder, operationId),
      { ...user, post: createdParams },
    );
  };
  const cancel = async (id: number): Promise<Order> => {
    const order = orders.get(id) ?? missing(id);
    return events.around(
      "ORDER_CANCEL",
      { id },
      (_, { operationId }) => orders.cancel(id, operationId) ?? missing(id),
      { user: order.customer, post: cancelledParams },
    );
  };
  const answer = async (request: IncomingMessage): Promise<readonly [status: number, body: unknown]> => {
    const { method, url = "" } = request;
    const [, id] = /^\/orders\/(\d+)$/.exec(url) ?? [];
    if (method === "POST" && url === "/orders") return [201, await create(await bodyOf(request))];
    if (method === "GET" && id !== undefined) return [200, orders.get(Number(id)) ?? missing(Number(id))];
    if (method === "DELETE" && id !== undefined) return [200, await cancel(Number(id))];
    throw new SignalboxError("not_found", `there is nothing at ${method} ${url}`);
  };
  return (request, response) => {
    answer(request).then(
      ([status, body]) => send(response, status, body),
      (thrown: unknown) => {
        if (!(thrown instanceof SignalboxError)) return send(response, 500, { error: "something went wrong" });
        const { status, code, message, fields } = thrown;
        send(response, status, { error: message, code, fields });
      },
    );
  };
}

/**
 * What became of an operation whose end Signalbox does not know, because the process died in it or it threw. This program's changes
 * are single transactions: what they have not left in the database has not happened.
 */
export function resolveOrder(orders: Orders, { operationId, type }: HostIntent): Resolution {
  const order = orders.changedBy(operationId);
  if (order === undefined) return { outcome: "aborted" };
  return { outcome: "committed", params: type === "ORDER_CREATE" ? createdParams(order) : cancelledParams(order) };
}

function createdParams({ id, customer, item, quantity, price_cents, discount, total_cents }: Order): object {
  return { id, customer, item, quantity, price_cents, discount, total_cents };
}

function cancelledParams({ id }: Order): object {
  return { id };
}

function missing(id: number): never {
  throw new SignalboxError("not_found", `there is no open order ${id}`);
}

async function bodyOf(request: IncomingMessage): Promise<object> {
  let text = "";
  for await (const chunk of request.setEncoding("utf8")) {
    text += String(chunk);
    if (text.length > 100_000) throw new SignalboxError("too_large", "an order is not that long");
  }
  try {
    return Object(JSON.parse(text)) as object;
  } catch (thrown) {
    throw new SignalboxError("invalid_request", "the body must be JSON", { cause: thrown });
  }
}

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
}
