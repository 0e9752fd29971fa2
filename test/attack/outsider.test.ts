/** An outsider without a token, and a member who does not read, against the server as it starts by default. */
import assert from "node:assert/strict";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { CreateBucketCommand, GetObjectCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import { credentials, type ServerProcess, serverProcess } from "../support/server-process.ts";
import { head } from "../support/sign.ts";
import { until } from "../support/until.ts";

const mib = 2 ** 20;
const Bucket = "alpha";
/** Ticks of the kernel's clock, in which it tells the time of processes. */
const ticksPerSecond = 100;

describe("a flood", () => {
  let folder: string;
  let server: ServerProcess;
  let sockets: Socket[] = [];
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "signalbox-outsider-"));
    // The reserve for full disks is written some seconds after the start, and would count as what questions wrote.
    server = await serverProcess({ folder, env: { SIGNALBOX_RESERVE_BYTES: "0" } });
    await server.s3.send(new CreateBucketCommand({ Bucket }));
  });
  after(async () => {
    await server[Symbol.asyncDispose]();
    await rm(folder, { recursive: true, force: true });
  });

  const rssBytes = async (): Promise<number> => {
    const status = await readFile(`/proc/${server.pid}/status`, "utf8");
    return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) * 1_024;
  };
  const cpuSeconds = async (): Promise<number> => {
    const stat = await readFile(`/proc/${server.pid}/stat`, "utf8");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
  };
  const open = (url: string): Socket => {
    const socket = connect(Number(new URL(url).port), "127.0.0.1");
    socket.on("error", () => {});
    sockets.push(socket);
    return socket;
  };
  const close = (): void => {
    for (const socket of sockets) socket.destroy();
    sockets = [];
  };

  /** Runs `flood`, and tells what it cost until 20 writes of another caller were answered behind it. */
  async function cost(flood: () => void): Promise<{ readonly rss: number; readonly cpu: number }> {
    for (let warm = 0; warm < 20; warm += 1) await put(`warm ${warm}`);
    const [rss, cpu] = [await rssBytes(), await cpuSeconds()];
    flood();
    for (let count = 0; count < 20; count += 1) await put(`${count}`);
    const told = { rss: (await rssBytes()) - rss, cpu: (await cpuSeconds()) - cpu };
    close();
    return told;
  }
  const put = (Key: string): Promise<unknown> => server.s3.send(new PutObjectCommand({ Bucket, Key, Body: "x" }));

  it("of requests for the document, none of which it reads, costs next to nothing", async () => {
    const request = "GET /openapi.json HTTP/1.1\r\nHost: x\r\n\r\n";
    await fetch(`${server.url}/openapi.json`).then((answer) => answer.text());
    const { rss, cpu } = await cost(() => {
      for (let count = 0; count < 14; count += 1) {
        const socket = open(server.url);
        socket.pause();
        socket.write(request.repeat(57 * 1_024).slice(0, 57 * 1_024));
      }
    });
    assert.ok(rss < 80 * mib, `${rss / mib} MiB`);
    assert.ok(cpu < 5, `${cpu} s`);
  });

  it("of lists that a member does not read leaves memory flat", async () => {
    const keys = Array.from({ length: 300 }, (_, index) => `${index} ${"k".repeat(900)}`);
    for (let at = 0; at < keys.length; at += 50) await Promise.all(keys.slice(at, at + 50).map(put));
    const port = Number(new URL(server.s3Url).port);
    const list = head(port, credentials, { method: "GET", path: `/${Bucket}`, query: { "list-type": "2" } });
    const { rss, cpu } = await cost(() => {
      const socket = open(server.s3Url);
      socket.pause();
      socket.write(list.repeat(1_500));
    });
    // 1,500 answers of 300 KiB.
    assert.ok(rss < 80 * mib, `${rss / mib} MiB`);
    assert.ok(cpu < 5, `${cpu} s`);
  });

  it("of bodies in chunks of one byte is parsed little by little, on both ports", async () => {
    const body = Buffer.from("1\r\nx\r\n".repeat(50_000));
    for (const url of [server.url, server.s3Url]) {
      for (let number = 0; number < 20; number += 1) {
        const socket = open(url);
        socket.resume();
        socket.write("POST /any HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n");
        socket.write(body);
      }
    }
    // How long it computes at one go is for the watchdog to tell: it was a second for 30 connections.
    for (let asked = 0; asked < 20; asked += 1) assert.equal((await fetch(`${server.url}/healthz`)).status, 200);
    close();
  });
  it("of questions after its health writes nothing", async () => {
    const written = async (): Promise<number> =>
      Number(/^write_bytes: (\d+)/m.exec(await readFile(`/proc/${server.pid}/io`, "utf8"))?.[1]);
    await put("before");
    const ask = (): Promise<number> => fetch(`${server.url}/readyz`).then(({ status }) => status);
    assert.equal(await ask(), 200);
    const bytes = await written();
    for (let count = 0; count < 150; count += 1) assert.equal(await ask(), 200);
    assert.ok((await written()) - bytes < 64 * 1_024, "no commit was made for them");
  });

  it("of one honest client at a concurrency of 50 is served whole", async () => {
    const work = Array.from({ length: 200 }, (_, index) => `honest ${index}`).values();
    await Promise.all(
      Array.from({ length: 50 }, async () => {
        for (const Key of work) {
          await server.s3.send(new PutObjectCommand({ Bucket, Key, Body: Key.repeat(1_000) }));
          const { Body } = await server.s3.send(new GetObjectCommand({ Bucket, Key }));
          assert.equal(await Body?.transformToString(), Key.repeat(1_000));
        }
      }),
    );
  });

  it("of connections leaves room for those who have credentials", async () => {
    const all = Array.from({ length: 3_000 }, () => open(server.url));
    await until("they have come", () => all.every(({ connecting }) => !connecting));
    await Promise.all(Array.from({ length: 50 }, (_, index) => put(`many ${index}`)));
    assert.deepEqual(await server.api("GET", "/api/cloud/tokens/").then((data) => typeof data), "object");
    close();
  });
});
