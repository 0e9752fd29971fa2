/** The bytes of objects, as functions reach them, and at a size that nobody could hold. */
import assert from "node:assert/strict";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { it } from "node:test";
import type { Principal } from "../../src/domain/access.ts";
import { testApi } from "../support/api.ts";
import { adminToken, serverProcess } from "../support/server-process.ts";

const mib = 2 ** 20;
const path = "/api/cloud/buckets/alpha/objects/";

it("a function reads an object as far as an answer may go", async () => {
  await using api = await testApi();
  await api.ask("POST", "/api/cloud/buckets/", { name: "alpha" });
  const headers = { "content-type": "text/plain" };
  await api.ask("PUT", `${path}?key=large`, "x".repeat(mib + 1), { headers });
  const caller: Principal = { tenant: "default", name: "admin", role: "admin", chain: { root: "r", path: [] } };
  const call = (method: string, range: Readonly<Record<string, string>> = {}) =>
    api.deps.platform.call(caller, { method, path: `${path}?key=large`, headers: range }, new AbortController().signal);
  const whole = await call("GET");
  assert.deepEqual([whole.status, JSON.parse(whole.body).code], [413, "too_large"]);
  const some = await call("GET", { range: "bytes=0-9" });
  assert.deepEqual([some.status, some.body], [206, "xxxxxxxxxx"]);
});

it("128 MiB go in and out without being held", async () => {
  const folder = await mkdtemp(join(tmpdir(), "signalbox-large-"));
  await using made = new AsyncDisposableStack();
  made.defer(() => rm(folder, { recursive: true, force: true }));
  const server = made.use(await serverProcess({ folder, env: { SIGNALBOX_RESERVE_BYTES: "0" } }));
  await server.api("POST", "/api/cloud/buckets/", { name: "alpha" });
  const headers = { authorization: `Bearer ${adminToken}` };
  const piece = Buffer.alloc(64 * 1024, 1);
  const bytes = (size: number): ReadableStream<Uint8Array> => {
    let left = size;
    return new ReadableStream({
      pull: (controller) => {
        if (left === 0) return controller.close();
        left -= piece.length;
        controller.enqueue(piece);
      },
    });
  };
  const go = async (size: number): Promise<number> => {
    const url = new URL(`${path}?key=large`, server.url);
    const stored = await fetch(url, { method: "PUT", headers, body: bytes(size), duplex: "half" });
    assert.equal(stored.status, 200, await stored.text());
    let read = 0;
    for await (const chunk of (await fetch(url, { headers })).body ?? []) read += chunk.length;
    return read;
  };
  const peak = async (): Promise<number> => {
    const status = await readFile(`/proc/${server.pid}/status`, "utf8");
    return Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1]) * 1_024;
  };
  assert.equal(await go(8 * mib), 8 * mib);
  const before = await peak();
  assert.equal(await go(128 * mib), 128 * mib);
  const growth = (await peak()) - before;
  assert.ok(growth < 64 * mib, `it grew by ${growth / mib} MiB`);
});
