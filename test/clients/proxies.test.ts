/** The examples of proxies in deploy/, as they are but for names, ports and certificates, between real clients and a server. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { Agent, request } from "node:https";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { describe, it } from "node:test";
import {
  CreateBucketCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { Upload } from "@aws-sdk/lib-storage";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";
import { selfSigned } from "../support/certificate.ts";
import { type RunningServer, runServer } from "../support/in-process.ts";
import { changed, nginxCommand, proxyInstallLine } from "../support/nginx.ts";
import { until } from "../support/until.ts";
import { workshop } from "./harness.ts";

const mebibyte = 2 ** 20;
const deploy = new URL("../../deploy/", import.meta.url).pathname;
const { cert, key } = selfSigned("localhost");

/** What is to stand in for what the examples name. */
interface Places {
  readonly home: string;
  readonly apiPort: number;
  readonly s3Port: number;
  readonly server: Pick<RunningServer, "upstreams">;
}

interface Proxy {
  readonly name: string;
  /** Writes what the program needs into the home, and gives its command line. */
  readonly command: (places: Places) => Promise<readonly [string, ...string[]]>;
}

const hostsOf = (urls: readonly string[]): string[] => urls.map((url) => new URL(url).host);
const linesOf = (urls: readonly string[]): string =>
  hostsOf(urls)
    .map((host) => `server ${host};`)
    .join(" ");

const nginx: Proxy = {
  name: "nginx",
  command: async ({ home, apiPort, s3Port, server }) => {
    const example = readFileSync(join(deploy, "nginx.conf"), "utf8");
    const site = changed(example, [
      ["server 127.0.0.1:8080;", [linesOf(server.upstreams.api)]],
      ["server 127.0.0.1:9000;", [linesOf(server.upstreams.s3)]],
      ["listen 443 ssl;", [`listen 127.0.0.1:${apiPort} ssl;`, `listen 127.0.0.1:${s3Port} ssl;`]],
      ["/etc/nginx/signalbox.crt", [join(home, "crt.pem"), join(home, "crt.pem")]],
      ["/etc/nginx/signalbox.key", [join(home, "key.pem"), join(home, "key.pem")]],
    ]);
    return nginxCommand(home, site);
  },
};

const caddy: Proxy = {
  name: "caddy",
  command: async ({ home, apiPort, s3Port, server }) => {
    const tls = `tls ${home}/crt.pem ${home}/key.pem`;
    const site = changed(readFileSync(join(deploy, "Caddyfile"), "utf8"), [
      ["\nevents.example {", [`\nhttps://localhost:${apiPort} {\n\t${tls}`]],
      ["\ns3.example {", [`\nhttps://localhost:${s3Port} {\n\t${tls}`]],
      ["reverse_proxy 127.0.0.1:8080", [`reverse_proxy ${hostsOf(server.upstreams.api).join(" ")}`]],
      ["reverse_proxy 127.0.0.1:9000", [`reverse_proxy ${hostsOf(server.upstreams.s3).join(" ")}`]],
    ]);
    await writeFile(join(home, "Caddyfile"), `{\n\tadmin off\n\tauto_https disable_redirects\n}\n${site}`);
    return ["caddy", "run", "--config", join(home, "Caddyfile"), "--adapter", "caddyfile"];
  },
};

interface Fronted extends AsyncDisposable {
  readonly api: string;
  readonly s3: string;
  /** Of the certificate, for programs. */
  readonly ca: string;
}

