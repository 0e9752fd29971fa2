/** The key of a data folder is changed, cut off at any moment, by the command and by a start: nothing that is sealed is lost. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { randomBytes, randomInt } from "node:crypto";
import {
  chownSync,
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { after, before, describe, it } from "node:test";
import { CreateBucketCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { aesVault } from "../../src/secrets/vault.ts";
import { httpListener } from "../support/listeners.ts";
import { processEnv } from "../support/process-env.ts";
import { refusedServer, type ServerProcess, serverProcess } from "../support/server-process.ts";
import { until } from "../support/until.ts";

const root = mkdtempSync(join(tmpdir(), "signalbox-rotate-"));
const bin = new URL("../../src/cli/bin.js", import.meta.url).pathname;
const newKey = (): string => randomBytes(32).toString("base64");
const first = newKey();
const current = "SIGNALBOX_SECRET_KEY";
const previous = "SIGNALBOX_SECRET_KEY_PREVIOUS";
const Bucket = "rotated";
/** With a key of its own, and with one in the folder. */
const [configured, own] = [join(root, "configured"), join(root, "own")];
const pairs = new Map<string, { readonly accessKeyId: string; readonly secretAccessKey: string }>();
const many = 2_000;

let heard = 0;
let hook = "";
let closeHook = async (): Promise<void> => {};

async function fill(folder: string, env: Readonly<Record<string, string>>): Promise<void> {
  await using server = await serverProcess({ folder, env });
  await server.s3.send(new CreateBucketCommand({ Bucket }));
  const made = await server.api<{ access_key_id: string; secret_access_key: string }>(
    "POST",
    "/api/cloud/access-keys/",
    {
      principal: "admin",
      label: "kept",
    },
  );
  pairs.set(folder, { accessKeyId: made.access_key_id, secretAccessKey: made.secret_access_key });
  await server.api("POST", `/api/cloud/buckets/${Bucket}/notifications/`, {
    url: hook,
    auth: { type: "bearer", token: "the-token-of-the-receiver" },
  });
  assert.equal(await server.stop(), 0);
  // Enough that a process can be killed in the midst of them.
  const text = env[current] ?? readFileSync(join(folder, "secret.key"), "utf8");
  const vault = aesVault(Buffer.from(text, "base64"));
  const db = new DatabaseSync(join(folder, "signalbox.db"));
  const columns = "tenant, principal, label, created_ms";
  const add = db.prepare(
    `INSERT INTO access_key (id, sealed_secret, ${columns}) SELECT ?1, ?2, ${columns} FROM access_key WHERE id = ?3`,
  );
  db.exec("BEGIN");
  for (let n = 0; n < many; n++) add.run(`COPY${n}`, vault.seal(`secret ${n}`), made.access_key_id);
  db.exec("COMMIT");
  db.close();
}

before(async () => {
  const listener = await httpListener((request, response) => {
    if (request.headers.authorization === "Bearer the-token-of-the-receiver") heard += 1;
    request.resume();
    response.end();
  });
  closeHook = () => Promise.resolve(listener[Symbol.asyncDispose]());
  hook = `http://127.0.0.1:${listener.port}/`;
  await fill(configured, { [current]: first });
  await fill(own, {});
});

after(async () => {
  await closeHook();
  rmSync(root, { recursive: true, force: true });
});

let copies = 0;
function copyOf(folder: string): string {
  const copy = join(root, `copy-${copies++}`);
  cpSync(folder, copy, { recursive: true });
  pairs.set(copy, pairs.get(folder) ?? assert.fail());
  return copy;
}

