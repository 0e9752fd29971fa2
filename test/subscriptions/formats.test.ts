/** Formats of webhooks on every face: what is sent, what is shown of it, what trials send, and what is refused. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { until } from "../support/until.ts";
import { type AtWork, atWork } from "./at-work.ts";

interface FormatFace {
  readonly name: string;
  readonly about: (at: AtWork) => object;
  readonly type: string;
  /** What the documented payload holds of a `cat`. */
  readonly told: (data: Readonly<Record<string, unknown>>) => unknown;
}

const faces: readonly FormatFace[] = [
  {
    name: "objects",
    about: () => ({ event: "OBJECT_CREATED_PUT", bucket: "pictures" }),
    type: "OBJECT_CREATED_PUT",
    told: ({ object }) => (object as { key: string }).key,
  },
  {
    name: "lifecycle",
    about: () => ({ event: "POST_USER_CREATE" }),
    type: "POST_USER_CREATE",
    told: ({ params }) => (params as { username: string }).username,
  },
  {
    name: "notifications",
    about: ({ bucket }) => ({ event: "CONTENT_CHANGED", resource: bucket }),
    type: "CONTENT_CHANGED",
    told: ({ file }) => (file as { name: string }).name,
  },
];

interface Detail {
  readonly request: {
    readonly body: string;
    readonly headers: readonly { readonly name: string; readonly value: string | null }[];
  } | null;
}

describe("formats", () => {
  it("put the documented payload of each face into CloudEvents of both modes, and past attempts are shown so", async () => {
    await using at = await atWork();
    for (const { name, about } of faces) {
      for (const format of ["cloudevents", "cloudevents-binary"]) {
        const target = { type: "webhook", url: `${at.hook}/${name}/${format}`, format };
        await at.subscribe({ ...about(at), target });
      }
    }
    await at.put("cat");
    await at.user("cat");
    const got = await at.heardTimes(6);
    for (const { name, type, told } of faces) {
      const [whole, parts] = ["cloudevents", "cloudevents-binary"].map((format) =>
        got.find(({ path }) => path === `/${name}/${format}`),
      );
      assert.equal(whole?.headers["content-type"], "application/cloudevents+json");
      assert.deepEqual([whole.body["type"], whole.body["delivery"]], [type, whole.headers["webhook-id"]]);
      assert.equal(told(whole.body["data"] as never), "cat");
      assert.deepEqual([parts?.headers["content-type"], parts?.headers["ce-type"]], ["application/json", type]);
      assert.equal(parts?.headers["ce-id"], whole.body["id"], "one event is one CloudEvent");
      assert.notEqual(parts?.headers["webhook-id"], whole.headers["webhook-id"]);
      assert.equal(told(parts?.body ?? {}), "cat");

      const path = `/api/cloud/deliveries/${String(whole.headers["webhook-id"])}/attempts/1/`;
      let detail: Detail | undefined;
      await until("the attempt is recorded", async () => {
        detail = await at.server.api<Detail>("GET", path).catch(() => undefined);
        return detail !== undefined;
      });
      const { request } = detail ?? {};
      assert.deepEqual(JSON.parse(request?.body ?? ""), whole.body);
      const shown = request?.headers.find((header) => header.name === "content-type");
      assert.equal(shown?.value, "application/cloudevents+json");
    }
  });
});

it("S3's records are for the objects face, and say so in the field's own words", async () => {
  await using at = await atWork();
  const target = { type: "webhook", url: at.hook, format: "s3" };
  for (const face of faces.slice(1)) {
    await assert.rejects(at.subscribe({ ...face.about(at), target }), /target\.format.*choose signalbox, cloudevents/);
  }
  const { id } = await at.subscribe({ event: "*", bucket: "pictures", target: { ...target, compression: null } });
  const path = `/api/cloud/subscriptions/${id}/`;
  const change = (changed: object): Promise<{ target: object }> => at.server.api("PATCH", path, { target: changed });
  await assert.rejects(change({ fields: ["reason"] }), /target\.fields.*leave them out/);
  const both = await change({ fields: ["reason"], format: "cloudevents", compression: "gzip", handshake: true });
  const later = await change({ format: null, compression: null, handshake: false });
  const shownOf = ({ target: shown }: { target: object }): object => {
    const { format, compression, handshake, fields } = shown as Readonly<Record<string, unknown>>;
    return { format, compression, handshake, fields };
  };
  assert.deepEqual(shownOf(both), { format: "cloudevents", compression: "gzip", handshake: true, fields: ["reason"] });
  assert.deepEqual(shownOf(later), { format: "signalbox", compression: null, handshake: false, fields: ["reason"] });
  await assert.rejects(change({ format: "s3" }), /target\.fields.*leave them out/);
});

it("a rule is tried in its format, and shows what was sent", async () => {
  await using at = await atWork();
  const rules = "/api/cloud/buckets/pictures/notifications/";
  for (const format of ["s3", "cloudevents"]) {
    const { id } = await at.server.api<{ id: string }>("POST", rules, { url: `${at.hook}/${format}`, format });
    const { request } = await at.server.api<Detail>("POST", `${rules}${id}/test/`);
    const got = at.heard.at(-1);
    assert.equal(got?.path, `/${format}`);
    assert.deepEqual(JSON.parse(request?.body ?? ""), got?.body);
    const mark = format === "s3" ? got?.body["Event"] : got?.body["test"];
    assert.equal(mark, format === "s3" ? "s3:TestEvent" : true);
  }
});
