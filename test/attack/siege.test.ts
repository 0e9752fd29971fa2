/**
 * The server as it starts by default, besieged from outside while another tenant writes objects and makes users with a hook before each: none of
 * what that tenant does may fail, no turn of the server's loop may be long (the watchdog sees to that), and its memory stays within
 * a bound. With `ATTACK_ROUNDS` its p99 is measured, at rest and under siege in turn.
 */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { readFile } from "node:fs/promises";
import { after, before, describe, it } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import type { Credentials } from "../support/s3.ts";
import { send } from "../support/sign.ts";
import { rounds } from "./hostile.ts";
import { load, median } from "./load.ts";
import { type Besieger, sieges } from "./sieges.ts";
import { type Attacked, attacked, type Tenant } from "./tenants.ts";

const measuredMs = rounds > 0 ? 3_000 : 1_000;
const settlingMs = 1_000;
const maxPeakMib = 600;
const program = new URL("./siege.fixture.ts", import.meta.url).pathname;

interface Writer {
  readonly tenant: Tenant;
  readonly credentials: Credentials;
  readonly bucket: string;
}

describe("a server under siege", () => {
  let server: Attacked;
  let neighbour: Writer;
  before(async () => {
    server = await attacked();
    neighbour = await writer(server, await server.neighbour("neighbour"));
  });
  after(() => server[Symbol.asyncDispose]());

  for (const siege of sieges) {
    it(`serves others while one comes with ${siege.name}`, async (t) => {
      const hostile = await writer(server, await server.tenant(siege.name));
      await hostile.tenant.createUser();
      const prepared = await siege.prepare?.(hostile.tenant, (name) => server.tenant(name));
      const lay = (): Promise<AsyncDisposable> => laid(server, siege, { hostile, prepared });
      if (rounds === 0) {
        await using _attack = await lay();
        const { count } = await work(server, neighbour, measuredMs);
        assert.ok(count > 0);
      } else {
        const found: { readonly rest: number; readonly under: number; readonly ratio: number }[] = [];
        for (let round = 0; round < rounds; round += 1) {
          await work(server, neighbour, settlingMs);
          const rest = await work(server, neighbour, measuredMs);
          const under = await underSiege(lay, () => work(server, neighbour, measuredMs));
          found.push({ rest: rest.p99, under: under.p99, ratio: under.p99 / rest.p99 });
        }
        const ratio = median(found.map((one) => one.ratio));
        const { rest = 0, under = 0 } = found.find((one) => one.ratio === ratio) ?? {};
        t.diagnostic(
          `siege ${siege.name} rest ${rest.toFixed(1)} ms under siege ${under.toFixed(1)} ms ratio ${ratio.toFixed(2)}`,
        );
      }
      const peakMib = await peakMibOf(server.pid);
      t.diagnostic(`peak ${peakMib} MiB so far`);
      assert.ok(peakMib < maxPeakMib, `the server took ${peakMib} MiB`);
      await server.assertUnharmed();
    });
  }
});

async function writer(server: Attacked, tenant: Tenant): Promise<Writer> {
  const made = await tenant.api<{ readonly access_key_id: string; readonly secret_access_key: string }>(
    "POST",
    "/api/cloud/access-keys/",
    { principal: "owner" },
  );
  const credentials = { accessKeyId: made.access_key_id, secretAccessKey: made.secret_access_key };
  const bucket = `${tenant.name}-bucket`;
  const { status, body } = await send(server.s3Port, credentials, { method: "PUT", path: `/${bucket}` });
  assert.equal(status, 200, body);
  return { tenant, credentials, bucket };
}

/** Users and objects at a steady pace; fails when one is not made. */
function work({ s3Port }: Attacked, { tenant, credentials, bucket }: Writer, forMs: number): ReturnType<typeof load> {
  let written = 0;
  const put = async (): Promise<number> => {
    written += 1;
    const sinceMs = performance.now();
    const path = `/${bucket}/images/${written}.jpg`;
    const { status, body } = await send(s3Port, credentials, { method: "PUT", path, body: "meow" });
    assert.equal(status, 200, body);
    return performance.now() - sinceMs;
  };
  return load(tenant, forMs, put);
}

async function laid(
  server: Attacked,
  { name }: Besieger,
  { hostile, prepared }: { readonly hostile: Writer; readonly prepared: unknown },
): Promise<AsyncDisposable> {
  const { tenant, credentials, bucket } = hostile;
  const api = { port: Number(new URL(tenant.url).port), token: tenant.token };
  const siege = { name, api, s3: { port: server.s3Port, credentials, bucket }, prepared };
  const attacker = spawn(process.execPath, [program, JSON.stringify(siege)], { stdio: ["pipe", "inherit", "inherit"] });
  const ended = new Promise<number | null>((resolve) => attacker.once("close", resolve));
  // It is at work before anything is measured.
  await pause(300);
  return {
    [Symbol.asyncDispose]: async () => {
      attacker.stdin.end();
      assert.equal(await ended, 0, "the attacker found what it expected");
    },
  };
}

async function underSiege<T>(lay: () => Promise<AsyncDisposable>, run: () => Promise<T>): Promise<T> {
  await using _attack = await lay();
  return await run();
}

async function peakMibOf(pid: number): Promise<number> {
  const [, kib = "0"] = /VmHWM:\s+(\d+)/.exec(await readFile(`/proc/${pid}/status`, "utf8")) ?? [];
  return Math.round(Number(kib) / 1_024);
}
