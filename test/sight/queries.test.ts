import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import {
  bucketName,
  type CallerName,
  callerNames,
  key,
  openName,
  type Scene,
  sees,
  sightScene,
  type Thing,
  things,
} from "./scene.ts";

/**
 * What a query names that its caller may not see must answer as what is not there does: in the same words, with as many entries. A
 * parameter that none of these lists knows fails the test.
 */

/** By parameter: what finds a thing, and what finds nothing. */
type Finding = (scene: Scene, thing: Thing) => readonly (readonly [finds: string, nothing: string])[];

/** Another uuid of its kind that nobody has. */
const other = (uuid: string): string => uuid.replace(/^[0-9a-f]{8}/, "0fffffff");
const ofId: Finding = ({ id }, thing) => [[id[thing], other(id[thing])]];
const bucketNames: Readonly<Partial<Record<Thing, readonly [string, string]>>> = {
  bucket: [bucketName, "no-buckets"],
  open: [openName, "no-open-bucket"],
  foreign: ["foreign-bucket", "missing-bucket"],
};
const ofBucketName: Finding = (_, thing) => (bucketNames[thing] === undefined ? [] : [bucketNames[thing]]);
const nothing: Finding = () => [];
const owners: Readonly<Partial<Record<Thing, string>>> = {
  watcher: "wil",
  systemWatcher: "una",
  notification: "mia",
  mail: "mia",
  webhook: "dora",
};
const ofOwner: Finding = (_, thing) => (owners[thing] === undefined ? [] : [[owners[thing], "nob"]]);
const ofUrl: Finding = (_, thing) => [[thing, `not-${thing.length}`]];

/** Of what they find there is never a page of another's, only more or less of one's own. */
const plain = [
  "limit",
  "offset",
  "cursor",
  "at",
  "since",
  "until",
  "from",
  "to",
  "pretty",
  "naked",
  "include",
  "step",
  "measure",
  "by",
  "order",
  "version",
  "filter",
  "where",
  "topics",
  "payload",
  "created",
  "lastUpdated",
  "language",
];
const kinds = [
  // Operators alone have one besides their own.
  "tenant",
  "face",
  "event",
  "event_type",
  "target",
  // All of a tenant see its destinations; who goes there is told of as without it.
  "destination",
  "status",
  "trigger",
  "persistent",
  "visible",
  "eventName",
  "provider",
  "reason",
  "http_status",
  "target_host",
  "min_attempts",
  "deliveries",
  "outcome",
];
const counted = ["attempts", "attemptNumber", "scheduledTime", "startTime", "endTime", "response.code"];
const finding: Readonly<Record<string, Finding>> = {
  ...Object.fromEntries([...plain, ...kinds, ...counted].map((name) => [name, nothing])),
  ...Object.fromEntries(
    ["retryStrategy", "retryRate", "retryLimit", "retryDelay", "saveOnFailure"].map((name) => [
      `policy.${name}`,
      nothing,
    ]),
  ),
  resource: ofId,
  rule: ofId,
  subscription: ofId,
  id: ofId,
  notificationId: ofId,
  associatedUuid: (scene, thing) => [
    ...ofId(scene, thing),
    ...(thing === "bucket" ? [[scene.file, other(scene.file)] as const] : []),
  ],
  bucket: ofBucketName,
  key: (_, thing) => (thing === "bucket" ? [[key, "no-such-key-of-hers.txt"]] : []),
  delimiter: (_, thing) => (thing === "bucket" ? [["-", "?"]] : []),
  prefix: (_, thing) => (thing === "bucket" ? [["marked", "absent"]] : []),
  owner: ofOwner,
  principal: ofOwner,
  url: ofUrl,
  "response.message": ofUrl,
  key_prefix: (_, thing) => (thing === "bucket" ? [[key, "no-such-key-of-hers.txt"]] : []),
  function: ({ fn }, thing) => (thing === "hook" ? [[String(fn.id), "999999"]] : []),
  function_id: ({ fn }, thing) => (thing === "hook" ? [[String(fn.id), "999999"]] : []),
  where: nothing,
  username: nothing,
  email: nothing,
  app: (_, thing) => (thing === "hook" ? [["marked-app", "no-such-app"]] : []),
};

/** Searched for by every operator. */
const texts = new Set(["url", "owner", "response.message"]);

