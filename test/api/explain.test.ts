import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { newUuid, uuidV7 } from "../../src/domain/ids.ts";
import type { Bucket } from "../../src/store/records.ts";
import { type TestApi, testApi } from "../support/api.ts";
import { ruleOn, sent } from "../support/sent.ts";

interface Rule {
  readonly rule: string;
  readonly target: string;
  readonly to: string;
  readonly function_id: number | null;
  readonly standing: string;
  readonly matched: boolean | null;
  readonly reasons: readonly string[];
  readonly filter: string | null;
  readonly paused: { readonly reason: string; readonly until: string | null } | null;
  readonly said: string;
  readonly delivery: { readonly status: string; readonly attempts: readonly unknown[] } | null;
}
interface Told {
  readonly event: { readonly time: string; readonly name: string };
  readonly dispatch: string;
  readonly rules: readonly Rule[];
}

async function explain(api: TestApi, query: string, token = api.operator): Promise<readonly Told[]> {
  const { status, data, text } = await api.ask("GET", `/api/cloud/explain/?${query}`, undefined, { token });
  assert.equal(status, 200, text);
  return data["events"] as Told[];
}

/** An object written, a second after whatever was before, and dispatched to nobody. */
async function write(api: TestApi, bucket: Bucket, key = "a.txt"): Promise<void> {
  api.clock.advance(1_000);
  const timeMs = api.clock.now();
  const moment = { nowMs: timeMs, bytes: api.clock.bytes(10) };
  const commit = await api.deps.store.commit({
    events: [
      {
        id: uuidV7(moment),
        tenant: bucket.tenant,
        resource: newUuid("file", moment),
        scope: bucket.uuid,
        names: { objects: "OBJECT_CREATED_PUT", notifications: "UPLOADED" },
        owners: [bucket.owner],
        actor: "ann",
        origin: "s3",
        timeMs,
        data: { bucket: bucket.name, key, size: 5, reason: "PutObject" },
      },
    ],
  });
  assert.equal(commit.kind, "committed");
  api.clock.advance(1_000);
}

const rules = "/api/cloud/buckets/photos/notifications/";

