import type { IncomingMessage, ServerResponse } from "node:http";
import type { FastifyInstance } from "fastify";
import type { ClientConnections } from "./front/connections.ts";

/**
 * `Expect: 100-continue`: a client that asks before it sends a body. It is let send once its request is found good: who asks, whether they
 * may, and whether the body is not too large; where hooks are asked first, once they agreed. A caller that is refused has sent nothing.
 */

const waiting = new WeakMap<IncomingMessage, ServerResponse>();

/** Before anything else listens to the server of `app`. */
export function awaitExpectations(app: FastifyInstance): void {
  app.server.on("checkContinue", (request, response) => {
    waiting.set(request, response);
    app.routing(request, response);
  });
  // A client that was not let send may send its body nevertheless, or go on with another request: the end of the connection tells them apart.
  app.addHook("onSend", async (request, reply) => {
    if (waiting.has(request.raw)) reply.header("connection", "close");
  });
}

/** The body is wanted now. */
export function letBodyCome(connections: Pick<ClientConnections, "letBodyCome">, request: IncomingMessage): void {
  const response = waiting.get(request);
  if (response === undefined) return;
  waiting.delete(request);
  response.writeContinue();
  connections.letBodyCome(request);
}
