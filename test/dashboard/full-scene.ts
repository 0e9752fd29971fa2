/** A server in which there is one of everything, by names and texts that want to be more than text; and the address of each screen that shows it. */
import { CreateBucketCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import { type RunningServer, runServer } from "../support/in-process.ts";
import { until } from "../support/until.ts";
import { type WebhookReceiver, webhookReceiver } from "../support/webhooks.ts";

/** What strangers write. */
export const hostile = [
  "<img src=x onerror=alert(1)>.jpg",
  "</script><script>alert(1)</script>",
  "javascript:alert(1)",
  "__proto__",
  "\u202etxt.exe",
  "zero\u200bwidth",
  "{{7*7}}${7*7}",
  "k".repeat(1_000),
] as const;
const text = hostile.join(" ");
const bucket = "photos";
const bearer = { type: "bearer", token: "hush" };

export const roles = ["operator", "admin", "developer", "member"] as const;
type Role = (typeof roles)[number];

export interface FullScene extends AsyncDisposable {
  readonly server: RunningServer;
  readonly tokens: Readonly<Record<Role, string>>;
  /** Below `/dashboard/t/default/`. */
  readonly screens: readonly string[];
}

interface WithId {
  readonly id: string;
}

const deniesAll = `export default (event, { log }) => {
  log(${JSON.stringify(text)});
  if (!event.params.email.endsWith("@example.com")) return { decision: "deny", message: ${JSON.stringify(text)} };
};`;

export async function fullScene(): Promise<FullScene> {
  await using made = new AsyncDisposableStack();
  const server = made.use(await runServer());
  const receiver = made.use(await webhookReceiver(({ path }) => (path === "/bad" ? 500 : 200)));
  const sent = await send(server, receiver);
  const { user, operation, run } = await program(server);
  const { token } = await server.api<{ readonly token: string }>("POST", "/api/cloud/tokens/", {
    principal: "a-member",
    role: "member",
    label: hostile[0],
  });
  const tokens = { operator: server.token, admin: "", developer: "", member: token };
  for (const role of ["admin", "developer"] as const) {
    const one = await server.api<{ readonly token: string }>("POST", "/api/cloud/tokens/", {
      principal: `a-${role}`,
      role,
    });
    tokens[role] = one.token;
  }
  await server.api("POST", "/api/cloud/subscriptions/", {
    face: "notifications",
    event: "*",
    resource: "*",
    target: { type: "email", address: "stranger@example.com" },
  });
  await server.api("POST", "/api/cloud/destinations/", {
    name: "orders",
    target: { type: "webhook", url: `${receiver.url}/orders`, headers: { "X-Team": "shop" }, auth: bearer },
    tags: { [hostile[0]]: text.slice(0, 256) },
    alerts: false,
  });
  await server.api("POST", "/api/cloud/subscriptions/", {
    event: "POST_USER_DELETE",
    target: { type: "destination", name: "orders" },
  });
  const { events } = await server.api<{ readonly events: readonly WithId[] }>(
    "GET",
    `/api/cloud/event-log/?bucket=${bucket}`,
  );
  const owned = made.move();
  return {
    server,
    tokens,
    screens: [
      "",
      "?range=7d",
      "buckets",
      `buckets/${bucket}/settings`,
      `buckets/${bucket}/settings?edit=new`,
      `buckets/${bucket}/objects`,
      `buckets/${bucket}/explain`,
      `buckets/${bucket}/explain?key=__proto__`,
      "subscriptions",
      `subscriptions/${sent.good}`,
      `subscriptions/${sent.good}/settings`,
      "subscriptions/new",
      "subscriptions/new?face=lifecycle",
      "subscriptions/new?face=objects",
      "destinations",
      "destinations?edit=new",
      "destinations/orders",
      "destinations/orders/settings",
      "deliveries",
      "deliveries?status=dead",
      `deliveries/${sent.dead}`,
      "live",
      "live?topics=deliveries&where=size%20%3E%201",
      "events",
      "events?face=objects&where=key+LIKE+%27%25%3Cimg%25%27",
      `events/${events[0]?.id}`,
      "functions",
      "functions/new?template=check",
      ...["code", "test", "runs", "versions", "triggers", "settings"].map((tab) => `functions/main/hello/${tab}`),
      `functions/main/hello/runs?run=${run}`,
      "functions/main/hello/triggers?edit=new",
      "operations",
      `operations/${operation}`,
      "catalog",
      "catalog/PRE_USER_CREATE?simulate=on",
      "redrives",
      "users",
      "users?find=none",
      `users/${user}`,
      "access",
      "access/sessions",
      "access/principals",
      "access/tenants",
      "go/01a0a0a0-0000-7000-8000-000000000000-999",
      "mails",
      "usage",
      "nodes",
    ],
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/** Objects whose events are delivered to one webhook, and dead at another; these are sent again. */
async function send(server: RunningServer, receiver: WebhookReceiver) {
  await server.s3.send(new CreateBucketCommand({ Bucket: bucket }));
  const rules = `/api/cloud/buckets/${bucket}/notifications/`;
  const good = await server.api<WithId>("POST", rules, { url: `${receiver.url}/good` });
  await server.api("POST", rules, {
    url: `${receiver.url}/bad`,
    filter: 'WHERE key NOT REGEXP "^nothing"',
    max_retries: 0,
  });
  for (const Key of hostile) await server.s3.send(new PutObjectCommand({ Bucket: bucket, Key, Body: "hello" }));
  const dead = async () =>
    (await server.api<{ readonly deliveries: readonly WithId[] }>("GET", "/api/cloud/deliveries/?status=dead"))
      .deliveries;
  await until("what cannot be delivered is dead", async () => (await dead()).length === hostile.length);
  await until("the rest is delivered", () => receiver.received.length >= 2 * hostile.length);
  await server.api("POST", "/api/cloud/deliveries/redrive/", { bucket });
  return { good: good.id, dead: (await dead())[0]?.id ?? "" };
}

/** A function that hooks the making of users and refuses one of two, and runs that log. */
async function program(server: RunningServer) {
  await server.api("POST", "/api/apps/", { name: "Main" });
  const { id } = await server.api<{ readonly id: number }>("POST", "/api/apps/main/functions/", {
    name: "Hello",
    code: deniesAll,
  });
  await server.api("PATCH", "/api/apps/main/functions/hello/", { code: `${deniesAll}\n// ${text}` });
  await server.api("POST", "/api/cloud/events/PRE_USER_CREATE/subscribe/", { function_id: id });
  await server.api("POST", "/api/cloud/events/POST_USER_CREATE/subscribe/", { function_id: id });
  const user = { username: "ann", email: "ann@example.com", first_name: hostile[0], attributes: { "<b>": hostile } };
  const { uuid } = await server.api<{ readonly uuid: string }>("POST", "/api/cloud/users/", user);
  await server.api("POST", "/api/cloud/users/", { username: "eve", email: "eve@example.org" }).catch(() => undefined);
  const { operations } = await server.api<{ readonly operations: readonly { readonly operation_id: string }[] }>(
    "GET",
    "/api/cloud/operations/?outcome=denied",
  );
  const run = await server.api<{ readonly id: number }>("POST", "/api/apps/main/functions/hello/invoke/", {
    params: { email: "", "<b>": hostile },
  });
  return { user: uuid, operation: operations[0]?.operation_id ?? "", run: run.id };
}