/** Of the notifications face; `*` and `.` stand around what is looked for. */
const searches: readonly ((finds: string) => readonly [op: string, value: string])[] = [
  (finds) => ["", finds],
  (finds) => [".like", `*${finds}*`],
  (finds) => [".nlike", `*${finds}*`],
  (finds) => [".rlike", `.*${finds}.*`],
  (finds) => [".neq", finds],
  (finds) => [".in", finds],
  (finds) => [".nin", finds],
];

describe("what queries find", () => {
  let scene: Scene;
  let lists: readonly { readonly path: string; readonly parameters: readonly string[] }[] = [];
  before(async () => {
    scene = await sightScene();
    const { text } = await scene.ask("nobody", "GET", "/openapi.json");
    const { paths } = JSON.parse(text) as {
      paths: Record<string, { get?: { parameters?: readonly { readonly name: string; readonly in: string }[] } }>;
    };
    lists = Object.entries(paths).flatMap(([path, { get }]) => {
      const parameters = (get?.parameters ?? []).flatMap((one) => (one.in === "query" ? [one.name] : []));
      return parameters.length === 0 ? [] : [{ path, parameters }];
    });
  });
  after(() => scene[Symbol.asyncDispose]());

  /** Without what differs from one request to the next, and in a refusal what was asked for. */
  async function answered(caller: CallerName, path: string, said: string): Promise<string> {
    const { status, text } = await scene.ask(caller, "GET", path);
    return `${status} ${status === 200 ? text.replaceAll(/"\w+_cursor":"[^"]*"|^id: .*$/gm, "") : text.replaceAll(said, "<said>")}`;
  }

  const pathOf = (template: string): string =>
    template
      .replace("/api/apps/{app}/functions/{fn}/", scene.fn.path)
      .replace("{app}", "marked-app")
      .replace("{bucket}", bucketName)
      .replace("{uuid}", scene.id.notification);

  /** Where somebody who does not see the thing is told something else of it than of nothing. */
  async function compared(
    asked: string,
    thing: Thing,
    searched: readonly (readonly [op: string, value: string])[],
  ): Promise<readonly string[]> {
    const bucket = asked.startsWith("/api/cloud/files/?") && !asked.includes("?bucket") ? `&bucket=${bucketName}` : "";
    // What has no end is asked for what has happened.
    const end = asked.startsWith("/api/cloud/live/") ? "&until=now" : "";
    const hidden = callerNames.filter((caller) => caller !== "nobody" && !sees(caller, thing));
    const faults: string[] = [];
    for (const caller of hidden) {
      const answers: string[] = [];
      for (const [op, value] of searched) {
        answers.push(await answered(caller, `${asked}${op}=${encodeURIComponent(value)}${bucket}${end}`, value));
      }
      const [is, isNot] = answers;
      if (is !== isNot) faults.push(`${caller}: ${asked}${String(searched[0])} (${thing}): ${is} | ${isNot}`);
    }
    return faults;
  }

  it("is known of every parameter", () => {
    const unknown = lists.flatMap(({ path, parameters }) =>
      parameters.filter((name) => finding[name] === undefined).map((name) => `${path}?${name}`),
    );
    assert.deepEqual(unknown, []);
  });

  it("is the same for what is hidden and for what is not there", async () => {
    const faults: string[] = [];
    for (const { path: template, parameters } of lists) {
      const isFace = template.startsWith("/notifications/");
      for (const thing of things) {
        for (const name of parameters) {
          for (const told of finding[name]?.(scene, thing) ?? []) {
            for (const search of isFace && texts.has(name) ? searches : searches.slice(0, 1)) {
              faults.push(...(await compared(`${pathOf(template)}?${name}`, thing, told.map(search))));
            }
          }
        }
      }
    }
    assert.deepEqual(faults, []);
  });

  it("is no more where another's cursor goes on", async () => {
    const faults: string[] = [];
    for (const { path, parameters } of lists) {
      if (!parameters.includes("cursor") || path.includes("{")) continue;
      const query = path.endsWith("/files/") ? `&bucket=${bucketName}` : "";
      const first = await scene.ask("operator", "GET", `${path}?limit=1${query}`);
      const cursor = /"next_cursor":"([^"]*)"/.exec(first.text)?.[1];
      if (cursor === undefined) continue;
      for (const caller of callerNames) {
        const { text } = await scene.ask(caller, "GET", `${path}?limit=100&cursor=${cursor}${query}`);
        for (const thing of things) {
          if (sees(caller, thing)) continue;
          const leaked = scene.marks[thing].find((mark) => text.includes(mark));
          if (leaked !== undefined) faults.push(`${caller}: ${path}: ${leaked}`);
        }
      }
    }
    assert.deepEqual(faults, []);
  });
});
