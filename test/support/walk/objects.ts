/** Buckets, files, rules, subscriptions of every face, what was sent and what was not. */
import type { Uuid } from "../../../src/domain/ids.ts";
import { freshId, freshUuid } from "../../../src/platform/deps.ts";
import type { Bucket } from "../../../src/store/records.ts";
import type { TestApi } from "../api.ts";
import type { Walk } from "../openapi-examples.ts";
import { ruleOn, sent } from "../sent.ts";

export async function walkObjects(walk: Walk): Promise<void> {
  const photos = await walk.api.bucket("photos");
  await buckets(walk);
  await files(walk, photos);
  await rules(walk);
  await subscriptions(walk);
  await destinations(walk);
  await deliveries(walk, photos);
  await alerts(walk);
}

async function buckets({ tell }: Walk): Promise<void> {
  const path = "/api/cloud/buckets/";
  await tell("GET", path);
  await tell("POST", path, { name: "drafts" });
  await tell("GET", `${path}drafts/`);
  const object = `${path}drafts/objects/?key=notes/monday.txt`;
  const headers = { "content-type": "text/plain", "x-signalbox-meta-author": "ada" };
  await tell("PUT", object, "Buy milk.\n", { headers });
  await tell("GET", object);
  await tell("DELETE", object);
  await tell("DELETE", `${path}drafts/`);
}

async function files({ tell, api }: Walk, photos: Bucket): Promise<void> {
  await object(api, photos);
  const { files } = await tell("GET", "/api/cloud/files/?bucket=photos");
  const [file] = files as readonly { readonly uuid: string }[];
  const path = `/api/cloud/files/${String(file?.uuid)}/`;
  await tell("GET", path);
  await tell("POST", `${path}rename/`, { key: "images/sunset.png" });
  const grants = `/api/cloud/resources/${photos.uuid}/pems/`;
  await tell("PUT", `${grants}ada/`, { permission: "write" });
  await tell("GET", `${grants}ada/`);
  await tell("GET", grants);
  await tell("DELETE", `${grants}ada/`);
}

/** As one that was uploaded through the S3 endpoint. */
async function object({ deps: { store, clock } }: TestApi, { uuid }: Bucket): Promise<void> {
  await store.commit({
    changes: [
      {
        do: "object.put",
        object: {
          bucket: uuid,
          key: "images/sunrise.png",
          uuid: freshUuid(clock, "file"),
          owner: "admin",
          version: freshId(clock),
          eTag: "9b2cf535f27731c974343645a3985328",
          pieces: [],
          checksums: {},
          headers: {},
          size: 48_211,
          contentType: "image/png",
          modifiedMs: clock.now(),
          userMetadata: { camera: "x100" },
          tags: { album: "summer" },
        },
      },
    ],
  });
}

async function rules({ tell }: Walk): Promise<void> {
  const path = "/api/cloud/buckets/photos/notifications/";
  const made = await tell("POST", path, {
    url: "https://receiver.example/hooks",
    filter: 'WHERE key REGEXP "^images/"',
    auth: { type: "basic", username: "signalbox", password: "EXAMPLE" },
  });
  const one = `${path}${String(made["id"])}/`;
  await tell("GET", one);
  await tell("PATCH", one, { max_retries: 5, ack: "2xx" });
  await tell("GET", path);
  await tell("POST", `${one}test/`);
  await tell("POST", `${path}check/`, {
    filter: 'WHERE key REGEXP "^images/"',
    event: { eventName: "OBJECT_CREATED_PUT", object: { key: "images/sunrise.png", size: 48_211 } },
  });
  await tell("POST", "/api/cloud/filters/check/", {
    face: "lifecycle",
    event: "PRE_USER_CREATE",
    filter: "email REGEXP '@example[.]com$'",
    against: { params: { username: "ada", email: "ada@example.org" } },
  });
  await tell("GET", "/api/cloud/filters/fields/?face=objects&bucket=photos");
  await tell("POST", `${one}rotate-secret/`);
  await tell("DELETE", one);
}

