/** `Expect: 100-continue` at the API: nobody sends a body in vain. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import { after, before, describe, it } from "node:test";
import { CreateBucketCommand } from "@aws-sdk/client-s3";
import { type RunningServer, runServer } from "../support/in-process.ts";
import { until } from "../support/until.ts";

describe("a client that asks before it sends a body", () => {
  let server: RunningServer;
  before(async () => {
    server = await runServer();
    await server.s3.send(new CreateBucketCommand({ Bucket: "photos" }));
  });
  after(() => server[Symbol.asyncDispose]());

  /** All that comes back, until the server closes the connection. */
  const asked = async (line: string, { token = server.token, bytes = 10, body = "" } = {}): Promise<string> => {
    const { hostname, port } = new URL(server.url);
    const socket = connect(Number(port), hostname);
    let text = "";
    socket.on("data", (chunk) => (text += chunk.toString("latin1")));
    const isSent = (): boolean => text.includes("100 Continue") && body !== "";
    socket.write(
      `${line} HTTP/1.1\r\nhost: ${hostname}:${port}\r\nauthorization: Bearer ${token}\r\ncontent-type: application/json\r\nexpect: 100-continue\r\ncontent-length: ${bytes}\r\n\r\n`,
    );
    await until("an answer", () => /HTTP\/1\.1 [1-5]/.test(text));
    if (isSent()) {
      socket.write(body);
      await until("the last answer", () => /HTTP\/1\.1 [2-5]/.test(text));
      socket.destroy();
    }
    if (!socket.destroyed) await once(socket, "close");
    return text;
  };
  const rule = '{"url": "https://hooks.example.com/"}';
  const rules = "POST /api/cloud/buckets/photos/notifications/";

  it("is asked to send it when the request is good", async () => {
    const made = await asked(rules, { bytes: rule.length, body: rule });
    assert.match(made, /^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 201 /);
    const stored = await asked("PUT /api/cloud/buckets/photos/objects/?key=a", { bytes: 5, body: "hello" });
    assert.match(stored, /^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200 /);
  });

  for (const { why, line, of, status } of [
    { why: "its token is not known", line: rules, of: { token: "x" }, status: 401 },
    { why: "the body would be too large", line: rules, of: { bytes: 1_000_000_000 }, status: 413 },
    { why: "there is no such bucket", line: "PUT /api/cloud/buckets/none/objects/?key=a", of: {}, status: 404 },
    { why: "the query is wrong", line: "PUT /api/cloud/buckets/photos/objects/", of: {}, status: 400 },
  ]) {
    it(`is refused at once, and its connection ended, when ${why}`, async () => {
      const answer = await asked(line, of);
      assert.match(answer, new RegExp(`^HTTP/1\\.1 ${status} `));
      assert.match(answer, /\r\nconnection: close\r\n/i);
    });
  }
});
