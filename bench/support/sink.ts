import { createServer } from "node:http";
import { reportAnswered } from "./answered.ts";

/**
 * A receiver in a process of its own, as plain as can be: reads the body, answers 200. Paths that begin with `/hang` are never
 * answered, `/refuse` get a reset. Tells its parent its port, and every few milliseconds how many requests it has answered; to `/batch`,
 * how many events were in them.
 */
let answered = 0;
/** Each event in a body has one. */
const mark = Buffer.from('"eventVersion"');

const server = createServer((request, response) => {
  const path = request.url ?? "/";
  if (path.startsWith("/hang")) return;
  if (path.startsWith("/refuse")) {
    request.socket.resetAndDestroy();
    return;
  }
  if (path === "/batch") {
    const parts: Buffer[] = [];
    request.on("data", (part: Buffer) => parts.push(part));
    request.on("end", () => {
      answered += eventsIn(Buffer.concat(parts));
      response.end("ok");
    });
    return;
  }
  request.resume();
  request.on("end", () => {
    answered += 1;
    response.end("ok");
  });
});

function eventsIn(body: Buffer): number {
  let count = 0;
  for (let at = body.indexOf(mark); at >= 0; at = body.indexOf(mark, at + mark.length)) count += 1;
  return count;
}

server.keepAliveTimeout = 60_000;
reportAnswered(server, () => answered);