describe("an explanation", () => {
  it("tells of each rule as it stood when the object was written: off, not yet made, of another filter", async () => {
    await using api = await testApi();
    const bucket = await api.bucket("photos");
    await write(api, bucket);
    const { data } = await api.ask("POST", rules, { url: "https://receiver.example/", filter: "size > 1" });
    const id = String(data["id"]);
    const patch = async (body: object) => assert.equal((await api.ask("PATCH", `${rules}${id}/`, body)).status, 200);
    await write(api, bucket);
    await patch({ enabled: false });
    await write(api, bucket);
    await patch({ enabled: true, filter: 'key REGEXP "^images" AND size > 9' });
    await write(api, bucket);
    await api.ask("DELETE", `${rules}${id}/`);
    await write(api, bucket);
    const told = await explain(api, "bucket=photos&key=a.txt");
    assert.deepEqual(
      told.map(({ event, rules: [rule] }) => [event.time.slice(17, 19), rule?.standing, rule?.matched, rule?.filter]),
      [
        ["09", "deleted", false, null],
        ["07", "live", false, 'key REGEXP "^images" AND size > 9'],
        ["05", "disabled", false, "size > 1"],
        ["03", "live", true, "size > 1"],
        ["01", "not_made", false, null],
      ],
    );
    const said = told.map(({ rules: [rule] }) => rule?.said ?? "");
    assert.match(said[0] ?? "", /did not match: it was not there any more: it had been deleted at 2026-01-01T00:00:08/);
    assert.match(
      said[1] ?? "",
      /^did not match: key REGEXP "\^images" is false: key is "a\.txt"; `Content-Length` > 9 is false: `Content-Length` is 5$/,
    );
    assert.match(said[2] ?? "", /^did not match: it was off: it had been disabled/);
    assert.match(said[3] ?? "", /^matches; nothing was tried yet: it is about to be dispatched$/);
    assert.match(said[4] ?? "", /^did not match: it was not there yet: it was made at 2026-01-01T00:00:02/);
    assert.deepEqual(await explain(api, "bucket=photos&key=other.txt"), []);
  });

  it("has the attempts of what was sent, and says that a rule was paused", async () => {
    await using api = await testApi();
    const bucket = await api.bucket("photos");
    const rule = await ruleOn(api, bucket);
    await sent(api, bucket, rule, "dead");
    api.clock.advance(1_000);
    const pause = { reason: "gone", sinceMs: api.clock.now() } as const;
    const change = {
      do: "subscription.change",
      uuid: rule.uuid,
      patch: { paused: pause },
      atMs: pause.sinceMs,
    } as const;
    await api.deps.store.commit({ changes: [change] });
    api.clock.advance(1_000);
    await sent(api, bucket, rule, "waiting");
    const [paused, dead] = await explain(api, "bucket=photos&key=a.txt");
    assert.deepEqual([dead?.dispatch, dead?.rules[0]?.delivery?.status], ["done", "dead"]);
    const where = ({ target, to, function_id }: Rule) => [target, to, function_id];
    assert.deepEqual(dead?.rules.map(where), [["webhook", "receiver.example", null]]);
    assert.equal(dead?.rules[0]?.delivery?.attempts.length, 1);
    assert.equal(
      dead?.rules[0]?.said,
      "matched, and is a dead letter (status) after 1 attempt, the last: answered 500",
    );
    assert.deepEqual([dead?.rules[0]?.paused, paused?.rules[0]?.delivery?.status], [null, "paused"]);
    assert.match(
      paused?.rules[0]?.said ?? "",
      /waits because the rule is paused.*it was paused \(gone\) from 2026-01-01T00:00:01/,
    );
    api.clock.advance(1_000);
    await api.ask("POST", `${rules}${rule.uuid}/resume/`);
    const [after] = await explain(api, "bucket=photos&key=a.txt");
    assert.deepEqual(
      [after?.rules[0]?.paused?.reason, after?.rules[0]?.paused?.until, after?.rules[0]?.delivery?.status],
      ["gone", "2026-01-01T00:00:03.000Z", "waiting"],
    );
  });

  it("says which event a rule is for when that is another, and that an owner did not see the object", async () => {
    await using api = await testApi();
    const bucket = await api.bucket("photos");
    const add = async (body: object) => {
      const target = { type: "webhook", url: "https://receiver.example/" };
      const { status, text } = await api.ask("POST", "/api/cloud/subscriptions/", { ...body, target });
      assert.equal(status, 201, text);
    };
    await add({ event: "OBJECT_DELETED", bucket: "photos" });
    await add({ face: "notifications", event: "*", resource: bucket.uuid });
    await sent(api, bucket, await ruleOn(api, bucket), "delivered");
    const [told] = await explain(api, "bucket=photos&key=a.txt");
    assert.deepEqual(
      told?.rules.map(({ said }) => said),
      [
        "did not match: it was subscribed to OBJECT_DELETED, and the event is OBJECT_CREATED_PUT",
        "did not match: it was subscribed to *, and the event has no name on its face",
        "matched, and was delivered after 1 attempt",
      ],
    );
  });

  it("looks around an instant, and goes on page by page", async () => {
    await using api = await testApi();
    const bucket = await api.bucket("photos");
    for (let index = 0; index < 3; index++) {
      await write(api, bucket);
      api.clock.advance(598_000);
    }
    const times = (told: readonly Told[]): string[] => told.map(({ event }) => event.time.slice(11, 19));
    assert.deepEqual(times(await explain(api, "bucket=photos&key=a.txt")), ["00:20:01", "00:10:01", "00:00:01"]);
    const at = async (instant: string) => times(await explain(api, `bucket=photos&key=a.txt&at=${instant}`));
    assert.deepEqual(await at("2026-01-01T00:12:00Z"), ["00:10:01"]);
    assert.deepEqual(await at("2026-01-01T00:16:00Z"), ["00:20:01"]);
    assert.deepEqual(await at("2026-01-01T05:00:00Z"), []);
    const found: string[] = [];
    for (let cursor = ""; ; ) {
      const { data } = await api.ask("GET", `/api/cloud/explain/?bucket=photos&key=a.txt&limit=2${cursor}`);
      found.push(...times(data["events"] as Told[]));
      const next = data["next_cursor"];
      if (typeof next !== "string") break;
      cursor = `&cursor=${next}`;
    }
    assert.deepEqual(found, ["00:20:01", "00:10:01", "00:00:01"]);
  });

  it("is for who may read the bucket, and tells each of what they know of", async () => {
    await using api = await testApi();
    const bucket = await api.bucket("photos", "ann");
    const rule = await ruleOn(api, bucket);
    await sent(api, bucket, rule, "dead");
    const [ann, ben] = [await api.tokenOf("member", "ann"), await api.tokenOf("member", "ben")];
    const query = "bucket=photos&key=a.txt";
    assert.equal((await explain(api, query, ann))[0]?.rules.length, 1);
    const refused = await api.ask("GET", `/api/cloud/explain/?${query}`, undefined, { token: ben });
    assert.equal(refused.status, 404);
    await api.ask("PUT", `/api/cloud/resources/${bucket.uuid}/pems/ben/`, { permission: "read" }, { token: ann });
    assert.deepEqual((await explain(api, query, ben))[0]?.rules, [], "a grant shows the object, never who listens");
    for (const [bad, field] of [
      ["bucket=photos", "key"],
      ["key=a.txt", "bucket"],
      [`${query}&at=yesterday`, "at"],
      [`${query}&limit=21`, "limit"],
    ] as const) {
      const { status, fields } = await api.ask("GET", `/api/cloud/explain/?${bad}`);
      assert.deepEqual([status, fields[0]?.path], [400, field]);
    }
  });
});