async function subscriptions({ tell }: Walk): Promise<void> {
  const path = "/api/cloud/subscriptions/";
  const made = await tell("POST", path, {
    event: "OBJECT_CREATED_PUT",
    bucket: "photos",
    target: { type: "webhook", url: "https://receiver.example/hooks" },
    max_retries: 5,
  });
  const one = `${path}${String(made["id"])}/`;
  await tell("GET", one);
  await tell("PATCH", one, { filter: 'WHERE key LIKE "images/%"' });
  await tell("GET", path);
  await tell("POST", `${one}rotate-secret/`);
  await tell("DELETE", one);
}

async function destinations({ tell }: Walk): Promise<void> {
  const path = "/api/cloud/destinations/";
  await tell("POST", path, {
    name: "images",
    target: { type: "webhook", url: "https://receiver.example/images", ack: "2xx" },
    max_retries: 5,
  });
  const one = `${path}images/`;
  await tell("GET", one);
  await tell("PATCH", one, { target: { timeout_ms: 5_000 } });
  await tell("GET", path);
  await tell("POST", `${one}test/`);
  await tell("POST", `${one}rotate-secret/`);
  await tell("DELETE", one);
}

async function deliveries(walk: Walk, photos: Bucket): Promise<void> {
  const { tell, api } = walk;
  const rule = await ruleOn(api, photos);
  api.clock.advance(1_000);
  const dead = await sent(api, photos, rule, "dead");
  api.clock.advance(1_000);
  const gone = await sent(api, photos, rule, "delivered");
  const path = "/api/cloud/deliveries/";
  await tell("GET", `${path}?bucket=photos`);
  await tell("GET", `${path}count/?bucket=photos&status=dead`);
  await tell("GET", `${path}${dead}/`);
  await tell("GET", `${path}${dead}/attempts/1/`);
  await tell("GET", "/api/cloud/explain/?bucket=photos&key=a.txt");
  await tell("GET", "/api/cloud/live/?topics=deliveries&cursor=oldest&until=now");
  await tell("GET", "/api/cloud/usage/");
  await tell("GET", "/api/cloud/overview/");
  await tell("GET", "/api/cloud/stats/?step=1h&by=outcome");
  const redrive = await tell("POST", `${path}redrive/`, { bucket: "photos" });
  await tell("GET", `${path}redrive/${String(redrive["id"])}/`);
  await tell("GET", `${path}redrive/`);
  await tell("DELETE", `${path}redrive/${String(redrive["id"])}/`);
  await tell("POST", `${path}${gone}/redrive/`);
  await paused(walk, { photos, rule: rule.uuid });
  await poisoned(walk);
}

/** As when its receiver has answered 410. */
async function paused(
  { tell, api }: Walk,
  { photos, rule }: { readonly photos: Bucket; readonly rule: Uuid },
): Promise<void> {
  const { store, clock } = api.deps;
  for (const path of [
    `/api/cloud/buckets/${photos.name}/notifications/${rule}/`,
    `/api/cloud/subscriptions/${rule}/`,
  ]) {
    const patch = { paused: { reason: "gone", sinceMs: clock.now() } } as const;
    await store.commit({ changes: [{ do: "subscription.change", uuid: rule, patch, atMs: clock.now() }] });
    await tell("POST", `${path}resume/`);
  }
}

/** As when the process did not survive its dispatch twice. */
async function poisoned({ tell, api: { deps } }: Walk): Promise<void> {
  const { store, clock } = deps;
  const last = (await store.events.after(0, 100)).at(-1);
  await store.commit({
    changes: [
      { do: "event.aside", tenant: "default", sequences: [last?.sequence ?? 0], state: "poisoned", atMs: clock.now() },
    ],
  });
  await tell("GET", "/api/cloud/poisoned/");
  await tell("POST", `/api/cloud/poisoned/${String(last?.id)}/redrive/`);
}

async function alerts({ tell }: Walk): Promise<void> {
  const path = "/api/cloud/alerts/";
  await tell("PUT", path, { target: { type: "email", address: "ops@example.org" } });
  await tell("GET", path);
  await tell("DELETE", path);
}
