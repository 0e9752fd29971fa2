/** One server with things of several owners, each of which leaves its mark in whatever tells of it. */
import assert from "node:assert/strict";
import { runServer } from "../support/in-process.ts";
import { httpListener } from "../support/listeners.ts";
import type { Credentials } from "../support/s3.ts";
import { send } from "../support/sign.ts";
import { until } from "../support/until.ts";

/** Who asks. `wil` and `wes` hold a grant to read and to write on mia's bucket, and nothing else. */
export const callerNames = [
  "nobody",
  "operator",
  "operatorElsewhere",
  "admin",
  "developer",
  "mia",
  "wil",
  "wes",
  "una",
  "foreigner",
] as const;
export type CallerName = (typeof callerNames)[number];
export const roleOf: Readonly<Record<CallerName, string>> = {
  nobody: "",
  operator: "operator",
  operatorElsewhere: "operator",
  admin: "admin",
  developer: "developer",
  mia: "member",
  wil: "member",
  wes: "member",
  una: "member",
  foreigner: "admin",
};

const admins = ["operator", "admin"] as const;
/** What there is, and who may know of it; nobody else may read a mark of it in any answer. */
export const seenBy = {
  /** Mia's bucket and the file in it. */
  bucket: [...admins, "developer", "mia", "wil", "wes"],
  /** Another bucket of hers, with a file in it, which she shared with everybody of the tenant. */
  open: [...admins, "developer", "mia", "wil", "wes", "una"],
  /** Her job on a system of the host's that everybody sees. */
  job: [...admins, "mia"],
  /** What una watches: that system, and nobody's jobs on it. */
  systemWatcher: [...admins, "una"],
  /** A rule of that bucket, which mia made. */
  rule: [...admins, "developer", "mia"],
  /** A rule of that bucket, which an admin made. */
  adminsRule: [...admins, "developer", "mia"],
  /** A rule of an admin for all buckets. */
  ruleForAll: [...admins],
  /** Mia's notification about her file, to a webhook, and one by mail. */
  notification: [...admins, "mia"],
  mail: [...admins, "mia"],
  /** Of the one who may read mia's bucket: what a mere watcher is told. */
  watcher: [...admins, "wil"],
  /** A function that hears of new users, and how it ran. */
  hook: [...admins, "developer"],
  /** A webhook of another developer that hears of them. */
  webhook: [...admins],
  /** A file's rule in another tenant. */
  foreign: ["operatorElsewhere", "foreigner"],
} as const satisfies Readonly<Record<string, readonly CallerName[]>>;
export type Thing = keyof typeof seenBy;
export const things = Object.keys(seenBy) as Thing[];
/** Those that are subscriptions. */
const resources: readonly Thing[] = ["bucket", "open", "job"];
export const subscriptions = things.filter((thing) => !resources.includes(thing));

export function sees(caller: CallerName, thing: Thing): boolean {
  return (seenBy[thing] as readonly CallerName[]).includes(caller);
}

export interface Asked {
  readonly status: number;
  readonly text: string;
}

export interface Scene extends AsyncDisposable {
  /** Bytes that only answers about the thing hold: its uuid, its receiver's answer, its address. */
  readonly marks: Readonly<Record<Thing, readonly string[]>>;
  /** Uuids of subscriptions, and of the bucket. */
  readonly id: Readonly<Record<Thing, string>>;
  /** One of each subscription. */
  readonly delivery: Readonly<Record<Thing, string>>;
  /** Jobs; `everything` is an admin's over all that the tenant has. */
  readonly redrive: Readonly<Record<"rule" | "notification" | "watcher" | "everything", string>>;
  readonly file: string;
  /** Of the host's, that everybody of the tenant sees. */
  readonly system: string;
  readonly fn: { readonly path: string; readonly id: number; readonly subscriber: number; readonly invocation: number };
  readonly mailName: string;
  readonly user: string;
  readonly s3Port: number;
  readonly keys: Readonly<Partial<Record<CallerName, Credentials>>>;
  ask(caller: CallerName, method: string, path: string, body?: unknown): Promise<Asked>;
}

export const bucketName = "mias-bucket";
export const openName = "mias-open-bucket";
export const key = "marked-key-of-mia.txt";
export const appSlug = "marked-app";

type Body = Readonly<Record<string, unknown>>;

