/** Text of strangers in what the server logs, and in what commands print. */
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { CreateBucketCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import { commands } from "../../src/cli/commands.ts";
import { hooked } from "../support/functions-api.ts";
import { hostileTexts, unseenInTerminal } from "../support/hostile-texts.ts";
import { adminToken, type ServerProcess, serverProcess } from "../support/server-process.ts";
import { until } from "../support/until.ts";
import { run } from "./asking.ts";

let folder: string;
let server: ServerProcess;
const receiver = createServer((request, response) => {
  request.resume().on("end", () => response.writeHead(500).end(hostileTexts.join("|")));
});

interface Listed {
  readonly deliveries: readonly { readonly id: string; readonly status: string }[];
}

const signalbox = (...argv: readonly string[]) => run(argv, { SIGNALBOX_URL: server.url, SIGNALBOX_TOKEN: adminToken });

/** Some texts are refused where a name is asked for, with an answer that repeats them. */
async function make(path: string, body: unknown): Promise<void> {
  await server.api("POST", path, body).catch((thrown: unknown) => assert.match(String(thrown), /: 4\d\d /));
}

before(async () => {
  folder = await mkdtemp(join(tmpdir(), "signalbox-hostile-"));
  server = await serverProcess({ folder, env: { SIGNALBOX_LOG_LEVEL: "debug" } });
  await new Promise<void>((resolve) => receiver.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/`;
  await server.s3.send(new CreateBucketCommand({ Bucket: "photos" }));
  await make("/api/cloud/buckets/photos/notifications/", { url, max_retries: 0 });
  const code = `export default ({ params }, { log }) => { log(params.username, params); throw new Error(params.last_name); };`;
  await hooked(server, "POST_USER_CREATE", code, { name: "Greet" });
  for (const [at, text] of hostileTexts.entries()) {
    // No key has a NUL.
    const put = new PutObjectCommand({ Bucket: "photos", Key: `${at}${text}`, Body: "x", Metadata: {} });
    await server.s3.send(put).catch((thrown: unknown) => assert.ok(text.includes("\u0000"), String(thrown)));
    await make("/api/cloud/tenants/", { id: `t${at}`, name: text });
    await make("/api/cloud/tokens/", { principal: `p${at}`, role: "member", label: text });
    await make("/api/cloud/access-keys/", { label: text });
    await make("/api/apps/", { name: text, slug: `app-${at}` });
    await make("/api/cloud/users/", { username: `user${at}`, email: `u${at}@example.com`, last_name: text });
    await make("/api/cloud/users/", { username: text, email: text });
  }
  await until("all deliveries have failed", async () => {
    const { deliveries } = await server.api<Listed>("GET", "/api/cloud/deliveries/?bucket=photos&limit=100");
    return deliveries.length >= hostileTexts.length - 1 && deliveries.every(({ status }) => status !== "waiting");
  });
});
after(async () => {
  await server.kill();
  receiver.closeAllConnections();
  await new Promise((resolve) => receiver.close(resolve));
  await rm(folder, { recursive: true, force: true });
});

describe("text of strangers", () => {
  it("is no line of its own in the log, and nothing that a terminal obeys", async () => {
    const lines = server.log.trimEnd().split("\n");
    assert.ok(lines.length > 3 * hostileTexts.length, `${lines.length} lines`);
    for (const line of lines) {
      assert.doesNotMatch(line, unseenInTerminal);
      const { level, time } = JSON.parse(line) as { readonly level: number; readonly time: string };
      assert.ok(level < 60 && typeof time === "string", line);
    }
    const keys = lines.flatMap((line) => (JSON.parse(line) as { readonly key?: string }).key ?? []);
    for (const [at, text] of hostileTexts.entries()) {
      if (!text.includes("\u0000")) assert.ok(keys.includes(`${at}${text}`), JSON.stringify(text));
    }
  });

  const lists = commands.filter((command) => command.list !== undefined && command.positionals === undefined);
  const asked: readonly (readonly string[])[] = [
    ...lists.map(({ words }) => words.split(" ")),
    ["function", "list", "the-app"],
    ["function", "logs", "the-app", "greet"],
    ["rule", "list", "photos"],
    ["tail", "--cursor", "oldest", "--until", "now"],
    ["explain", `photos/3${hostileTexts[3] ?? ""}`],
    ["app", "show", "app-0"],
    ["tenant", "create", hostileTexts[4] ?? ""],
    ["function", "show", "the-app", hostileTexts[0] ?? ""],
    [hostileTexts[1] ?? ""],
  ];
  for (const argv of asked) {
    it(`does nothing in what is printed by ${JSON.stringify(argv.join(" ")).slice(0, 60)}`, async () => {
      for (const more of [[], ["--json"]]) {
        const { out, err } = await signalbox(...argv, ...more);
        assert.doesNotMatch(out + err, unseenInTerminal);
        assert.ok(out + err !== "");
      }
    });
  }

  it("is one row of a table, and one line of a stream", async () => {
    const { out } = await signalbox("delivery", "list", "--bucket", "photos", "--limit", "100");
    assert.equal(out.trimEnd().split("\n").length, hostileTexts.length, "the head, and all but the text with NUL");
    const tail = await signalbox(
      "tail",
      "--topics",
      "events",
      "--bucket",
      "photos",
      "--cursor",
      "oldest",
      "--until",
      "now",
    );
    for (const line of tail.out.trimEnd().split("\n")) assert.match(line, /^[\d:.]{12} {2}event {2}/);
  });
});
