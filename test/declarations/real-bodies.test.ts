/** What a real server sends and runs functions with, held to the types that it writes: nothing is missing, and nothing is told that no type has. */
import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import { DeleteObjectCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import { Ajv2020 } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import { HostClient } from "../../src/client/index.ts";
import { additiveFields } from "../../src/targets/formats/object.ts";
import { hostToken } from "../clients/hosted.ts";
import { type RunningServer, runServer } from "../support/in-process.ts";
import { until } from "../support/until.ts";
import { type Received, webhookReceiver } from "../support/webhooks.ts";

type Schema = Readonly<Record<string, unknown>>;

/** The same, of which an object has no other properties than those that it names. */
function closed(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(closed);
  if (typeof schema !== "object" || schema === null) return schema;
  const inner = Object.fromEntries(Object.entries(schema).map(([name, value]) => [name, closed(value)]));
  const isWhole = "properties" in schema && !("additionalProperties" in schema) && !("allOf" in schema);
  return isWhole ? { ...inner, additionalProperties: false } : inner;
}

async function takingOf(server: RunningServer): Promise<(name: string, body: unknown) => void> {
  const { text } = await server.api<{ readonly text: string }>("GET", "/api/cloud/types/?language=json-schema");
  const { $defs, ...document } = JSON.parse(text) as { readonly $defs: Readonly<Record<string, Schema>> };
  // Of jobs the fields themselves stand beside those of the event.
  const all = Object.entries($defs).map(([name, one]) => [name, "allOf" in one ? one : closed(one)]);
  const ajv = new Ajv2020({ strict: true, strictRequired: false, allowUnionTypes: true, code: { optimize: false } });
  addFormats.default(ajv);
  ajv.addSchema({ ...document, $defs: Object.fromEntries(all) as object }, "types");
  return (name, body) => {
    const takes = ajv.compile({ $ref: `types#/$defs/${name}` });
    assert.ok(takes(body), `${name} of ${JSON.stringify(body)}: ${JSON.stringify(takes.errors)}`);
  };
}

const paths = [
  "objects",
  "fields",
  "s3",
  "objects-ce",
  "lifecycle",
  "lifecycle-ce",
  "job",
  "file",
  "file-ce",
  "bucket",
  "profile",
  "function",
  "watched",
] as const;

describe("types of what is sent", () => {
  const heard = new Map<string, Received[]>();
  let takes: (name: string, body: unknown) => void;
  let results: readonly Schema[] = [];

  before(async () => {
    await using opened = new AsyncDisposableStack();
    const receiver = opened.use(await webhookReceiver());
    const server = opened.use(await runServer({ SIGNALBOX_HOST_LISTEN: "127.0.0.1:0" }));
    const host = new HostClient({ url: server.signalbox.hostUrl ?? "", token: await hostToken(server) });
    const { s3 } = server;
    const api = <T>(method: string, path: string, body?: unknown): Promise<T> => server.api<T>(method, path, body);
    const subscribe = (path: string, body: object, target: object = {}): Promise<{ readonly id: string }> =>
      api("POST", "/api/cloud/subscriptions/", {
        ...body,
        target: { type: "webhook", url: `${receiver.url}/${path}`, ...target },
      });
    await api("POST", "/api/cloud/buckets/", { name: "photos" });
    await host.api.registerResources({
      body: { resources: [{ uuid: "night-1-007", kind: "job", owner: "ada", data: { name: "night" } }] },
    });

    await api("POST", "/api/apps/", { name: "Shop" });
    const fn = await api<{ readonly id: number; readonly uuid: string }>("POST", "/api/apps/shop/functions/", {
      name: "Echo",
      code: "export default (event) => event;",
    });
    const echo = { target: { type: "function", function_id: fn.id } };
    await api("POST", "/api/cloud/events/POST_USER_CREATE/subscribe/", { function_id: fn.id });
    await api("POST", "/api/cloud/subscriptions/", { event: "*", bucket: "photos", ...echo });
    await api("POST", "/api/cloud/subscriptions/", {
      face: "notifications",
      event: "RUNNING",
      resource: "night-1-007",
      ...echo,
    });

    const rule = (path: string, more: object): Promise<unknown> =>
      api("POST", "/api/cloud/buckets/photos/notifications/", { url: `${receiver.url}/${path}`, ...more });
    await rule("objects", {});
    await rule("fields", { fields: additiveFields });
    await rule("s3", { format: "s3" });
    await rule("objects-ce", { format: "cloudevents" });
    await subscribe("lifecycle", { event: "POST_USER_CREATE" });
    await subscribe("lifecycle-ce", { event: "POST_OBJECT_PUT" }, { format: "cloudevents" });
    const ofResources = { face: "notifications", event: "*" };
    await subscribe("job", { ...ofResources, resource: "night-1-007" });
    const watched = await subscribe("bucket", { ...ofResources, resource: await uuidOf(server) });
    await subscribe("watched", { ...ofResources, resource: watched.id });
    await subscribe("function", { ...ofResources, resource: fn.uuid });

    await s3.send(
      new PutObjectCommand({
        Bucket: "photos",
        Key: "a.jpg",
        Body: "a",
        Metadata: { colour: "blue" },
        Tagging: "kind=cat",
      }),
    );
    const { files } = await api<{ readonly files: readonly { readonly uuid: string }[] }>(
      "GET",
      "/api/cloud/files/?bucket=photos&key=a.jpg",
    ).then((found) => ("files" in found ? found : { files: [found as unknown as { readonly uuid: string }] }));
    await subscribe("file", { ...ofResources, resource: files[0]?.uuid });
    await subscribe("file-ce", { ...ofResources, resource: files[0]?.uuid }, { format: "cloudevents" });
    await s3.send(new PutObjectCommand({ Bucket: "photos", Key: "a.jpg", Body: "b" }));
    await s3.send(new DeleteObjectCommand({ Bucket: "photos", Key: "a.jpg" }));
    const user = await api<{ readonly id: number; readonly uuid: string }>("POST", "/api/cloud/users/", {
      username: "grace",
      email: "grace@example.com",
    });
    await subscribe("profile", { ...ofResources, resource: user.uuid });
    await api("PATCH", `/api/cloud/users/${user.id}/`, { first_name: "Grace" });
    await host.api.raiseEvent({ uuid: "night-1-007", body: { event: "RUNNING", data: { status: "RUNNING" } } });
    await api("PATCH", "/api/apps/shop/functions/echo/", { timeout_ms: 1_000 });
    await api("PATCH", `/api/cloud/subscriptions/${watched.id}/`, { enabled: false });

    const invocations = "/api/cloud/invocations/?status=succeeded";
    await until("all are sent, and all have run", async () => {
      for (const path of paths)
        heard.set(
          path,
          receiver.received.filter((one) => one.path === `/${path}`),
        );
      const done = await api<{ readonly invocations: readonly { readonly id: number; readonly event_type: string }[] }>(
        "GET",
        invocations,
      );
      const ran = new Set(done.invocations.map(({ event_type: type }) => type));
      const all = [...heard.values()].every((some) => some.length > 0);
      if (
        !all ||
        !["POST_USER_CREATE", "OBJECT_CREATED_PUT", "OBJECT_DELETED", "RUNNING"].every((type) => ran.has(type))
      )
        return false;
      results = await Promise.all(
        done.invocations.map(
          async ({ id }) => (await api<{ readonly result: Schema }>("GET", `/api/cloud/invocations/${id}/`)).result,
        ),
      );
      return true;
    });
    takes = await takingOf(server);
  });

  const bodies = (path: (typeof paths)[number]): readonly unknown[] =>
    (heard.get(path) ?? []).map(({ body }) => JSON.parse(body) as unknown);

  for (const [path, ...names] of [
    ["objects", "ObjectNotification"],
    ["fields", "ObjectNotification"],
    ["s3", "S3Notification"],
    ["objects-ce", "ObjectCloudEvent"],
    ["lifecycle", "LifecycleNotification", "PostUserCreateEvent"],
    ["lifecycle-ce", "LifecycleCloudEvent"],
    ["job", "JobNotification", "ResourceNotification"],
    ["file", "FileNotification"],
    ["file-ce", "ResourceCloudEvent"],
    // What happens to a file is told to who watches its bucket as that of a file.
    ["bucket", "FileNotification"],
    ["profile", "ProfileNotification"],
    ["function", "FunctionNotification"],
    ["watched", "SubscriptionNotification"],
  ] as const) {
    it(`take what ${path} is sent as ${names.join(" and ")}`, () => {
      for (const name of names) for (const body of bodies(path)) takes(name, body);
    });
  }

  it("take what functions get", () => {
    for (const result of results) {
      const { event_type: type, params } = result as { readonly event_type: string; readonly params: unknown };
      if (type === "POST_USER_CREATE") takes("PostUserCreateEvent", result);
      else if (type.startsWith("OBJECT_")) takes("ObjectParams", params);
      else takes("JobEventParams", params);
    }
    assert.ok(results.length >= 4);
  });

  it("refuse what is not sent", () => {
    const [body] = bodies("objects") as readonly { readonly events: readonly object[] }[];
    for (const change of [{ eventName: "OBJECT_MADE" }, { eventTime: 1 }, { object: {} }, { more: true }]) {
      const events = body?.events.map((event) => ({ ...event, ...change }));
      assert.throws(() => takes("ObjectNotification", { events }), assert.AssertionError);
    }
    const [job] = bodies("job") as readonly Schema[];
    assert.throws(() => takes("JobNotification", { ...job, sequence: 1 }), assert.AssertionError);
    const [user] = bodies("lifecycle") as readonly Schema[];
    assert.throws(
      () => takes("LifecycleNotification", { ...user, event_type: "POST_USER_UPDATED" }),
      assert.AssertionError,
    );
  });
});

async function uuidOf(server: RunningServer): Promise<string> {
  const { buckets } = await server.api<{ readonly buckets: readonly { readonly uuid: string }[] }>(
    "GET",
    "/api/cloud/buckets/",
  );
  return buckets[0]?.uuid ?? "";
}
