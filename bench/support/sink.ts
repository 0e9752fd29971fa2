import { createServer } from "node:http";
import { reportAnswered } from "./answered.ts";

/**
 * A receiver in a process of its own, as plain as can be: reads the body, answers 200. Paths that begin with `/hang` are never
 * answered, `/refuse` get a reset. Tells its parent its port, and every few milliseconds how many requests it has answered.
 */
let answered = 0;

const server = createServer((request, response) => {
  const path = request.url ?? "/";
  if (path.startsWith("/hang")) return;
  if (path.startsWith("/refuse")) {
    request.socket.resetAndDestroy();
    return;
  }
  request.resume();
  request.on("end", () => {
    answered += 1;
    response.end("ok");
  });
});
server.keepAliveTimeout = 60_000;
reportAnswered(server, () => answered);
