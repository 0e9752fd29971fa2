import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { selfSigned } from "../../test/support/certificate.ts";
import { toLoopback, ways } from "../../test/support/egress.ts";
import { tcpListener, tlsListener } from "../../test/support/listeners.ts";
import { unseeing } from "../../test/support/unseen.ts";
import type { EgressAnswer } from "./egress.ts";

const hooks = selfSigned("hooks.example");

/** A TLS server that answers 200, and notes the name it was asked for and whether the session was a known one. */
async function answering(seen: unknown[] = []) {
  return tlsListener(hooks, (socket) => {
    seen.push([socket.servername, socket.isSessionReused()]);
    socket.on("data", () => socket.end("HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\nok"));
  });
}

for (const way of ways) {
  async function post(url: string, { ca }: { readonly ca?: string } = {}): Promise<EgressAnswer> {
    await using out = unseeing(way.open({ names: toLoopback, ...(ca === undefined ? {} : { ca }) }));
    return await out.post({ url: new URL(url), headers: [], body: "{}", timeoutMs: 10_000 });
  }

  describe(`https, ${way.name},`, () => {
    it("reaches a server whose certificate is trusted and names it, and asks for that name", async () => {
      const seen: unknown[] = [];
      await using server = await answering(seen);
      const answer = await post(`https://hooks.example:${server.port}/`, { ca: hooks.cert });
      assert.deepEqual(answer, { kind: "answer", status: 200, snippet: "ok" });
      assert.deepEqual(seen, [["hooks.example", false]]);
      assert.equal((await post(`https://hooks.example.:${server.port}/`, { ca: hooks.cert })).kind, "answer");
    });

    it("refuses an unknown authority, another name and a bare address, before anything is sent", async () => {
      const seen: string[] = [];
      await using server = await tlsListener(hooks, (socket) => socket.on("data", (bytes) => seen.push(String(bytes))));
      const answers = [
        await post(`https://hooks.example:${server.port}/`),
        await post(`https://other.example:${server.port}/`, { ca: hooks.cert }),
        await post(`https://127.0.0.1:${server.port}/`, { ca: hooks.cert }),
      ];
      for (const answer of answers)
        assert.equal(answer.kind === "failed" && answer.reason, "tls", JSON.stringify(answer));
      assert.deepEqual(seen, []);
    });

    it("fails as tls on a server that speaks plain HTTP, or hangs up", async () => {
      await using plain = await tcpListener((socket) =>
        socket.once("data", () => socket.write("HTTP/1.1 400 Bad Request\r\n\r\n")),
      );
      await using rude = await tcpListener((socket) => socket.once("data", () => socket.end()));
      for (const { port } of [plain, rude]) {
        const answer = await post(`https://hooks.example:${port}/`);
        assert.equal(answer.kind === "failed" && answer.reason, "tls", JSON.stringify(answer));
      }
    });
  });
}
