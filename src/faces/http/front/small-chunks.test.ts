import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { connect } from "node:net";
import { it } from "node:test";
import { fakeClock } from "../../../../test/support/clock.ts";
import { until } from "../../../../test/support/until.ts";
import { ClientConnections, defaultBounds } from "./connections.ts";

/** So many that they take any machine longer than is allowed at once. */
const count = 600_000;
const head = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
const end = "0\r\n\r\n";

it("a body in small chunks waits for its address's share of the thread, and one in large chunks does not", async () => {
  const clock = fakeClock();
  const connections = new ClientConnections(clock, { ...defaultBounds, anonymousPerSecond: 0 });
  const came = { small: 0, large: 0 };
  const server = createServer((request, response) => {
    const of = request.url === "/small" ? "small" : "large";
    request.on("data", (bytes: Buffer) => (came[of] += bytes.length));
    request.on("end", () => response.end());
  });
  connections.watch(server, { tooMany: "", tooSlow: () => {}, isSignedUrl: () => false });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" ? (address?.port ?? 0) : 0;

  const send = (path: string, body: string) => {
    const socket = connect(port, "127.0.0.1");
    socket.write(head.replace(" / ", ` ${path} `));
    socket.write(body);
    return once(socket, "data").finally(() => socket.destroy());
  };
  const small = send("/small", "1\r\nx\r\n".repeat(count) + end);
  const large = send("/large", `${(60_000).toString(16)}\r\n${"x".repeat(60_000)}\r\n`.repeat(count / 60_000) + end);
  await large;
  assert.equal(came.large, count);
  let seen = -1;
  await until("it waits", () => {
    const rests = came.small === seen && clock.pending > 1;
    seen = came.small;
    return rests;
  });
  assert.ok(came.small > 0 && came.small < count, `${came.small} chunks at once`);
  const done = small.then(() => true);
  while (!(await Promise.race([done, new Promise<false>((resolve) => setImmediate(() => resolve(false)))])))
    clock.advance(1_000);
  assert.equal(came.small, count);
  server.close();
});
