/** Clients that put the bucket into the host, at `http://localhost`. */
import assert from "node:assert/strict";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { Agent } from "node:http";
import type { LookupFunction } from "node:net";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import {
  CopyObjectCommand,
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadBucketCommand,
  ListBucketsCommand,
  ListObjectsV2Command,
  S3Client,
} from "@aws-sdk/client-s3";
import { Upload } from "@aws-sdk/lib-storage";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";
import { installed, pythonWith, type Workshop, workshop } from "./harness.ts";

/** Below `localhost` everything is this machine; not every resolver knows. */
const lookup: LookupFunction = (_hostname, options, callback) => {
  const address = "127.0.0.1";
  if (options.all === true) callback(null, [{ address, family: 4 }]);
  else callback(null, address, 4);
};

/** The same for programs in Python, which import a module of this name when they start. */
const pythonResolver = `
import socket

resolve = socket.getaddrinfo


def local(host, *rest, **more):
    name = host.decode() if isinstance(host, bytes) else host
    return resolve("127.0.0.1" if name and name.endswith(".localhost") else host, *rest, **more)


socket.getaddrinfo = local
`;

describe("buckets in the host", () => {
  let shop: Workshop;
  let endpoint: string;
  let pythonEnv: Readonly<Record<string, string>>;
  before(async () => {
    shop = await workshop();
    endpoint = shop.server.s3Url.replace("127.0.0.1", "localhost");
    const folder = join(shop.home, "python");
    await mkdir(folder);
    await writeFile(join(folder, "sitecustomize.py"), pythonResolver);
    const { accessKeyId, secretAccessKey } = shop.server.credentials;
    pythonEnv = {
      PYTHONPATH: folder,
      PYTHONDONTWRITEBYTECODE: "1",
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
      AWS_DEFAULT_REGION: "us-east-1",
      AWS_EC2_METADATA_DISABLED: "true",
      AWS_PAGER: "",
    };
  });
  after(() => shop[Symbol.asyncDispose]());

  it("the AWS SDK for JavaScript at its defaults", async () => {
    const httpAgent = new Agent({ lookup });
    const { credentials } = shop.server;
    const s3 = new S3Client({ endpoint, region: "us-east-1", credentials, requestHandler: { httpAgent } });
    const hosts = new Set<string>();
    s3.middlewareStack.add(
      (next) => (args) => {
        hosts.add((args.request as { readonly hostname: string }).hostname);
        return next(args);
      },
      { step: "finalizeRequest", priority: "low" },
    );
    const Bucket = "sdk-hosted";
    // A bucket that has the name of the key: what is done to the one is not done to the other.
    await s3.send(new CreateBucketCommand({ Bucket: "victim" }));
    await s3.send(new CreateBucketCommand({ Bucket }));
    await shop.watch(Bucket);
    await s3.send(new HeadBucketCommand({ Bucket }));
    const { bytes } = await shop.file("sdk.bin", 6 * 2 ** 20);
    for (const [Key, Body] of [
      ["victim", Buffer.from("x")],
      ["dir/ü +&?.bin", bytes],
    ] as const) {
      const done = await new Upload({ client: s3, params: { Bucket, Key, Body } }).done();
      const { pathname } = new URL(done.Location ?? "");
      assert.equal(decodeURIComponent(pathname), `/${Key}`);
    }
    const got = await s3.send(new GetObjectCommand({ Bucket, Key: "dir/ü +&?.bin" }));
    assert.ok(bytes.equals(Buffer.from((await got.Body?.transformToByteArray()) ?? [])));
    await s3.send(new CopyObjectCommand({ Bucket, Key: "copy", CopySource: `${Bucket}/victim` }));
    const { Contents } = await s3.send(new ListObjectsV2Command({ Bucket }));
    assert.deepEqual(
      Contents?.map(({ Key }) => Key),
      ["copy", "dir/ü +&?.bin", "victim"],
    );
    const url = await getSignedUrl(s3, new GetObjectCommand({ Bucket, Key: "victim" }));
    assert.equal(new URL(url).hostname, `${Bucket}.localhost`);
    // curl knows what localhost is.
    assert.equal((await shop.run(installed("curl"), ["-sS", "--fail-with-body", url])).toString(), "x");
    await s3.send(new DeleteObjectCommand({ Bucket, Key: "victim" }));
    const Objects = [{ Key: "copy" }, { Key: "dir/ü +&?.bin" }];
    await s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects } }));
    assert.equal((await shop.changes(Bucket)).length, 6);
    await s3.send(new DeleteBucketCommand({ Bucket }));
    const { Buckets } = await s3.send(new ListBucketsCommand({}));
    assert.deepEqual(
      Buckets?.map(({ Name }) => Name).filter((name) => name === Bucket || name === "victim"),
      ["victim"],
    );
    assert.deepEqual([...hosts].toSorted(), ["localhost", `${Bucket}.localhost`, "victim.localhost"]);
    s3.destroy();
    httpAgent.destroy();
  });

  it("aws-cli, which takes path style at a custom endpoint unless it is told otherwise", async () => {
    await mkdir(join(shop.home, ".aws"));
    await writeFile(join(shop.home, ".aws/config"), "[default]\ns3 =\n  addressing_style = virtual\n");
    const command = installed("aws");
    const aws = async (...args: readonly string[]): Promise<string> =>
      (await shop.run(command, ["--endpoint-url", endpoint, ...args], { env: pythonEnv })).toString();
    await aws("s3", "mb", "s3://cli-hosted");
    await shop.watch("cli-hosted");
    const { bytes } = await shop.file("cli.bin", 9 * 2 ** 20);
    assert.match(await aws("s3", "cp", "cli.bin", "s3://cli-hosted/a b+c.bin"), /upload: /);
    await aws("s3", "cp", "s3://cli-hosted/a b+c.bin", "cli.got");
    assert.deepEqual(await readFile(join(shop.home, "cli.got")), bytes);
    await aws("s3", "mv", "s3://cli-hosted/a b+c.bin", "s3://cli-hosted/moved");
    assert.match(await aws("s3", "ls", "s3://cli-hosted"), /moved/);
    const url = (await aws("s3", "presign", "s3://cli-hosted/moved")).trim();
    assert.equal(new URL(url).hostname, "cli-hosted.localhost");
    assert.deepEqual(await shop.run(installed("curl"), ["-sS", "--fail-with-body", url]), bytes);
    await aws("s3", "rm", "--recursive", "s3://cli-hosted");
    assert.deepEqual(
      (await shop.changes("cli-hosted")).map((line) => line.replace(/ \w+$/, "")),
      ["OBJECT_CREATED_PUT a b+c.bin", "OBJECT_CREATED_PUT moved", "OBJECT_DELETED a b+c.bin", "OBJECT_DELETED moved"],
    );
    await aws("s3", "rb", "s3://cli-hosted");
  });

  it("boto3, told likewise, with URLs of both versions of signatures", async () => {
    const python = await pythonWith("boto3");
    const script = `
import sys, urllib.request
import boto3
from botocore.config import Config
virtual = {"addressing_style": "virtual"}
s3 = boto3.client("s3", endpoint_url=sys.argv[1], config=Config(s3=virtual))
s3.create_bucket(Bucket="boto-hosted")
s3.put_object(Bucket="boto-hosted", Key="a b+c", Body=b"hello")
assert s3.get_object(Bucket="boto-hosted", Key="a b+c")["Body"].read() == b"hello"
assert [o["Key"] for o in s3.list_objects_v2(Bucket="boto-hosted")["Contents"]] == ["a b+c"]
for version in ("s3", "s3v4"):
    signer = boto3.client("s3", endpoint_url=sys.argv[1], config=Config(signature_version=version, s3=virtual))
    named = {"Bucket": "boto-hosted", "Key": "a b+c"}
    url = signer.generate_presigned_url("get_object", Params=named)
    assert "//boto-hosted.localhost:" in url, url
    assert urllib.request.urlopen(url).read() == b"hello"
s3.delete_objects(Bucket="boto-hosted", Delete={"Objects": [{"Key": "a b+c"}]})
s3.delete_bucket(Bucket="boto-hosted")
`;
    await shop.run(python, ["-c", script, endpoint], { env: pythonEnv });
  });

  it("s3cmd with its usual host_bucket", async () => {
    const { host } = new URL(endpoint);
    const { accessKeyId, secretAccessKey } = shop.server.credentials;
    const settings = [
      "[default]",
      `access_key = ${accessKeyId}`,
      `secret_key = ${secretAccessKey}`,
      `host_base = ${host}`,
      `host_bucket = %(bucket)s.${host}`,
      "use_https = False",
    ];
    await writeFile(join(shop.home, ".s3cfg"), `${settings.join("\n")}\n`);
    const s3cmd = async (...args: readonly string[]): Promise<string> =>
      (await shop.run(installed("s3cmd"), args, { env: pythonEnv })).toString();
    await s3cmd("mb", "s3://cmd-hosted");
    const { bytes } = await shop.file("cmd.bin", 1_000);
    await s3cmd("put", "cmd.bin", "s3://cmd-hosted/a b+c");
    await s3cmd("cp", "s3://cmd-hosted/a b+c", "s3://cmd-hosted/copy");
    assert.deepEqual((await shop.stored("cmd-hosted", "copy"))?.bytes, bytes);
    const url = (await s3cmd("signurl", "s3://cmd-hosted/copy", "+60")).trim();
    assert.deepEqual(await shop.run(installed("curl"), ["-sS", "--fail-with-body", url]), bytes);
    await s3cmd("rb", "--recursive", "--force", "s3://cmd-hosted");
  });

  it("rclone without force_path_style", async () => {
    const { accessKeyId, secretAccessKey } = shop.server.credentials;
    const env = {
      RCLONE_CONFIG: join(shop.home, "rclone.conf"),
      RCLONE_CONFIG_BOX_TYPE: "s3",
      RCLONE_CONFIG_BOX_PROVIDER: "Other",
      RCLONE_CONFIG_BOX_ENDPOINT: endpoint,
      RCLONE_CONFIG_BOX_FORCE_PATH_STYLE: "false",
      RCLONE_CONFIG_BOX_ACCESS_KEY_ID: accessKeyId,
      RCLONE_CONFIG_BOX_SECRET_ACCESS_KEY: secretAccessKey,
      // It resolves names itself; a proxy is asked by the whole URL, which says the host too.
      http_proxy: shop.server.s3Url,
    };
    const rclone = (...args: readonly string[]): Promise<Buffer> => shop.run(installed("rclone"), args, { env });
    await rclone("mkdir", "box:clone-hosted");
    const { bytes } = await shop.file("clone.bin", 1_000);
    await rclone("copyto", "clone.bin", "box:clone-hosted/a b+c");
    assert.deepEqual(await rclone("cat", "box:clone-hosted/a b+c"), bytes);
    await rclone("moveto", "box:clone-hosted/a b+c", "box:clone-hosted/moved");
    assert.deepEqual((await shop.stored("clone-hosted", "moved"))?.bytes, bytes);
    await rclone("purge", "box:clone-hosted");
  });
});