/** A port that nobody has. A proxy cannot be asked which one it took. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === "object" && address !== null ? address.port : 0;
}

async function fronted(proxy: Proxy, server: Places["server"]): Promise<Fronted> {
  const home = await mkdtemp(join(tmpdir(), `signalbox-${proxy.name}-`));
  await mkdir(join(home, "logs"));
  await writeFile(join(home, "crt.pem"), cert);
  await writeFile(join(home, "key.pem"), key, { mode: 0o600 });
  const [apiPort, s3Port] = [await freePort(), await freePort()];
  const [program, ...args] = await proxy.command({ home, apiPort, s3Port, server });
  const env = { PATH: `${process.env["PATH"]}:/usr/sbin`, HOME: home, XDG_DATA_HOME: home, XDG_CONFIG_HOME: home };
  const child = spawn(program, args, { env, stdio: ["ignore", "ignore", "pipe"] });
  let said = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    said += text;
  });
  let failed: Error | undefined;
  child.once("error", (error) => {
    failed = new Error(`${program} does not start (${error.message}): ${proxyInstallLine}`);
  });
  const ended = new Promise((resolve) => child.once("close", resolve));
  const [api, s3] = [`https://localhost:${apiPort}`, `https://localhost:${s3Port}`];
  await until(`${proxy.name} answers`, async () => {
    if (failed !== undefined) throw failed;
    if (child.exitCode !== null) throw new Error(`${program} ended: ${said}`);
    return (await ask(`${api}/healthz`).catch(() => ({ status: 0 }))).status === 200;
  });
  return {
    api,
    s3,
    ca: join(home, "crt.pem"),
    [Symbol.asyncDispose]: async () => {
      child.kill("SIGTERM");
      await ended;
      await rm(home, { recursive: true, force: true });
    },
  };
}

interface Answer {
  readonly status: number;
  readonly body: Buffer;
}

function ask(
  url: string,
  { method = "GET", headers = {}, body }: { method?: string; headers?: Record<string, string>; body?: Buffer } = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const asked = request(url, { method, headers, ca: cert, agent: false }, (response) => {
      const pieces: Buffer[] = [];
      response.on("data", (piece: Buffer) => pieces.push(piece));
      response.on("end", () => resolve({ status: response.statusCode ?? 0, body: Buffer.concat(pieces) }));
      response.on("error", reject);
    });
    asked.on("error", reject);
    asked.end(body);
  });
}

const keys = [
  "plain",
  "a folder/with blanks",
  "slashes//twice",
  "ünïcode/☃",
  "signs/+&=?#%25;,:@!$'()*~",
  "under_score",
];

for (const proxy of [nginx, caddy]) {
  describe(`behind ${proxy.name}`, () => {
    it("the AWS SDK uploads, signs and deletes at its defaults, and the API answers", async () => {
      await using server = await runServer({ SIGNALBOX_MAX_CONNECTIONS_PER_ADDRESS: "2048" });
      await using front = await fronted(proxy, server);
      const agent = new Agent({ ca: cert, keepAlive: true });
      const s3 = new S3Client({
        endpoint: front.s3,
        region: "us-east-1",
        forcePathStyle: true,
        credentials: server.credentials,
        requestHandler: { httpsAgent: agent },
        maxAttempts: 1,
      });
      const Bucket = "fronted";
      await s3.send(new CreateBucketCommand({ Bucket }));
      const read = async (Key: string): Promise<Buffer> => {
        const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key }));
        return Buffer.from((await Body?.transformToByteArray()) ?? []);
      };

      const large = randomBytes(5 * mebibyte);
      await s3.send(new PutObjectCommand({ Bucket, Key: "large", Body: large }));
      assert.ok((await read("large")).equals(large), "one PUT of several MiB");
      const stream = Readable.from([large.subarray(0, 1_000), large.subarray(1_000)]);
      await s3.send(new PutObjectCommand({ Bucket, Key: "stream", Body: stream, ContentLength: large.length }));
      assert.ok((await read("stream")).equals(large), "in signed chunks, with a checksum behind them");
      const parts = randomBytes(12 * mebibyte);
      await new Upload({ client: s3, params: { Bucket, Key: "parts", Body: parts } }).done();
      assert.ok((await read("parts")).equals(parts), "in parts");

      for (const Key of keys) {
        const Metadata = { with_underscore: "1", "with-hyphen": "2" };
        await s3.send(new PutObjectCommand({ Bucket, Key, Body: Key, Metadata }));
        assert.equal((await read(Key)).toString(), Key);
        const head = await s3.send(new HeadObjectCommand({ Bucket, Key }));
        assert.deepEqual(head.Metadata, Metadata, Key);
        const presigned = await getSignedUrl(s3, new GetObjectCommand({ Bucket, Key }), { expiresIn: 60 });
        assert.deepEqual(await ask(presigned), { status: 200, body: Buffer.from(Key) }, Key);
      }
      const presigned = await getSignedUrl(s3, new PutObjectCommand({ Bucket, Key: "presigned" }), { expiresIn: 60 });
      assert.equal((await ask(presigned, { method: "PUT", body: large })).status, 200);
      assert.ok((await read("presigned")).equals(large));

      const many = Array.from({ length: 1_000 }, (_, index) => ({ Key: `${"k".repeat(800)}/${index}` }));
      const gone = await s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects: many } }));
      assert.deepEqual([gone.Deleted?.length, gone.Errors], [1_000, undefined], "a document of 800 KiB");
      const listed = await s3.send(new ListObjectsV2Command({ Bucket }));
      assert.deepEqual(
        listed.Contents?.map(({ Key }) => Key ?? "").toSorted(),
        [...keys, "large", "stream", "parts", "presigned"].toSorted(),
      );

      const headers = { authorization: `Bearer ${server.token}`, "content-type": "application/json" };
      const tenant = Buffer.from(JSON.stringify({ id: "acme", name: "Acme" }));
      const made = await ask(`${front.api}/api/cloud/tenants/`, { method: "POST", headers, body: tenant });
      assert.equal(made.status, 201, made.body.toString());
      assert.equal((await ask(`${front.api}/metrics`)).status, 200, "to the machine itself");
      s3.destroy();
      agent.destroy();
    });

    it("aws-cli copies and removes, whole folders too", async () => {
      await using shop = await workshop();
      await using front = await fronted(proxy, shop.server);
      const bucket = await shop.bucket("cli");
      const { path, bytes } = await shop.file("some file", 20 * mebibyte);
      const aws = (...args: readonly string[]): Promise<Buffer> =>
        shop.run("aws", ["--endpoint-url", front.s3, "--ca-bundle", front.ca, ...args], {
          env: {
            AWS_ACCESS_KEY_ID: shop.server.credentials.accessKeyId,
            AWS_SECRET_ACCESS_KEY: shop.server.credentials.secretAccessKey,
            AWS_DEFAULT_REGION: "us-east-1",
          },
        });
      await aws("s3", "cp", path, `s3://${bucket}/a folder/some file+more`);
      const stored = await shop.stored(bucket, "a folder/some file+more");
      assert.ok(stored?.bytes.equals(bytes));
      await aws("s3", "rm", "--recursive", `s3://${bucket}/a folder/`);
      assert.equal(await shop.stored(bucket, "a folder/some file+more"), undefined);
    });
  });
}
