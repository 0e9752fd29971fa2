/**
 * In the place of workerd, in a process of its own: `calls` in the folder that it is given takes calls as workerd would, and each is answered
 * with the bytes that its event tells. What is called with `null` is answered as it should be.
 */
import { createServer, type ServerResponse } from "node:http";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import type { Lie } from "../../src/sandbox/workerd/lies.test.ts";

const [folder = ""] = process.argv.slice(2);
const fast = 0;

const server = createServer((request, response) => {
  if (request.url === "/ping") return void response.end("pong");
  const chunks: Buffer[] = [];
  request.on("data", (chunk: Buffer) => chunks.push(chunk));
  request.on("end", () => {
    if (request.url === "/load") return void response.end();
    void answer(response, JSON.parse(Buffer.concat(chunks).toString()) as Lie | null);
  });
});

async function answer(response: ServerResponse, lie: Lie | null): Promise<void> {
  if (lie === null) return void response.end("r0\n");
  const { status = 200, headers = {}, bytes = "", again, raw = false, breaks = false } = lie;
  const said = Buffer.from(bytes, "latin1");
  if (raw) return void response.socket?.end(said);
  response.writeHead(status, headers);
  response.write(said);
  if (breaks) return void setImmediate(() => response.socket?.destroy());
  if (again !== undefined) await sayOn(response, again);
  response.end();
}

async function sayOn(response: ServerResponse, { bytes, everyMs = fast }: NonNullable<Lie["again"]>): Promise<void> {
  while (!response.destroyed) {
    const taken = response.write(Buffer.from(bytes, "latin1"));
    await (taken ? pause(everyMs) : Promise.race([once(response, "drain"), once(response, "close")]));
  }
}

const once = (response: ServerResponse, event: "drain" | "close"): Promise<void> =>
  new Promise((resolve) => response.once(event, () => resolve()));

server.listen(join(folder, "calls"), () => process.stdout.write("listens\n"));
// The test's end is this one's, too.
process.stdin.on("end", () => process.exit()).resume();
