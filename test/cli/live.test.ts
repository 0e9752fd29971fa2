import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { CreateBucketCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import { runCommand } from "../../src/cli/run.ts";
import { verify } from "../../src/domain/signature.ts";
import { adminToken, type ServerProcess, serverProcess } from "../support/server-process.ts";
import { until } from "../support/until.ts";
import { webhookReceiver } from "../support/webhooks.ts";

interface Running extends AsyncDisposable {
  readonly out: string[];
  readonly err: string[];
  readonly code: Promise<number>;
}

/** A command that goes on, until what it follows is said to be no longer its caller's to see. */
function running(url: () => string, ...argv: string[]): Running {
  const out: string[] = [];
  const err: string[] = [];
  const env = { SIGNALBOX_TOKEN: adminToken, SIGNALBOX_URL: "http://server.example" };
  // Where the server is after a restart is another port.
  let isOver = false;
  const fetch: typeof globalThis.fetch = async (input, init) =>
    isOver
      ? Response.json({ success: false, code: "unauthenticated", message: "over" }, { status: 401 })
      : await globalThis.fetch(
          new URL(input instanceof Request ? input.url : input).href.replace("http://server.example", url()),
          init,
        );
  const code = runCommand(argv, { env, out: (text) => out.push(text), err: (text) => err.push(text), fetch });
  return {
    out,
    err,
    code,
    // Its connection ends with the server, which is killed before.
    [Symbol.asyncDispose]: async () => {
      isOver = true;
      await code;
    },
  };
}

async function put(server: ServerProcess, keys: readonly string[]): Promise<void> {
  for (const Key of keys) await server.s3.send(new PutObjectCommand({ Bucket: "photos", Key, Body: Key }));
}

const keysOf = (from: number, count: number): string[] =>
  Array.from({ length: count }, (_, index) => `k${String(from + index).padStart(3, "0")}`);

describe("signalbox tail", () => {
  it("goes on without a gap or a double when the server is killed under it", async () => {
    const folder = await mkdtemp(join(tmpdir(), "signalbox-tail-"));
    await using cleaned = new AsyncDisposableStack();
    cleaned.defer(() => rm(folder, { recursive: true, force: true }));
    await using receiver = await webhookReceiver();
    let server = await serverProcess({ folder });
    const commands = cleaned.use(new AsyncDisposableStack());
    cleaned.defer(() => server.kill());
    await server.s3.send(new CreateBucketCommand({ Bucket: "photos" }));
    await server.api("POST", "/api/cloud/buckets/photos/notifications/", { url: `${receiver.url}/hook` });
    const tail = commands.use(
      running(() => server.url, "tail", "--json", "--topics", "events,deliveries", "--bucket", "photos"),
    );
    await until("it is connected", () => tail.out.length > 0);
    const came = (event: string): string[] =>
      tail.out
        .map(
          (line) =>
            JSON.parse(line) as {
              event: string;
              data: { sequence?: string; status?: string; event?: { sequence: string } };
            },
        )
        .filter((one) => one.event === event && (event === "event" || one.data.status === "delivered"))
        .map(({ data }) => data.sequence ?? data.event?.sequence ?? "");
    // Together no more than one page of deliveries.
    const all: string[] = [];
    for (let round = 0; round < 3; round += 1) {
      const writing = put(server, keysOf(all.length, 30)).then(
        () => undefined,
        () => undefined,
      );
      // More than came before, so that it is connected again.
      const enough = came("event").length + 10;
      await until("some have come", () => came("event").length >= enough);
      await server.kill();
      await writing;
      server = await serverProcess({ folder });
      all.push(...keysOf(all.length, 30));
    }
    await put(server, ["last"]);
    const accepted = async (): Promise<number> => {
      const { deliveries } = await server.api<{ deliveries: { status: string }[] }>(
        "GET",
        "/api/cloud/deliveries/?limit=100&status=delivered&bucket=photos",
      );
      return deliveries.length;
    };
    await until("all are delivered and shown", async () => {
      const events = came("event").length;
      return events > 30 && events === (await accepted()) && came("delivery").length >= events;
    });
    for (const event of ["event", "delivery"]) {
      const sequences = came(event);
      assert.equal(new Set(sequences).size, sequences.length, `no ${event} twice`);
    }
    assert.deepEqual(came("event"), came("event").toSorted());
    assert.deepEqual(came("delivery").toSorted(), came("event"));
    assert.equal(tail.err.filter((line) => line.includes("the connection was lost")).length, 3);
  });
});

describe("signalbox listen", () => {
  it("sends what happens to a local server with valid signatures, shows the answers, and replays", async () => {
    const folder = await mkdtemp(join(tmpdir(), "signalbox-listen-"));
    await using cleaned = new AsyncDisposableStack();
    cleaned.defer(() => rm(folder, { recursive: true, force: true }));
    await using local = await webhookReceiver(({ events }) => (events[0]?.object.key === "bad" ? 500 : 200));
    const server = await serverProcess({ folder });
    const commands = cleaned.use(new AsyncDisposableStack());
    cleaned.defer(() => server.kill());
    await server.s3.send(new CreateBucketCommand({ Bucket: "photos" }));
    const to = ["--forward-to", `${local.url}/hook`];
    const listen = commands.use(running(() => server.url, "listen", ...to, "--where", "key <> 'other'"));
    await until("it is connected", () => listen.err.length > 0);
    const secret = /whsec_\S+/.exec(listen.err[0] ?? "")?.[0] ?? "";
    // Nothing from before it was connected comes: so until something does.
    await until("something comes", async () => {
      await put(server, ["a.jpg"]);
      return local.received.length > 0;
    });
    await put(server, ["other", "bad"]);
    await until("the last was answered", () => listen.out.some((line) => line.startsWith("no  500")));
    assert.ok(local.received.every(({ events }) => events[0]?.object.key !== "other"));
    for (const { headers, body } of local.received) {
      const signed = {
        "webhook-id": headers["webhook-id"],
        "webhook-timestamp": headers["webhook-timestamp"],
        "webhook-signature": headers["webhook-signature"],
      };
      const nowMs = Number(headers["webhook-timestamp"]) * 1_000;
      assert.deepEqual(verify([secret], signed, body, { nowMs }), { kind: "ok" });
    }
    const [first] = local.received;
    assert.deepEqual(first?.events[0]?.eventName, "OBJECT_CREATED_PUT");
    assert.match(listen.out.join("\n"), /ok {2}200 {2}\d+ ms {2}OBJECT_CREATED_PUT photos\/a\.jpg {2}ok/);
    const sequence = String(first?.headers["webhook-id"]).slice(0, 16);
    const replay = running(() => server.url, "listen", ...to, "--replay", sequence);
    assert.equal(await replay.code, 0, replay.err.join());
    assert.equal(local.received.at(-1)?.headers["webhook-id"], first?.headers["webhook-id"]);
    assert.equal(local.received.at(-1)?.body, first?.body);
    const refused = running(() => server.url, "listen", "--forward-to", "nowhere");
    assert.equal(await refused.code, 1);
    assert.match(refused.err.join(), /--forward-to: must be the http\(s\) address/);
  });
});
