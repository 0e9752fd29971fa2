/**
 * Makes the data folder of `folder-63f0099.sql`: run in a checkout of the commit that it names, it writes the SQL to its argument.
 */
import { type Dirent, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync, type SQLOutputValue } from "node:sqlite";
import { CreateBucketCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import { serverProcess } from "../support/server-process.ts";

const folder = join(mkdtempSync(join(tmpdir(), "signalbox-old-")), "data");
const env = {
  SIGNALBOX_SECRET_KEY: Buffer.alloc(32, 7).toString("base64"),
  SIGNALBOX_MAIL_CONFIRM: "off",
};
const closed = "http://127.0.0.1:9/hook";
const facts: Record<string, unknown> = {};
{
  await using server = await serverProcess({ folder, env });
  const { s3 } = server;
  const api = <T>(method: string, path: string, body?: unknown): Promise<T> => server.api<T>(method, path, body);
  type Made = { id: string; number: number; uuid: string };
  await s3.send(new CreateBucketCommand({ Bucket: "photos" }));
  const bucket = (await api<{ buckets: Made[] }>("GET", "/api/cloud/buckets/")).buckets[0];
  const rules = "/api/cloud/buckets/photos/notifications/";
  facts["rule"] = (await api<Made>("POST", rules, { url: closed, max_retries: 0 })).id;
  facts["waitingRule"] = (await api<Made>("POST", rules, { url: `${closed}/later`, filter: "key = 'cat.jpg'" })).id;
  await api("POST", "/api/apps/", { name: "User Management" });
  const fn = await api<{ id: number }>("POST", "/api/apps/user-management/functions/", {
    name: "Allow",
    code: "export default () => ({ decision: 'allow' })",
    secrets: { KEY: "value" },
  });
  await api("POST", "/api/cloud/events/PRE_USER_CREATE/subscribe/", { function_id: fn.id });
  const token = await api<{ token: string }>("POST", "/api/cloud/tokens/", {
    principal: "bob",
    role: "member",
    label: "bob's",
  });
  facts["token"] = token;
  const subscriptions = "/api/cloud/subscriptions/";
  const resource =
    (bucket as unknown as Record<string, string>)["uuid"] ?? (bucket as unknown as Record<string, string>)["id"];
  const mail = { type: "email", address: "ada@example.com" };
  facts["mail"] = (await api<Made>("POST", subscriptions, { event: "*", resource, target: mail })).id;
  const forgets = { retryStrategy: "NONE", saveOnFailure: false };
  const webhook = { type: "webhook", url: `${closed}/watch` };
  facts["forgets"] = (
    await api<Made>("POST", subscriptions, { event: "*", resource, target: webhook, policy: forgets })
  ).id;
  facts["keeps"] = (
    await api<Made>("POST", subscriptions, {
      event: "*",
      resource,
      target: webhook,
      policy: { ...forgets, saveOnFailure: true },
    })
  ).id;
  await api("POST", "/api/cloud/users/", { username: "jane", email: "jane@example.com" });
  await s3.send(new PutObjectCommand({ Bucket: "photos", Key: "cat.jpg", Body: "meow", ContentType: "image/jpeg" }));
  for (;;) {
    const dead = await api<{ deliveries: { status: string }[] }>("GET", "/api/cloud/deliveries/");
    const mails = await api<{ mails: unknown[] }>("GET", "/api/cloud/mails/");
    const count = (status: string) => dead.deliveries.filter((one) => one.status === status).length;
    console.log(count("dead"), count("waiting"), count("delivered"), mails.mails.length);
    if (count("dead") >= 3 && mails.mails.length >= 1) break;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  facts["mails"] = await api("GET", "/api/cloud/mails/");
  await server.stop();
}
const db = new DatabaseSync(join(folder, "signalbox.db"));
const intent = db.prepare(
  "INSERT INTO intent (operation, tenant, type, params, ran, created_ms, unresolved) VALUES (?, 'default', 'ORDER_CREATE', '{\"total\":7}', '[]', ?, ?)",
);
intent.run("0197f000-0000-7000-8000-000000000001", 1_790_000_000_000, null);
intent.run("0197f000-0000-7000-8000-000000000002", 1_790_000_000_001, "the process ended");
const lines: string[] = [];
const entries: readonly Dirent[] = readdirSync(folder, { recursive: true, withFileTypes: true });
const files = entries
  .filter((file) => file.isFile() && !/\.db(-wal|-shm)?$/.test(file.name))
  .map((file) => join(file.parentPath, file.name).slice(folder.length + 1))
  .sort();
lines.push(`-- facts ${JSON.stringify(facts)}`);
for (const file of files) lines.push(`-- file ${file} ${readFileSync(join(folder, file)).toString("base64")}`);
lines.push(`PRAGMA user_version = ${Number(db.prepare("PRAGMA user_version").get()?.["user_version"])};`);
const literal = (value: SQLOutputValue): string =>
  value === null ? "NULL" : typeof value === "string" ? `'${value.replaceAll("'", "''")}'` : JSON.stringify(value);
const schema = db
  .prepare("SELECT type, name, sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%'")
  .all()
  .map((row) => ({ type: String(row["type"]), name: String(row["name"]), sql: String(row["sql"]) }));
for (const { sql, type } of schema) if (type === "table") lines.push(`${sql};`);
for (const { name, type } of schema) {
  if (type !== "table") continue;
  for (const row of db.prepare(`SELECT * FROM "${name}"`).all()) {
    lines.push(`INSERT INTO "${name}" VALUES (${Object.values(row).map(literal).join(", ")});`);
  }
}
for (const { name, seq } of db.prepare("SELECT name, seq FROM sqlite_sequence").all()) {
  lines.push(`UPDATE sqlite_sequence SET seq = ${String(seq)} WHERE name = '${String(name)}';`);
}
for (const { sql, type } of schema) if (type !== "table") lines.push(`${sql};`);
writeFileSync(process.argv[2] ?? "/dev/stdout", `${lines.join("\n")}\n`);
rmSync(join(folder, ".."), { recursive: true, force: true });
