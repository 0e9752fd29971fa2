import { createServer } from "node:http";

/**
 * A receiver in a process of its own. `/ok/…` is answered and its delay noted, `/hang/…` is never answered, all
 * else is just answered. The key of the
 * object ends in the instant at which the event was published. Sends its port at once, and the delays when asked.
 */

/** Milliseconds since 1970, with fractions, comparable between processes of one machine. */
const nowMs = (): number => performance.timeOrigin + performance.now();

let delays: number[] = [];

const server = createServer((request, response) => {
  if (request.url?.startsWith("/hang") === true) return;
  const noted = request.url?.startsWith("/ok/") === true;
  const chunks: Buffer[] = [];
  request.on("data", (chunk: Buffer) => chunks.push(chunk));
  request.on("end", () => {
    const arrivedMs = nowMs();
    response.end();
    if (!noted) return;
    const sentMs = /@([\d.]+)"/.exec(Buffer.concat(chunks).toString("latin1"))?.[1];
    delays.push(arrivedMs - Number(sentMs));
  });
});
server.keepAliveTimeout = 60_000;
server.listen(0, "127.0.0.1", () => {
  const address = server.address();
  process.send?.({ port: typeof address === "object" ? address?.port : 0 });
});
process.on("message", () => {
  process.send?.({ delays });
  delays = [];
});
process.on("disconnect", () => process.exit());