export async function sightScene(): Promise<Scene> {
  await using made = new AsyncDisposableStack();
  const receiver = made.use(
    await httpListener((request, response) => {
      request.resume();
      response.statusCode = 500;
      response.end(`answer-of-${(request.url ?? "").slice(1)}-here`);
    }),
  );
  const server = made.use(await runServer({ SIGNALBOX_MAIL_CONFIRM: "off" }));
  const tokens = new Map<string, string>([
    ["operator", server.token],
    ["operatorElsewhere", server.token],
  ]);
  const ask: Scene["ask"] = async (caller, method, path, body) => {
    const token = tokens.get(caller);
    const answer = await fetch(new URL(path, server.url), {
      method,
      headers: {
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...(caller === "operatorElsewhere" ? { "x-signalbox-tenant": "elsewhere" } : {}),
        ...(body === undefined ? {} : { "content-type": "application/json" }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: answer.status, text: await answer.text() };
  };
  const must = async <T extends Body>(caller: string, method: string, path: string, body?: unknown): Promise<T> => {
    const { status, text } = await ask(caller as CallerName, method, path, body);
    assert.ok(status < 300, `${caller} ${method} ${path}: ${status} ${text}`);
    const answer = JSON.parse(text) as Body;
    return (answer["data"] ?? answer["result"] ?? answer) as T;
  };

  await must("operator", "POST", "/api/cloud/tenants/", { id: "elsewhere", name: "Elsewhere" });
  const keys: Partial<Record<string, Credentials>> = {};
  const people = { admin: "admin", developer: "developer", dora: "developer", mia: "member", wil: "member" } as const;
  for (const [name, role] of Object.entries({ ...people, wes: "member", una: "member", foreigner: "admin" })) {
    const by = name === "foreigner" ? "operatorElsewhere" : "operator";
    const principal = name === "admin" ? "alice" : name;
    const token = await must<{ token: string }>(by, "POST", "/api/cloud/tokens/", { principal, role });
    tokens.set(name, token.token);
    const access = await must<{ access_key_id: string; secret_access_key: string }>(
      name,
      "POST",
      "/api/cloud/access-keys/",
      {},
    );
    keys[name] = { accessKeyId: access.access_key_id, secretAccessKey: access.secret_access_key };
  }
  const s3Port = Number(new URL(server.s3Url).port);
  const s3 = async (name: string, method: string, path: string, more: Partial<Parameters<typeof send>[2]> = {}) => {
    const credentials = keys[name] ?? { accessKeyId: "", secretAccessKey: "" };
    const { status, body } = await send(s3Port, credentials, { method, path, ...more });
    assert.equal(status, 200, `${method} ${path}: ${body}`);
    return body;
  };
  const marked = { headers: { "x-amz-tagging": "marked=tag" } };
  await s3("mia", "PUT", `/${bucketName}`);
  await s3("mia", "PUT", `/${bucketName}/${key}`, { ...marked, body: "first" });
  await s3("foreigner", "PUT", "/foreign-bucket");
  const files = await must<{ files: { uuid: string }[] }>("mia", "GET", `/api/cloud/files/?bucket=${bucketName}`);
  const file = files.files[0]?.uuid ?? "";
  const { buckets } = await must<{ buckets: { uuid: string; name: string }[] }>("mia", "GET", "/api/cloud/buckets/");
  const bucket = buckets[0]?.uuid ?? "";
  const grant = (to: string, permission: string) =>
    must("mia", "PUT", `/api/cloud/resources/${bucket}/pems/${to}/`, { permission });
  await grant("wil", "read");
  await grant("wes", "write");

  const openKey = "open-key-of-mia.txt";
  await s3("mia", "PUT", `/${openName}`);
  await s3("mia", "PUT", `/${openName}/${openKey}`, { body: "open" });
  const all = await must<{ buckets: { uuid: string; name: string }[] }>("mia", "GET", "/api/cloud/buckets/");
  const open = all.buckets.find(({ name }) => name === openName)?.uuid ?? "";
  await must("mia", "PUT", `/api/cloud/resources/${open}/pems/*/`, { permission: "read" });
  const hosted = server.signalbox.resources("default");
  const system = await hosted.register({ kind: "system", owner: "alice", data: { name: "cluster" } });
  await hosted.share(system.uuid, "*", "read");
  const data = { name: "name-of-mias-job" };
  const job = (await hosted.register({ kind: "job", owner: "mia", parents: [system.uuid], data })).uuid;

  const to = (thing: Thing) => ({ type: "webhook", url: `http://127.0.0.1:${receiver.port}/${thing}` });
  const subscribe = async (by: string, body: Body): Promise<string> =>
    (await must<{ id: string }>(by, "POST", "/api/cloud/subscriptions/", body)).id;
  const once = { policy: { retryStrategy: "NONE" } };
  const never = { max_retries: 0 };
  // Costly ones, so that what is told of their cost is seen by the right people too.
  const filter = "key REGEXP '[a-z]+[-]key'";
  const ofUsers = { filter: "username REGEXP '[a-z]+c.m'" };
  const watching = { face: "notifications", event: "OVERWRITTEN", resource: file, persistent: true, ...once };
  await must("developer", "POST", "/api/apps/", { name: "Marked app", slug: appSlug });
  const functions = `/api/apps/${appSlug}/functions/`;
  const code =
    'export default (event, { log }) => { log("log-of-hook-here"); throw new Error("error-of-hook-here"); };';
  const fn = await must<{ id: number; slug: string }>("developer", "POST", functions, { name: "Marked", code });
  const id = {
    bucket,
    open,
    job,
    systemWatcher: await subscribe("una", {
      face: "notifications",
      event: "*",
      resource: system.uuid,
      persistent: true,
      ...once,
      target: to("systemWatcher"),
    }),
    rule: await subscribe("mia", { event: "*", bucket: bucketName, target: to("rule"), filter, ...never }),
    adminsRule: await subscribe("admin", {
      event: "*",
      bucket: bucketName,
      target: to("adminsRule"),
      filter,
      ...never,
    }),
    ruleForAll: await subscribe("admin", {
      face: "objects",
      event: "*",
      resource: "*",
      target: to("ruleForAll"),
      filter,
      ...never,
    }),
    notification: await subscribe("mia", { ...watching, target: to("notification") }),
    mail: await subscribe("mia", { ...watching, target: { type: "email", address: "address-of-mail@example.org" } }),
    watcher: await subscribe("wil", { ...watching, target: to("watcher") }),
    hook: await subscribe("developer", {
      event: "POST_USER_CREATE",
      target: { type: "function", function_id: fn.id },
      ...ofUsers,
      ...never,
    }),
    webhook: await subscribe("dora", { event: "POST_USER_CREATE", target: to("webhook"), ...ofUsers, ...never }),
    foreign: await subscribe("foreigner", { event: "*", bucket: "foreign-bucket", target: to("foreign"), ...never }),
  };
  await s3("mia", "PUT", `/${bucketName}/${key}`, { ...marked, body: "second" });
  await s3("foreigner", "PUT", "/foreign-bucket/key-of-foreign", { body: "x" });
  const user = await must<{ uuid: string }>("admin", "POST", "/api/cloud/users/", {
    username: "newcomer",
    email: "newcomer@example.org",
  });

  // Una hears of the second only.
  await hosted.raise(job, "RUNNING");
  await hosted.raise(system.uuid, "STATUS_CHANGE");

  const delivery: Partial<Record<Thing, string>> = {};
  for (const thing of subscriptions) {
    const by = thing === "foreign" ? "foreigner" : "admin";
    await until(`a delivery of ${thing} has ended`, async () => {
      const path = `/api/cloud/deliveries/?rule=${id[thing]}`;
      const { deliveries } = await must<{ deliveries: { id: string; status: string }[] }>(by, "GET", path);
      const ended = deliveries.find(({ status }) => status === "dead" || status === "delivered");
      delivery[thing] = ended?.id ?? "";
      return ended !== undefined;
    });
  }
  const redriving = async (by: string, rule?: string): Promise<string> => {
    const later = { ...(rule === undefined ? {} : { rule }), since: "2999-01-01T00:00:00Z" };
    return (await must<{ id: string }>(by, "POST", "/api/cloud/deliveries/redrive/", later)).id;
  };
  const redrive = {
    rule: await redriving("mia", id.rule),
    notification: await redriving("mia", id.notification),
    watcher: await redriving("wil", id.watcher),
    everything: await redriving("admin"),
  };
  const event = await must<{ subscribers: { subscriber_id: number }[] }>(
    "developer",
    "GET",
    "/api/cloud/events/POST_USER_CREATE/",
  );
  const ran = await must<{ invocations: { id: number }[] }>("developer", "GET", `${functions}${fn.slug}/invocations/`);
  const { mails } = await must<{ mails: { name: string }[] }>("admin", "GET", "/api/cloud/mails/");
  const marksOf: Readonly<Partial<Record<Thing, readonly string[]>>> = {
    bucket: [bucket, file, key],
    open: [open, openKey],
    job: [job, data.name],
  };
  const marks = Object.fromEntries(
    // A delivery's id is made of that of its subscription: the kind at the end differs.
    things.map((thing) => [thing, [...(marksOf[thing] ?? [id[thing].slice(0, -4), `answer-of-${thing}-here`])]]),
  ) as Record<Thing, string[]>;
  marks.mail.push("address-of-mail");
  marks.hook.push("log-of-hook", "error-of-hook");
  marks.foreign.push("key-of-foreign", "foreign-bucket");
  const owned = made.move();
  return {
    marks,
    id,
    delivery: delivery as Record<Thing, string>,
    redrive,
    file,
    system: system.uuid,
    fn: {
      path: `${functions}${fn.slug}/`,
      id: fn.id,
      subscriber: event.subscribers[0]?.subscriber_id ?? 0,
      invocation: ran.invocations[0]?.id ?? 0,
    },
    mailName: mails[0]?.name ?? "",
    user: user.uuid,
    s3Port,
    keys,
    ask,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}
