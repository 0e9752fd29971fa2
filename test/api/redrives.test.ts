import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { parseUuid } from "../../src/domain/ids.ts";
import { testApi } from "../support/api.ts";
import { ruleOn, sent } from "../support/sent.ts";

const redrives = "/api/cloud/deliveries/redrive/";
describe("a redrive of many", () => {
  const jobsOf = ({ data }: { readonly data: Readonly<Record<string, unknown>> }) =>
    data["redrives"] as { id: string }[];

  it("says before what it would do, with the number, and begins nothing", async () => {
    await using api = await testApi();
    const [photos, videos] = [await api.bucket("photos", "ann"), await api.bucket("videos")];
    const [one, two] = [await ruleOn(api, photos), await ruleOn(api, videos)];
    for (let index = 0; index < 3; index++) await sent(api, photos, one);
    await sent(api, videos, two);
    await sent(api, videos, two, "delivered");
    const ann = await api.tokenOf("member", "ann");
    const dry = async (body: object, token = api.operator) => {
      const { status, data } = await api.ask("POST", redrives, { ...body, dry_run: true }, { token });
      return [status, data["dead_letters"], data["more"]];
    };
    assert.deepEqual(await dry({}), [202, 4, false]);
    assert.deepEqual(await dry({ bucket: "photos" }, ann), [202, 3, false]);
    assert.deepEqual(await dry({ rule: two.uuid }), [202, 1, false]);
    assert.deepEqual(await dry({ until: "2020-01-01T00:00:00Z" }), [202, 0, false]);
    assert.deepEqual((await dry({}, ann))[0], 400, "a member says which");
    assert.deepEqual((await dry({ rule: two.uuid }, ann))[0], 404);
    assert.deepEqual(api.redrives, []);
    assert.deepEqual(jobsOf(await api.ask("GET", redrives)), []);
    const begun = await api.ask("POST", redrives, { dry_run: false });
    assert.deepEqual([begun.status, begun.data["state"]], [202, "running"]);
    assert.equal((await api.ask("POST", redrives, { dry_run: "yes" })).status, 400);
  });

  it("goes at the pace that it was given, and says how far it is", async () => {
    await using api = await testApi();
    const photos = await api.bucket("photos");
    const rule = await ruleOn(api, photos);
    for (let index = 0; index < 3; index++) await sent(api, photos, rule);
    const begun = await api.ask("POST", redrives, { per_second: 2 });
    const progress = ({ data }: typeof begun) => [
      data["redriven"],
      data["looked_at"],
      data["left"],
      data["per_second"],
    ];
    assert.deepEqual(progress(begun), [0, 0, 3, 2]);
    const uuid = parseUuid(String(begun.data["id"])) ?? assert.fail();
    const step = () => api.deps.store.redrives.advanceRedrive(uuid, { max: 10, nowMs: api.clock.now() });
    const shown = async () => progress(await api.ask("GET", `${redrives}${uuid}/`));
    assert.equal((await step()).waitMs, 1_000);
    assert.deepEqual(await shown(), [2, 2, 1, 2]);
    await step();
    assert.deepEqual(await shown(), [3, 3, null, 2]);
    for (const per_second of [0, 100_001, "fast"]) {
      const { status, fields } = await api.ask("POST", redrives, { per_second });
      assert.deepEqual([status, fields[0]?.path], [400, "per_second"]);
    }
  });

  it("is listed and cancelled by who began it, and by admins", async () => {
    await using api = await testApi();
    const bucket = await api.bucket("photos", "ann");
    const rule = await ruleOn(api, bucket);
    await sent(api, bucket, rule);
    const [ann, ben, dev] = [
      await api.tokenOf("member", "ann"),
      await api.tokenOf("member", "ben"),
      await api.tokenOf("developer", "dev"),
    ];
    const begin = async (body: object, token: string) =>
      String((await api.ask("POST", redrives, body, { token })).data["id"]);
    const ofAnn = await begin({ bucket: "photos" }, ann);
    api.clock.advance(1);
    const ofRule = await begin({ rule: rule.uuid }, ann);
    api.clock.advance(1);
    const ofAll = await begin({}, api.operator);
    const listed = async (token: string) =>
      jobsOf(await api.ask("GET", redrives, undefined, { token })).map(({ id }) => id);
    assert.deepEqual(await listed(ann), [ofRule, ofAnn]);
    assert.deepEqual(await listed(ben), []);
    assert.deepEqual(await listed(dev), [ofRule, ofAnn], "not what an admin began over all");
    assert.deepEqual(await listed(api.operator), [ofAll, ofRule, ofAnn]);
    assert.deepEqual(
      (await api.all(redrives, "redrives", 2)).map(({ id }) => id),
      [ofAll, ofRule, ofAnn],
    );
    const cancel = async (id: string, token: string) => {
      const { status, data } = await api.ask("DELETE", `${redrives}${id}/`, undefined, { token });
      return [status, data["state"]];
    };
    assert.deepEqual(await cancel(ofAnn, ben), [404, undefined]);
    assert.deepEqual(await cancel(ofAll, ann), [404, undefined]);
    assert.deepEqual(await cancel(ofRule, dev), [403, undefined]);
    assert.deepEqual(await cancel(ofRule, ann), [200, "cancelled"]);
    assert.deepEqual(await cancel(ofAnn, api.operator), [200, "cancelled"]);
    assert.deepEqual(await cancel(ofAnn, ann), [409, undefined]);
    const uuid = parseUuid(ofAll);
    assert.ok(uuid);
    await api.deps.store.redrives.advanceRedrive(uuid, { max: 10, nowMs: api.clock.now() });
    const done = await api.ask("DELETE", `${redrives}${ofAll}/`);
    assert.deepEqual([done.status, done.message], [409, `redrive '${ofAll}' is done already`]);
  });
});
