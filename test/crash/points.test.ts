/** Kills the server at the very steps between which a crash could lose something. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import type { IncomingHttpHeaders, ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { CreateBucketCommand, GetObjectCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import { bodyOf, httpListener } from "../support/listeners.ts";
import { refusedServer, type ServerProcess, serverProcess } from "../support/server-process.ts";
import { until } from "../support/until.ts";
import { blobFiles } from "./verdict.ts";

const Bucket = "alpha";

interface Heard {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** A folder, a receiver that is told how to answer each arrival, and what it heard. */
async function scene(answer: (response: ServerResponse, nth: number) => void) {
  const folder = await mkdtemp(join(tmpdir(), "signalbox-crash-"));
  const heard: Heard[] = [];
  const listener = await httpListener((request, response) => {
    void bodyOf(request).then((body) => {
      heard.push({ headers: request.headers, body });
      answer(response, heard.length);
    });
  });
  return {
    folder,
    heard,
    url: `http://127.0.0.1:${listener.port}/hook`,
    [Symbol.asyncDispose]: async () => {
      await listener[Symbol.asyncDispose]();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function withRule(server: ServerProcess, url: string): Promise<void> {
  await server.s3.send(new CreateBucketCommand({ Bucket }));
  const rule = { url, backoff: { schedule_ms: [0] } };
  await server.api("POST", `/api/cloud/buckets/${Bucket}/notifications/`, rule);
}

function put(server: ServerProcess, Key: string, Body: string): Promise<unknown> {
  return server.s3.send(new PutObjectCommand({ Bucket, Key, Body }));
}

interface ShownDelivery {
  readonly id: string;
  readonly status: string;
  readonly attempts: readonly { readonly number: number; readonly status: number | null }[];
}

async function delivered(server: ServerProcess, id: string): Promise<ShownDelivery> {
  const path = `/api/cloud/deliveries/${id}/`;
  const look = (): Promise<ShownDelivery | undefined> => server.api<ShownDelivery>("GET", path).catch(() => undefined);
  await until(`${id} is delivered`, async () => (await look())?.status === "delivered");
  return (await look()) ?? assert.fail("it was there a moment ago");
}

function idOf({ headers }: Heard): string {
  return String(headers["webhook-id"]);
}

/** Kills the running server at the nth arrival, before it is answered or after. */
async function killedAtArrival(nth: number, how: "unanswered" | "answered"): Promise<void> {
  let running: ServerProcess | undefined;
  await using at = await scene((response, count) => {
    if (count < nth) response.writeHead(500).end();
    else if (count > nth) response.end();
    else if (how === "unanswered") void running?.kill();
    else response.end(() => void running?.kill());
  });
  {
    await using server = await serverProcess({ folder: at.folder });
    running = server;
    await withRule(server, at.url);
    await put(server, "a", "1");
    await server.ended;
    assert.equal(at.heard.length, nth);
  }
  await using server = await serverProcess({ folder: at.folder });
  const [first] = at.heard;
  assert.ok(first !== undefined);
  const { attempts } = await delivered(server, idOf(first));
  const again = at.heard.length - nth;
  assert.ok(again === 1 || (how === "answered" && again === 0), `${again} more arrivals`);
  for (const one of at.heard) {
    assert.deepEqual(
      [idOf(one), one.headers["x-signalbox-sequence"], one.body],
      [idOf(first), first.headers["x-signalbox-sequence"], first.body],
    );
  }
  // Those that were recorded before the crash are still there, and the one that it cut off is not among them.
  const statuses = attempts.map(({ status }) => status);
  assert.deepEqual(statuses, [...Array.from({ length: nth - 1 }, () => 500), 200]);
}

describe("killed", () => {
  it("in the first attempt: it is made again under the same id", () => killedAtArrival(1, "unanswered"));
  it("in a retry: it is made again under the same id, and counted once", () => killedAtArrival(3, "unanswered"));
  it("as the first attempt is acknowledged: it is delivered under one id", () => killedAtArrival(1, "answered"));
  it("as a retry is acknowledged: it is delivered under one id", () => killedAtArrival(2, "answered"));

  for (const [point, text, events] of [
    ["before", "the first", 1],
    ["after", "the second", 2],
  ] as const) {
    it(`just ${point} the commit: an overwrite is ${point === "before" ? "as if never asked" : "made and told"}, nothing is left behind`, async () => {
      await using at = await scene((response) => response.end());
      {
        await using server = await serverProcess({ folder: at.folder });
        await withRule(server, at.url);
        await put(server, "victim", "the first");
        await until("the first is told", () => at.heard.length === 1);
        assert.equal(await server.stop(), 0);
      }
      const fixture = new URL("./dies.fixture.ts", import.meta.url).pathname;
      const [, signal] = await once(spawn(process.execPath, [fixture, at.folder, point], { stdio: "inherit" }), "exit");
      assert.equal(signal, "SIGKILL");
      assert.equal((await blobFiles(at.folder)).size, 2);

      await using server = await serverProcess({ folder: at.folder });
      const { Body } = await server.s3.send(new GetObjectCommand({ Bucket, Key: "victim" }));
      assert.equal(await Body?.transformToString(), text);
      await until("the sweeper was there", async () => (await blobFiles(at.folder)).size === 1);
      // What comes after it shows that nothing more was on its way.
      await put(server, "last", "!");
      await until("the last is told", () => at.heard.some(({ body }) => body.includes('"key":"last"')));
      assert.equal(at.heard.length, events + 1);
      assert.equal(new Set(at.heard.map(idOf)).size, events + 1);
    });
  }
});

describe("the data folder", () => {
  it("belongs to one process: a second one is refused by name, and the first goes on", async () => {
    await using at = await scene((response) => response.end());
    await using server = await serverProcess({ folder: at.folder });
    await withRule(server, at.url);
    const { ending, log } = await refusedServer({ folder: at.folder });
    assert.equal(ending, 1);
    assert.ok(log.includes(`the data folder ${at.folder} is in use by another Signalbox process`), log);
    await put(server, "a", "1");
    await until("it is told", () => at.heard.length === 1);
    await server.kill();
    await using next = await serverProcess({ folder: at.folder });
    await put(next, "b", "1");
    await until("it is told", () => at.heard.some(({ body }) => body.includes('"key":"b"')));
  });
});
