/**
 * Kills the server while files that are watched change: of a one-shot subscription exactly one event is sent however many race, and what
 * is retried is neither lost nor tried before its time. `npm run test:crash` does so twenty times.
 */
import assert from "node:assert/strict";
import { randomInt } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { it } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { CreateBucketCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import { bodyOf, httpListener, type Listener } from "../support/listeners.ts";
import { adminToken, type ServerProcess, serverProcess } from "../support/server-process.ts";
import { until } from "../support/until.ts";
import { type Dice, dice } from "./dice.ts";

const rounds = Number(process.env["CRASH_ROUNDS"] ?? 1);
const seed = Number(process.env["CRASH_SEED"] ?? randomInt(2 ** 31));
const bucket = "watched";
const key = "picsumipsum.txt";

interface Arrival {
  readonly subscription: string;
  readonly delivery: string;
  readonly atMs: number;
  readonly status: number;
}

interface Ears extends AsyncDisposable {
  readonly url: string;
  readonly arrivals: Arrival[];
}

/** `answer`: the status for a delivery that has come so many times before. */
async function ears(answer: (before: number) => number): Promise<Ears> {
  const arrivals: Arrival[] = [];
  const listener: Listener = await httpListener((request, response) => {
    void bodyOf(request).then(
      () => {
        const { "x-agave-delivery": delivery = "", "x-agave-notification": subscription = "" } = request.headers;
        const before = arrivals.filter((one) => one.delivery === delivery).length;
        const status = answer(before);
        arrivals.push({ subscription: String(subscription), delivery: String(delivery), atMs: Date.now(), status });
        response.writeHead(status).end();
      },
      () => response.destroy(),
    );
  });
  return {
    url: `http://127.0.0.1:${listener.port}`,
    arrivals,
    [Symbol.asyncDispose]: () => listener[Symbol.asyncDispose](),
  };
}

interface Shown {
  readonly id: string;
  readonly status: string;
}

/** `result` of an answer of the notifications face. */
async function ask<T>(server: ServerProcess, method: string, path: string, body?: unknown): Promise<T> {
  const response = await fetch(`${server.url}/notifications/v2${path}`, {
    method,
    headers: { authorization: `Bearer ${adminToken}`, "content-type": "application/json" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const { status, message, result } = (await response.json()) as { status: string; message: string; result: T };
  assert.equal(status, "success", `${method} ${path}: ${response.status} ${message}`);
  return result;
}

async function put(server: ServerProcess, body: string): Promise<void> {
  await server.s3.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: body }));
}

/** The file's uuid. */
async function watchedFile(server: ServerProcess): Promise<string> {
  await server.s3.send(new CreateBucketCommand({ Bucket: bucket }));
  await put(server, "first");
  const path = `/api/cloud/files/?bucket=${bucket}&key=${key}`;
  const { files } = await server.api<{ readonly files: readonly { readonly uuid: string }[] }>("GET", path);
  return files[0]?.uuid ?? assert.fail("the file is there");
}

interface Round {
  readonly folder: string;
  readonly dice: Dice;
}

/** Kills the server within so many milliseconds, and gives another one that goes on. */
async function killed(server: ServerProcess, { folder, dice: thrown }: Round, withinMs: number) {
  await pause(thrown.between(0, withinMs));
  const killedMs = Date.now();
  await server.kill();
  return { server: await serverProcess({ folder }), killedMs };
}

async function racing(round: Round): Promise<void> {
  await using heard = await ears(() => 200);
  let server = await serverProcess({ folder: round.folder });
  try {
    const uuid = await watchedFile(server);
    const transient = { associatedUuid: uuid, event: "OVERWRITTEN", url: `${heard.url}/` };
    const made = await Promise.all(Array.from({ length: 10 }, () => ask<Shown>(server, "POST", "/", transient)));
    const first = server;
    const writing = Promise.allSettled(Array.from({ length: 200 }, (_, turn) => put(first, `turn ${turn}`)));
    ({ server } = await killed(server, round, 400));
    await writing;
    await put(server, "the last");
    const now = server;
    await until("each one-shot subscription is complete", async () => {
      const shown = await Promise.all(made.map(({ id }) => ask<Shown>(now, "GET", `/${id}`)));
      return shown.every(({ status }) => status === "COMPLETE");
    });
    for (const { id } of made) {
      const deliveries = heard.arrivals.filter(({ subscription }) => subscription === id).map((one) => one.delivery);
      assert.equal(new Set(deliveries).size, 1, `${id} heard of one event, as often as it was told of that one`);
    }
  } finally {
    await server[Symbol.asyncDispose]();
  }
}

const rateS = 1;
const failures = 3;
/** So long before the kill an answer may have come that was not recorded. */
const unrecordedMs = 500;

async function retrying(round: Round): Promise<void> {
  await using heard = await ears((before) => (before < failures ? 500 : 200));
  let server = await serverProcess({ folder: round.folder });
  try {
    const uuid = await watchedFile(server);
    const policy = { retryStrategy: "DELAYED", retryLimit: 20, retryRate: rateS, retryDelay: rateS };
    const wanted = { associatedUuid: uuid, event: "OVERWRITTEN", url: `${heard.url}/`, persistent: true, policy };
    await ask<Shown>(server, "POST", "/", wanted);
    const accepted: number[] = [];
    for (let turn = 0; turn < 10; turn += 1) {
      await put(server, `turn ${turn}`);
      accepted.push(turn);
    }
    const { server: next, killedMs } = await killed(server, round, (failures + 1) * rateS * 1_000);
    server = next;
    const delivered = (): number => heard.arrivals.filter(({ status }) => status === 200).length;
    await until("each event was acknowledged", () => delivered() >= accepted.length);
    const byDelivery = Map.groupBy(heard.arrivals, ({ delivery }) => delivery);
    assert.equal(byDelivery.size, accepted.length);
    for (const [delivery, tries] of byDelivery) {
      for (const [index, { atMs }] of tries.entries()) {
        const before = tries[index - 1];
        // What was not yet recorded when the server was killed is made again at once, under the same id: that is no retry.
        if (before === undefined || (atMs > killedMs && before.atMs > killedMs - unrecordedMs)) continue;
        const gapMs = atMs - before.atMs;
        assert.ok(gapMs >= rateS * 1_000 - 50, `${delivery} was tried again after ${gapMs} ms`);
      }
    }
  } finally {
    await server[Symbol.asyncDispose]();
  }
}

for (let number = 1; number <= rounds; number += 1) {
  for (const [what, act] of [
    ["sends one event of two hundred that race", racing],
    ["loses no retry and makes none early", retrying],
  ] as const) {
    it(`${what}, whenever it is killed: round ${number} (seed ${seed})`, async () => {
      const folder = await mkdtemp(join(tmpdir(), "signalbox-crash-"));
      try {
        await act({ folder, dice: dice(seed + number) });
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    });
  }
}
