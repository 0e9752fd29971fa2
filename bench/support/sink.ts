import { createServer } from "node:http";

/**
 * A receiver in a process of its own, as plain as can be: reads the body, answers 200. Paths that begin with `/hang` are never
 * answered, `/refuse` get a reset. Tells its parent its port, and every few milliseconds how many requests it has answered.
 */
const tickMs = 2;

let answered = 0;
let told = 0;

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
server.listen(0, "127.0.0.1", () => {
  const address = server.address();
  process.send?.({ port: typeof address === "object" ? address?.port : 0 });
});
setInterval(() => {
  if (answered === told) return;
  told = answered;
  process.send?.({ answered });
}, tickMs);
process.on("disconnect", () => process.exit());