function rotate(
  folder: string,
  env: Readonly<Record<string, string>>,
  killAfterMs?: number,
): Promise<{ readonly code: number | null; readonly said: string }> {
  const child = spawn(process.execPath, [bin, "secret", "rotate", folder], {
    env: { ...processEnv, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let said = "";
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (text: string) => (said += text));
  if (killAfterMs !== undefined) setTimeout(() => child.kill("SIGKILL"), killAfterMs);
  return new Promise((resolve) => child.once("close", (code) => resolve({ code, said })));
}

/** How many secrets a key opens, and how many it does not. */
function opened(folder: string, key: string): readonly [number, number] {
  const vault = aesVault(Buffer.from(key, "base64"));
  const db = new DatabaseSync(join(folder, "signalbox.db"), { readOnly: true });
  const all = db
    .prepare(
      "SELECT sealed_secret AS s FROM access_key UNION ALL SELECT sealed FROM subscription WHERE sealed IS NOT NULL",
    )
    .all();
  db.close();
  const current = all.filter(({ s }) => vault.isCurrent(String(s))).length;
  return [current, all.length - current];
}

/** A key pair from before signs, and the receiver's token from before is sent. */
async function works(server: ServerProcess, folder: string): Promise<void> {
  const credentials = pairs.get(folder) ?? assert.fail();
  const s3 = new S3Client({ endpoint: server.s3Url, region: "us-east-1", forcePathStyle: true, credentials });
  const before = heard;
  await s3.send(new PutObjectCommand({ Bucket, Key: "a", Body: "b" }));
  s3.destroy();
  await until("the receiver heard of it", () => heard > before);
}

describe("signalbox secret rotate", () => {
  it("goes from a configured key to another, and the one before opens nothing any more", async () => {
    const folder = copyOf(configured);
    const second = newKey();
    const wrong = await rotate(folder, { [current]: second, [previous]: newKey() });
    assert.equal(wrong.code, 1);
    assert.match(wrong.said, /sealed with another key.*SIGNALBOX_SECRET_KEY_PREVIOUS/);
    assert.equal(opened(folder, first)[1], 0, "nothing was changed");
    const done = await rotate(folder, { [current]: second, [previous]: first });
    assert.deepEqual(
      [done.code, /(\d+) secrets were sealed anew/.exec(done.said)?.[1]],
      [0, String(many + 3)],
      done.said,
    );
    assert.equal(opened(folder, second)[1], 0);
    const refused = await refusedServer({ folder, env: { [current]: first } });
    assert.match(refused.log, /sealed with another key/);
    await using server = await serverProcess({ folder, env: { [current]: second } });
    await works(server, folder);
    const busy = await rotate(folder, { [current]: newKey(), [previous]: second });
    assert.match(busy.said, /in use by another Signalbox process/);
  });

  it("gives the folder a new key of its own, and puts the old one aside; or takes it out of the folder", async () => {
    const folder = copyOf(own);
    const before = readFileSync(join(folder, "secret.key"), "utf8");
    // Root, as whom operators work, leaves nothing that the server's user may not read.
    const owner = process.getuid?.() === 0 ? 12_345 : process.getuid?.();
    const all = ["", ...readdirSync(folder, { recursive: true, encoding: "utf8" })];
    if (owner === 12_345) for (const name of all) chownSync(join(folder, name), owner, owner);
    assert.equal((await rotate(folder, {})).code, 0);
    for (const name of readdirSync(folder)) assert.equal(statSync(join(folder, name)).uid, owner, name);
    assert.equal(readFileSync(join(folder, "secret.key.retired"), "utf8"), before);
    assert.ok(!existsSync(join(folder, "secret.key.next")));
    const second = readFileSync(join(folder, "secret.key"), "utf8");
    assert.notEqual(second, before);
    assert.equal(opened(folder, second)[1], 0);
    const third = newKey();
    assert.equal((await rotate(folder, { [current]: third })).code, 0);
    assert.ok(!existsSync(join(folder, "secret.key")), "it lies in the folder no more");
    await using server = await serverProcess({ folder, env: { [current]: third } });
    await works(server, folder);
  });

  it("is cut off by kill -9 at any moment, and goes on: neither key is lost meanwhile", async (t) => {
    const folder = copyOf(configured);
    const folderOwn = copyOf(own);
    const second = newKey();
    let midway = 0;
    for (let round = 0; round < 12; round++) {
      await rotate(folder, { [current]: second, [previous]: first }, randomInt(150, 900));
      const [renewed, left] = opened(folder, second);
      assert.equal(opened(folder, first)[0], left, "each is sealed with the one or the other");
      if (renewed > 0 && left > 0) midway += 1;
      await rotate(folderOwn, {}, randomInt(150, 900));
    }
    t.diagnostic(`${midway} of 12 were cut off between two steps`);
    assert.equal((await rotate(folder, { [current]: second, [previous]: first })).code, 0);
    assert.equal(opened(folder, second)[1], 0);
    await using server = await serverProcess({ folder: folderOwn });
    await works(server, folderOwn);
    assert.equal(opened(folderOwn, readFileSync(join(folderOwn, "secret.key"), "utf8"))[1], 0);
  });
});

describe("a start with the key and the one before", () => {
  it("goes on where a change was cut off, which a start with one of them refuses to", async () => {
    const folder = copyOf(configured);
    const second = newKey();
    // As it is when the first of many steps is done.
    const db = new DatabaseSync(join(folder, "signalbox.db"));
    const vault = aesVault(Buffer.from(second, "base64"));
    db.prepare("UPDATE access_key SET sealed_secret = ? WHERE id = 'COPY0'").run(vault.seal("secret 0"));
    db.close();
    const check = readFileSync(join(folder, "secret.check"), "utf8");
    writeFileSync(join(folder, "secret.check"), `${check.trim()}\n${vault.seal("signalbox")}\n`);
    for (const key of [first, second]) {
      const refused = await refusedServer({ folder, env: { [current]: key } });
      assert.match(refused.log, /is being changed.*SIGNALBOX_SECRET_KEY_PREVIOUS/);
    }
    const both = { [current]: second, [previous]: first };
    {
      await using server = await serverProcess({ folder, env: both });
      await works(server, folder);
      assert.match(server.log, /the key is changed/);
    }
    assert.equal(opened(folder, second)[1], 0);
    {
      await using server = await serverProcess({ folder, env: both });
      await works(server, folder);
    }
    await using server = await serverProcess({ folder, env: { [current]: second } });
    await works(server, folder);
  });
});
