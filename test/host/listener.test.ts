import assert from "node:assert/strict";
import { existsSync, linkSync, statSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { askHost } from "../support/host-listener.ts";
import { runServer } from "../support/in-process.ts";

async function folder(): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await mkdtemp(join(tmpdir(), "signalbox-host-"));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

const event = { event_type: "POST_USER_CREATE", params: { user_id: 7, username: "ada", email: "ada@example.org" } };

describe("the listener of the host interface", () => {
  it("is not there unless it is asked for", async () => {
    await using server = await runServer();
    assert.equal(server.signalbox.hostUrl, undefined);
    const { status } = await fetch(new URL("/host/v1/events/", server.url), { method: "POST" });
    assert.equal(status, 404);
  });

  for (const where of ["a port", "a unix socket"]) {
    it(`answers at ${where}, and has nothing of the API, as the API has nothing of it`, async () => {
      await using at = await folder();
      const path = join(at.path, "host.sock");
      const listen = where === "a port" ? "127.0.0.1:0" : `unix:${path}`;
      await using server = await runServer({ SIGNALBOX_HOST_LISTEN: listen });
      const { hostUrl = "" } = server.signalbox;
      if (where === "a unix socket") {
        assert.equal(hostUrl, `unix:${path}`);
        assert.equal((statSync(path).mode & 0o777).toString(8), "660");
      }
      const { token } = await server.api<{ readonly token: string }>("POST", "/api/cloud/tokens/", {
        principal: "platform",
        role: "host",
        all_tenants: true,
      });
      const asked = { method: "POST", path: "/host/v1/events", token, body: event };
      const { status, json, headers } = await askHost(hostUrl, asked);
      assert.deepEqual([status, json["status"]], [200, "success"]);
      assert.match(String(headers["x-request-id"]), /^[0-9a-f]{24}$/);
      const document = await askHost(hostUrl, { method: "GET", path: "/host/openapi.json" });
      assert.equal(document.status, 200);
      for (const elsewhere of [
        "/api/cloud/buckets/",
        "/openapi.json",
        "/healthz",
        "/dashboard/",
        "/notifications/v2/",
      ]) {
        const answer = await askHost(hostUrl, { method: "GET", path: elsewhere, token });
        assert.equal(answer.status, 404, elsewhere);
        assert.match(answer.text, /\/host\/openapi\.json lists them/);
      }
      for (const ours of ["/host/openapi.json", "/host/v1/events/"]) {
        const answer = await fetch(new URL(ours, server.url), { headers: { authorization: `Bearer ${server.token}` } });
        assert.equal(answer.status, 404, ours);
      }
      await server.signalbox.stop();
      assert.equal(existsSync(path), false);
    });
  }

  it("takes the place of a socket that a killed process left behind", async () => {
    await using at = await folder();
    const path = join(at.path, "host.sock");
    // Its file stays when it is closed in this way: as after kill -9.
    const left = createServer();
    await new Promise<void>((resolve) => void left.listen(join(at.path, "left.sock"), resolve));
    linkSync(join(at.path, "left.sock"), path);
    await new Promise<void>((resolve) => void left.close(() => resolve()));
    assert.equal(existsSync(path), true);
    await using server = await runServer({ SIGNALBOX_HOST_LISTEN: `unix:${path}` });
    const { status } = await askHost(server.signalbox.hostUrl ?? "", { method: "GET", path: "/host/openapi.json" });
    assert.equal(status, 200);
  });

  it("refuses a socket that is in use, and what is none, and leaves them as they are", async () => {
    await using at = await folder();
    const path = join(at.path, "host.sock");
    const other = createServer((socket) => void socket.resume());
    await new Promise<void>((resolve) => void other.listen(path, resolve));
    try {
      await assert.rejects(runServer({ SIGNALBOX_HOST_LISTEN: `unix:${path}` }), (error: Error) => {
        assert.match(error.message, /another process listens there .*SIGNALBOX_HOST_LISTEN/);
        return true;
      });
      assert.equal(existsSync(path), true);
    } finally {
      await new Promise<void>((resolve) => void other.close(() => resolve()));
    }
    const file = join(at.path, "a-file");
    await writeFile(file, "kept");
    await assert.rejects(runServer({ SIGNALBOX_HOST_LISTEN: `unix:${file}` }), /something else of that name/);
    assert.equal(existsSync(file), true);
    await assert.rejects(runServer({ SIGNALBOX_HOST_LISTEN: `unix:${at.path}/none/host.sock` }), /there is no folder/);
  });

  it("refuses a folder without rights to it", async () => {
    // In which root may make nothing either.
    await assert.rejects(runServer({ SIGNALBOX_HOST_LISTEN: "unix:/proc/host.sock" }), /may not make a socket in/);
  });

  it("refuses what says no place", async () => {
    for (const listen of [
      "unix:host.sock",
      "unix:/",
      "7072",
      "localhost",
      "[::g]:1",
      "127.0.0.1:70000",
      "http://a:1",
    ]) {
      await assert.rejects(runServer({ SIGNALBOX_HOST_LISTEN: listen }), /SIGNALBOX_HOST_LISTEN: .* must /, listen);
    }
    const port = { SIGNALBOX_PORT: "18080", SIGNALBOX_HOST_LISTEN: "127.0.0.1:18080" };
    await assert.rejects(runServer(port), /18080 is a public port too/);
  });
});
