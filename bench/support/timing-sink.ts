import { createServer, type Socket } from "node:net";
import { reportAnswered } from "./answered.ts";
import { nowMs } from "./monotonic.ts";

/**
 * A receiver in a process of its own that notes when the first byte of each request arrived, by the number with which the key of its object
 * begins. No HTTP server: on two cores what the receiver takes is taken from the sender. Sends its port at once, every few milliseconds how
 * many it has answered, and what it noted when it is asked.
 */
const answer = Buffer.from("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");

let answered = 0;
let arrivals: [number: number, atMs: number][] = [];

function serve(socket: Socket): void {
  let text = "";
  let firstMs = 0;
  socket.setNoDelay(true);
  socket.on("data", (bytes) => {
    if (text === "") firstMs = nowMs();
    text += bytes.toString("latin1");
    const head = text.indexOf("\r\n\r\n");
    if (head === -1) return;
    const length = Number(/\ncontent-length: *(\d+)/i.exec(text)?.[1]);
    if (text.length < head + 4 + length) return;
    const number = /"key":"(\d+)@/.exec(text)?.[1];
    if (number !== undefined) arrivals.push([Number(number), firstMs]);
    text = "";
    answered += 1;
    socket.write(answer);
  });
  socket.on("error", () => {});
}

reportAnswered(createServer(serve), () => answered);
process.on("message", () => {
  process.send?.({ answered, arrivals });
  arrivals = [];
});
