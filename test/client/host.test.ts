/** The client of the host interface, at a port and at a unix socket. */
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { HostClient } from "../../src/client/index.ts";
import { socketFetch } from "../../src/client/node.ts";
import { runServer } from "../support/in-process.ts";
import { orderEvents } from "../support/library.ts";
import { blocksOf, read } from "../support/markdown.ts";

async function hostOf(listen: string) {
  const server = await runServer({ SIGNALBOX_HOST_LISTEN: listen }, { events: orderEvents });
  const body = { principal: "platform", role: "host" };
  const { token } = await server.api<{ readonly token: string }>("POST", "/api/cloud/tokens/", body);
  return { server, token, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}

describe("the client of the host interface", () => {
  it("registers, tells, lists and shares, at a unix socket", async () => {
    const folder = await mkdtemp(join(tmpdir(), "signalbox-client-"));
    try {
      const path = join(folder, "host.sock");
      await using at = await hostOf(`unix:${path}`);
      const host = new HostClient({ url: "http://signalbox", token: at.token, fetch: socketFetch(path) });
      const resources = Array.from({ length: 150 }, (_, index) => ({
        uuid: `j${index}-007`,
        kind: "job",
        owner: "ada",
      }));
      await host.api.registerResources({ body: { resources } });
      const found: string[] = [];
      for await (const { uuid } of host.each("listResources", { kind: "job", limit: 100 })) found.push(uuid);
      assert.deepEqual(found.toSorted(), resources.map(({ uuid }) => uuid).toSorted());
      const events = resources.map(({ uuid }) => ({ uuid, event: "RUNNING" }));
      assert.equal((await host.api.raiseEvents({ body: { events } })).sequences.length, 150);
      await host.api.putGrant({ uuid: "j1-007", principal: "*", body: { permission: "read" } });
      const { result } = await host.api.putUser({ username: "ada", body: { email: "ada@example.com" } });
      assert.equal(result, "created");
      await assert.rejects(host.api.registerResources({ body: { resources: resources.slice(0, 2) } }), {
        code: "conflict",
        status: 409,
      });
      const published = await host.api.publishEvents({
        body: { event_type: "POST_USER_CREATE", params: { user_id: 1, username: "ada", email: "" } },
      });
      assert.equal(published.status, "success");
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });

  it("does what docs/clients.md shows of it", async () => {
    await using at = await hostOf("127.0.0.1:0");
    const blocks = blocksOf(read("docs/clients.md")).filter(({ info }) => info === "ts host");
    const text = blocks.map((block) => block.text.replace(/^import .*\n/, "")).join("\n");
    const env = { SIGNALBOX_HOST_URL: at.server.signalbox.hostUrl, SIGNALBOX_HOST_TOKEN: at.token };
    const said: unknown[] = [];
    const AsyncFunction = Object.getPrototypeOf(async () => undefined).constructor as FunctionConstructor;
    const run = new AsyncFunction("HostClient", "process", "console", "insertOrder", text) as (
      ...of: unknown[]
    ) => Promise<void>;
    const insertOrder = (order: object, operation: string) => ({ id: 7, operation, ...order });
    await run(HostClient, { env }, { log: (...words: unknown[]) => void said.push(words) }, insertOrder);
    assert.deepEqual(said, [["night-1-007", { status: "RUNNING" }], ["night-2-007", {}], [7]]);
  });
});
