/** What a process may ask of this one, when it does not ask as the shim would. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { fakeClock } from "../../../test/support/clock.ts";
import { until } from "../../../test/support/until.ts";
import type { ApiAnswer, SandboxCall } from "../sandbox.ts";
import { ByteBudget } from "./byte-budget.ts";
import { hostLimits } from "./host-limits.ts";
import { HostSocket } from "./host-socket.ts";

type Api = NonNullable<SandboxCall["api"]>;

const fine: Api = async () => ({ status: 200, headers: {}, body: "fine" });
const head = JSON.stringify({ method: "POST", path: "/x", headers: {}, has: true });

class Connection {
  readonly socket: Socket;
  readonly closed: Promise<void>;
  received = "";
  isClosed = false;

  constructor(path: string) {
    this.socket = connect(path);
    this.socket.setEncoding("utf8").on("data", (text: string) => {
      this.received += text;
    });
    this.socket.on("error", () => {});
    this.closed = new Promise<void>((resolve) => this.socket.once("close", () => resolve())).then(() => {
      this.isClosed = true;
    });
  }

  begin(token: string, headers: string): this {
    this.socket.write(`POST /${token} HTTP/1.1\r\nhost: host\r\n${headers}\r\n\r\n`);
    return this;
  }

  get status(): number {
    return Number(/^HTTP\/1\.1 (\d+)/.exec(this.received)?.[1] ?? 0);
  }
}

async function scene() {
  const folder = mkdtempSync(join(tmpdir(), "sbx-test-"));
  const path = join(folder, "host");
  const clock = fakeClock();
  const bytes = new ByteBudget(hostLimits.allBytes);
  const host = new HostSocket(clock, bytes);
  await host.listen(path);
  const opened: Connection[] = [];
  return {
    clock,
    host,
    bytes,
    open(): Connection {
      const connection = new Connection(path);
      opened.push(connection);
      return connection;
    },
    [Symbol.asyncDispose]: async () => {
      host.end();
      for (const { socket } of opened) socket.destroy();
      await Promise.all(opened.map(({ closed }) => closed));
      rmSync(folder, { recursive: true });
    },
  };
}

const length = (bytes: number): string => `content-length: ${bytes}`;
const whole = `${length(head.length + 2)}\r\n\r\n${head}\nx`;

describe("HostSocket", () => {
  it("judges the token before any of the body is there, and keeps nothing of what is refused", async () => {
    await using at = await scene();
    const begun = Array.from({ length: 40 }, () => at.open().begin("0".repeat(32), length(hostLimits.requestBytes)));
    await Promise.all(begun.map(({ closed }) => closed));
    assert.deepEqual(new Set(begun.map(({ status }) => status)), new Set([410]));
    assert.deepEqual(at.host.load, { requests: 0, bytes: 0 });
  });

  it("knows no token but that of a call under way, as it is", async () => {
    await using at = await scene();
    const asked: string[] = [];
    const open = (name: string): string =>
      at.host.open(async ({ path }) => {
        asked.push(`${name} ${path}`);
        return { status: 200, headers: {}, body: "fine" };
      });
    const earlier = open("earlier");
    const own = open("own");
    at.host.close(earlier);
    const statusOf = async (token: string): Promise<number> => {
      const connection = at.open().begin(token, `connection: close\r\n${whole}`);
      await connection.closed;
      return connection.status;
    };
    const others = [
      earlier,
      "0".repeat(32),
      "",
      `/${own}`,
      `../${own}`,
      `x/../${own}`,
      `${own}/`,
      `${own}?`,
      own.slice(1),
      own.toUpperCase().padEnd(33, "0"),
      `%${own.charCodeAt(0).toString(16)}${own.slice(1)}`,
      "__proto__",
      "constructor",
    ];
    for (const other of others) assert.equal(await statusOf(other), 410, other);
    assert.deepEqual(asked, []);
    assert.equal(await statusOf(own), 200);
    assert.deepEqual(asked, ["own /x"]);
  });

  it("reads no head but one that is a request of this platform", async () => {
    await using at = await scene();
    const asked: string[] = [];
    const token = at.host.open(async ({ path }) => {
      asked.push(path);
      return { status: 200, headers: {}, body: "fine" };
    });
    const sound = { method: "GET", path: "/", headers: {} };
    const text = (more: object): string => `${JSON.stringify({ ...sound, ...more })}\n`;
    const heads = [
      "no json\n",
      "",
      "\n",
      "null\n",
      "[]\n",
      JSON.stringify(sound),
      text({ path: "//127.0.0.1/" }),
      text({ path: "/\\127.0.0.1/" }),
      text({ path: "http://127.0.0.1/" }),
      text({ path: "/a b" }),
      text({ path: "/\r\nx: y" }),
      text({ path: ["/"] }),
      text({ method: "GET / HTTP/1.1\r\nX: 1" }),
      text({ method: "" }),
      text({ method: null }),
      text({ headers: { a: "1\r\nb: 2" } }),
      text({ headers: { "a\r\nb": "2" } }),
      text({ headers: { A: "1" } }),
      text({ headers: { a: 1 } }),
      text({ headers: null }),
      text({ headers: { a: "x".repeat(hostLimits.headBytes) } }),
      `${"[".repeat(60_000)}\n`,
    ];
    for (const head of heads) {
      const connection = at.open().begin(token, `connection: close\r\n${length(head.length)}\r\n\r\n${head}`);
      await connection.closed;
      assert.equal(connection.status, 400, head.slice(0, 100));
    }
    assert.deepEqual([asked, at.host.load], [[], { requests: 0, bytes: 0 }]);
  });

  it("takes neither bodies without a length nor such as are too long", async () => {
    await using at = await scene();
    const token = at.host.open(fine);
    const endless = at.open().begin(token, "transfer-encoding: chunked");
    const long = at.open().begin(token, length(hostLimits.requestBytes + 1));
    await Promise.all([endless.closed, long.closed]);
    assert.deepEqual([endless.status, long.status], [411, 413]);
    assert.deepEqual(at.host.load, { requests: 0, bytes: 0 });
  });

  it("bounds what one call has under way, what all have, and the bytes of both; and ends what is too slow", async () => {
    await using at = await scene();
    const tokens = Array.from({ length: 6 }, () => at.host.open(fine));
    const begun = tokens.flatMap((token) => Array.from({ length: 100 }, () => at.open().begin(token, length(1_000))));
    const { callRequests, processRequests, processBytes, requestBytes } = hostLimits;
    await until("the rest is refused", () => begun.filter(({ isClosed }) => isClosed).length >= 600 - processRequests);
    assert.ok(begun.every(({ status }) => status === 0 || status === 429));
    assert.deepEqual(at.host.load, { requests: processRequests, bytes: processRequests * 1_000 });
    assert.equal(begun.slice(0, 100).filter(({ isClosed }) => !isClosed).length, callRequests);
    at.clock.advance(hostLimits.transferMs);
    await until("all are closed", () => begun.every(({ isClosed }) => isClosed));
    assert.deepEqual(at.host.load, { requests: 0, bytes: 0 });

    const large = Array.from({ length: 10 }, () => at.open().begin(tokens[0] ?? "", length(requestBytes)));
    await until("the rest is refused", () => large.some(({ status }) => status === 429));
    assert.ok(at.host.load.bytes <= processBytes);
    assert.equal(at.bytes.used, at.host.load.bytes);
  });

  it("ends all of a call with it: connections, memory, and what was asked for it", async () => {
    await using at = await scene();
    const stopped: boolean[] = [];
    const token = at.host.open(
      (_, signal) =>
        new Promise<ApiAnswer>((resolve) => {
          signal.addEventListener("abort", () => {
            stopped.push(true);
            resolve({ status: 200, headers: {}, body: "" });
          });
        }),
    );
    const other = at.host.open(fine);
    const slow = Array.from({ length: 20 }, () => at.open().begin(token, length(100_000)));
    const asked = at.open().begin(token, whole);
    await until("all are under way", () => at.host.load.requests === 21);
    const kept = at.open().begin(other, length(10));
    await until("the other's is, too", () => at.host.load.requests === 22);
    at.host.close(token);
    await Promise.all([...slow, asked].map(({ closed }) => closed));
    await until("only the other's is left", () => at.host.load.requests === 1);
    assert.deepEqual([stopped, at.host.load.bytes, kept.isClosed], [[true], 10, false]);
    const late = at.open().begin(token, whole);
    await late.closed;
    assert.equal(late.status, 410);
  });

  it("answers what is whole, and not for ever to one that does not take it", async () => {
    await using at = await scene();
    const token = at.host.open(async () => ({ status: 200, headers: {}, body: "x".repeat(2 ** 20) }));
    const takes = at.open().begin(token, whole);
    await until("it has come", () => takes.received.length > 2 ** 20);
    assert.equal(takes.status, 200);
    const deaf = at.open();
    deaf.socket.pause();
    deaf.begin(token, whole);
    await until("it is kept for it", () => at.host.load.bytes > 2 ** 20);
    at.clock.advance(hostLimits.transferMs);
    await until("nothing is kept", () => at.host.load.bytes === 0 && at.host.load.requests === 0);
  });
});
