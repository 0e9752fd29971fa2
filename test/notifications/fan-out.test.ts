/** One change that very many want to hear of: ten thousand with `npm run test:system`. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { newUuid } from "../../src/domain/ids.ts";
import { type RunningServer, runServer } from "../support/in-process.ts";
import { httpListener } from "../support/listeners.ts";
import { until } from "../support/until.ts";

const many = Number(process.env["FAN_OUT"] ?? 1_000);
/** In flight at once, of the requests that subscribe. */
const together = 64;

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

/** What is still in use of the heap, in bytes. */
function used(): number {
  collect();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

async function subscribeAll(server: RunningServer, wanted: object): Promise<void> {
  let left = many;
  const subscribe = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      const response = await fetch(`${server.url}/notifications/v2/`, {
        method: "POST",
        headers: { authorization: `Bearer ${server.token}`, "content-type": "application/json" },
        body: JSON.stringify(wanted),
      });
      const text = await response.text();
      assert.equal(response.status, 201, text);
    }
  };
  await Promise.all(Array.from({ length: together }, subscribe));
}

describe(`${many} subscriptions on one file`, () => {
  it("hear of one change within seconds, each of them, and memory stays flat", async (t) => {
    // By their ids: where machines are slow some time out, and come again.
    const heard = new Set<unknown>();
    await using listener = await httpListener((request, response) => {
      heard.add(request.headers["webhook-id"]);
      request.resume();
      response.end();
    });
    await using server = await runServer({ SIGNALBOX_MAX_SUBSCRIPTIONS_PER_USER: String(many + 10) });
    const resources = server.signalbox.resources("default");
    const { uuid } = await resources.register({ kind: "file", owner: "admin" });
    const url = `http://127.0.0.1:${listener.port}/`;
    await subscribeAll(server, { associatedUuid: uuid, event: "OVERWRITTEN", persistent: true, url });
    const told: number[] = [];
    const [bytes, resident]: [number[], number[]] = [[], []];
    for (let turn = 1; turn <= 3; turn += 1) {
      const sinceMs = performance.now();
      await resources.raise(uuid, "OVERWRITTEN");
      await until("all to hear of it", () => heard.size >= turn * many);
      told.push(performance.now() - sinceMs);
      await pause(50);
      resident.push(process.memoryUsage().rss);
      bytes.push(used());
    }
    assert.equal(heard.size, 3 * many);
    const mib = (all: readonly number[]) => all.map((one) => Math.round(one / 2 ** 20)).join(", ");
    t.diagnostic(
      `${many} heard within ${told.map((ms) => Math.round(ms)).join(", ")} ms; used ${mib(bytes)} MiB, resident ${mib(resident)} MiB`,
    );
    const [first = 0, , last = 0] = bytes;
    assert.ok(last - first < 32 * 2 ** 20, `memory grew: ${mib(bytes)} MiB`);
  });
});

describe("who watches everything of everybody", () => {
  it("hears each change once, and no echo of what they heard", async () => {
    const heard: string[] = [];
    await using listener = await httpListener((request, response) => {
      let body = "";
      request.setEncoding("utf8").on("data", (text: string) => {
        body += text;
      });
      request.on("end", () => {
        const { event, associatedUuid } = JSON.parse(body) as { event: string; associatedUuid: string };
        heard.push(`${event} ${associatedUuid.slice(-3)}`);
        response.end();
      });
    });
    await using server = await runServer();
    const ask = async (body: object): Promise<string> => {
      const response = await fetch(`${server.url}/notifications/v2/`, {
        method: "POST",
        headers: { authorization: `Bearer ${server.token}`, "content-type": "application/json" },
        body: JSON.stringify({ url: `http://127.0.0.1:${listener.port}/`, persistent: true, event: "*", ...body }),
      });
      const { result } = (await response.json()) as { result: { readonly id: string } };
      return result.id;
    };
    const all = await ask({ associatedUuid: "*" });
    // Somebody is told of what comes of that one, too, which is told to nobody else.
    await ask({ associatedUuid: all });
    const resources = server.signalbox.resources("default");
    const id = newUuid("job", { nowMs: Date.now(), bytes: new Uint8Array(10) });
    await resources.register({ kind: "job", id, owner: "admin" });
    await resources.raise(id, "RUNNING");
    // CREATED of the second subscription, of the job, and RUNNING; and of each of those SUCCESS, to the second.
    const expected: readonly string[] = ["CREATED 007", "CREATED 011", "RUNNING 007", ...Array(3).fill("SUCCESS 011")];
    await until("all of it", () => heard.length >= expected.length);
    await resources.raise(id, "FINISHED");
    await until("the rest", () => heard.length >= expected.length + 2);
    await pause(300);
    const counted = (all: readonly string[]) => Map.groupBy([...all].sort(), (one) => one);
    assert.deepEqual(counted(heard), counted([...expected, "FINISHED 007", "SUCCESS 011"]));
  });
});
