/** Kills the server around the creation of a user, whose caller then asks again with the same Idempotency-Key. */
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import type { ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { httpListener } from "../support/listeners.ts";
import { adminToken, type ServerProcess, serverProcess } from "../support/server-process.ts";
import { until } from "../support/until.ts";

const users = "/api/cloud/users/";

/** A folder, and a place that functions call: `/pre` by the hook, `/post` by the function that hears of it. */
async function scene(called: (path: string, response: ServerResponse) => void) {
  const folder = await mkdtemp(join(tmpdir(), "signalbox-crash-"));
  const calls: string[] = [];
  const listener = await httpListener((request, response) => {
    const path = request.url ?? "";
    calls.push(path);
    called(path, response);
  });
  return {
    folder,
    host: `127.0.0.1:${listener.port}`,
    /** How often a function has called. */
    count: (path: string) => calls.filter((one) => one === path).length,
    [Symbol.asyncDispose]: async () => {
      await listener[Symbol.asyncDispose]();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function withFunctions(server: ServerProcess, host: string): Promise<void> {
  await server.api("POST", "/api/apps/", { name: "People", slug: "people" });
  for (const phase of ["pre", "post"]) {
    const code = `export default async () => { await (await fetch("http://${host}/${phase}")).text(); }`;
    const body = { name: phase, slug: phase, code, egress: [host] };
    const { id } = await server.api<{ readonly id: number }>("POST", "/api/apps/people/functions/", body);
    const event = `/api/cloud/events/${phase.toUpperCase()}_USER_CREATE/subscribe/`;
    await server.api("POST", event, {
      function_id: id,
      ...(phase === "post" ? { backoff: { schedule_ms: [0] } } : {}),
    });
  }
}

function create(server: ServerProcess): Promise<Response> {
  return fetch(`${server.url}${users}`, {
    method: "POST",
    headers: {
      authorization: `Bearer ${adminToken}`,
      "content-type": "application/json",
      "idempotency-key": "sign-up-4711",
    },
    body: JSON.stringify({ username: "ada", email: "ada@example.com" }),
  });
}

async function names(server: ServerProcess): Promise<readonly string[]> {
  const { users: found } = await server.api<{ readonly users: { readonly username: string }[] }>("GET", users);
  return found.map(({ username }) => username);
}

describe("killed", () => {
  it("after the commit: the answer is given again, no hook runs again, and the POST function hears of it", async () => {
    let running: ServerProcess | undefined;
    let killed = false;
    await using at = await scene((path, response) => {
      if (path === "/post" && !killed) {
        killed = true;
        void running?.kill();
      } else response.end();
    });
    {
      await using server = await serverProcess({ folder: at.folder });
      await withFunctions(server, at.host);
      running = server;
      const answer = await create(server).catch(() => "was lost");
      if (answer instanceof Response) assert.equal(answer.status, 201, await answer.text());
      await server.ended;
    }
    await using server = await serverProcess({ folder: at.folder });
    const again = await create(server);
    assert.deepEqual([again.status, again.headers.get("idempotency-replayed")], [201, "true"]);
    const { data } = (await again.json()) as { readonly data: { readonly id: number; readonly username: string } };
    assert.equal(data.username, "ada");
    assert.deepEqual(await names(server), ["ada"]);
    assert.equal(at.count("/pre"), 1);
    await until("the function that was cut off is run again", () => at.count("/post") > 1);
  });

  it("while a hook runs: there is no user, and the retry asks the hooks anew", async () => {
    let running: ServerProcess | undefined;
    let killed = false;
    await using at = await scene((path, response) => {
      if (path === "/pre" && !killed) {
        killed = true;
        void running?.kill();
      } else response.end();
    });
    {
      await using server = await serverProcess({ folder: at.folder });
      await withFunctions(server, at.host);
      running = server;
      await assert.rejects(create(server));
      await server.ended;
    }
    await using server = await serverProcess({ folder: at.folder });
    assert.deepEqual([await names(server), at.count("/post")], [[], 0]);
    const again = await create(server);
    assert.deepEqual([again.status, again.headers.get("idempotency-replayed")], [201, null]);
    assert.deepEqual([await names(server), at.count("/pre")], [["ada"], 2]);
    await until("the POST function hears of it", () => at.count("/post") === 1);
  });
});
