/**
 * A whole S3 endpoint on a free port, with a real store and real files in a temporary folder, gone with its scope. With `BYTES=bucket` in the environment the
 * bytes of its objects lie in a bucket of a second one.
 */
import { randomBytes } from "node:crypto";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CreateBucketCommand, S3Client, type S3ClientConfig } from "@aws-sdk/client-s3";
import type { Blobs } from "../../src/blobs/blobs.ts";
import { fileBlobs } from "../../src/blobs/files.ts";
import { type Clock, systemClock } from "../../src/clock.ts";
import type { Context } from "../../src/context.ts";
import type { Publish } from "../../src/delivery/publish.ts";
import type { Role } from "../../src/domain/access.ts";
import type { Event, ObjectData } from "../../src/domain/event.ts";
import { asError } from "../../src/errors.ts";
import { type Bounds, ClientConnections, defaultBounds } from "../../src/faces/http/front/connections.ts";
import type { S3Limits } from "../../src/faces/s3/limits.ts";
import { defaultS3Limits, s3Server } from "../../src/faces/s3/server.ts";
import type { Guard } from "../../src/hooks/guard.ts";
import { type Log, silentLog } from "../../src/log.ts";
import { aesVault } from "../../src/secrets/vault.ts";
import { NamedBlobs, usingNames } from "../../src/storage/named-blobs.ts";
import { ObjectQueries } from "../../src/storage/query-objects.ts";
import type { Store } from "../../src/store/store.ts";
import { type FakeGuard, fakeGuard } from "./guard.ts";
import { openTestStore, type TestStore } from "./test-store.ts";
import { unwatched } from "./unwatched.ts";
import { testContext } from "./wired.ts";

export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** Someone with an S3 key. */
export interface Someone {
  readonly name: string;
  readonly tenant: string;
  readonly credentials: Credentials;
  readonly s3: S3Client;
}

export interface S3Fixture extends AsyncDisposable {
  /** `http://127.0.0.1:12345` */
  readonly url: string;
  readonly port: number;
  readonly deps: Context;
  /** To which tests subscribe hooks, unless they brought a guard of their own. */
  readonly guard: FakeGuard;
  /** Admin of the tenant `default`. */
  readonly admin: Someone;
  someone(name: string, role: Role, tenant?: string): Promise<Someone>;
  /** Another client for the same keys. */
  client(credentials: Credentials, config?: S3ClientConfig): S3Client;
  /** All events of the object face so far, in order of sequence. */
  events(): Promise<Event[]>;
  /** Those of every face. */
  allEvents(): Promise<Event[]>;
  /** `OBJECT_CREATED_PUT key` for each event so far, in order of sequence. */
  told(): Promise<string[]>;
  /** How many blobs are on disk. */
  blobCount(): Promise<number>;
  /** Errors and warnings that were logged. */
  readonly logged: readonly string[];
  accepting: boolean;
  /** As when the process stops. */
  close(grace: AbortSignal): Promise<void>;
}

export interface S3FixtureOptions {
  readonly limits?: Partial<S3Limits>;
  readonly bounds?: Partial<Bounds>;
  /** Names of the endpoint. Default `localhost`. */
  readonly domains?: readonly string[];
  readonly clock?: Clock;
  readonly downloadEvents?: boolean;
  /** `folder`: also where the environment says otherwise. */
  readonly bytes?: "folder";
  /** Instead of the fixture's own. */
  readonly guard?: Guard;
  /** Wraps the way into the log, to stand between a request and its commit. */
  readonly publish?: (publish: Publish) => Publish;
}

export async function s3Fixture(options: S3FixtureOptions = {}): Promise<S3Fixture> {
  const folder = await mkdtemp(join(tmpdir(), "signalbox-s3-"));
  const clock = options.clock ?? systemClock;
  const logged: string[] = [];
  const keep = (fields: object, message: string): void => {
    logged.push(`${message} ${JSON.stringify(fields)}`);
  };
  const log: Log = { ...silentLog, warn: keep, error: keep };
  const opened = await unwatched(() => openTestStore({ folder, clock, log }));
  const inBucket = process.env["BYTES"] === "bucket" && options.bytes !== "folder";
  const { blobs, commit, blobCount, close } = inBucket
    ? await bytesInBucket(opened, clock)
    : await bytesInFolder(opened, clock, join(folder, "blobs"));
  const store = { ...opened.store, commit };
  const vault = aesVault(randomBytes(32));
  const guard = fakeGuard();
  const made = await testContext({ ...opened, store, blobs, vault, clock, log }, { guard: options.guard ?? guard });
  const context = { ...made, publish: options.publish?.(made.publish) ?? made.publish };
  const clients: S3Client[] = [];

  const state = { accepting: true };
  const endpoint = s3Server({
    ...context,
    connections: new ClientConnections(clock, { ...defaultBounds, documentRate: 0, ...options.bounds }),
    queries: new ObjectQueries({ ...context, msPerSecond: 300 }),
    limits: { ...defaultS3Limits, ...options.limits },
    domains: options.domains ?? ["localhost"],
    hookChainMs: 10_000,
    downloadEvents: options.downloadEvents ?? false,
    accepting: () => state.accepting,
  });
  await new Promise<void>((resolve) => endpoint.server.listen(0, "127.0.0.1", resolve));
  const address = endpoint.server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const url = `http://127.0.0.1:${port}`;

  const client = (credentials: Credentials, config: S3ClientConfig = {}): S3Client => {
    const s3 = new S3Client({
      endpoint: url,
      region: "us-east-1",
      forcePathStyle: true,
      credentials,
      maxAttempts: 1,
      ...config,
    });
    clients.push(s3);
    return s3;
  };

  const someone = async (name: string, role: Role, tenant = "default"): Promise<Someone> => {
    const createdMs = clock.now();
    const credentials = {
      accessKeyId: `AK${randomBytes(9).toString("hex").toUpperCase()}`,
      secretAccessKey: randomBytes(20).toString("hex"),
    };
    if ((await store.identities.tenant(tenant)) === undefined) {
      await store.commit({ changes: [{ do: "tenant.add", tenant: { id: tenant, name: tenant, createdMs } }] });
    }
    await store.commit({
      changes: [
        { do: "principal.put", principal: { tenant, name, role, createdMs } },
        {
          do: "accessKey.put",
          key: {
            id: credentials.accessKeyId,
            tenant,
            principal: name,
            sealedSecret: vault.seal(credentials.secretAccessKey),
            label: "",
            createdMs,
          },
        },
      ],
    });
    return { name, tenant, credentials, s3: client(credentials) };
  };

  const allEvents = (): Promise<Event[]> => store.events.after(0, 100_000);
  const events = async (): Promise<Event[]> => (await allEvents()).filter(({ names }) => names.objects !== undefined);
  return {
    url,
    port,
    deps: context,
    guard,
    admin: await someone("root", "admin"),
    someone,
    client,
    events,
    allEvents,
    told: async () => (await events()).map(({ names, data }) => `${names.objects} ${objectData(data).key}`),
    blobCount,
    logged,
    get accepting() {
      return state.accepting;
    },
    set accepting(value) {
      state.accepting = value;
    },
    close: (grace) => endpoint.close(grace),
    [Symbol.asyncDispose]: async () => {
      for (const s3 of clients) s3.destroy();
      await endpoint.close(AbortSignal.abort());
      await close();
      await opened[Symbol.asyncDispose]();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

interface Bytes {
  readonly blobs: Blobs;
  readonly commit: Store["commit"];
  readonly blobCount: () => Promise<number>;
  readonly close: () => Promise<void>;
}

async function bytesInFolder({ store }: Pick<TestStore, "store">, clock: Clock, folder: string): Promise<Bytes> {
  const blobs = await fileBlobs(folder, clock);
  return {
    blobs,
    commit: (unit) => store.commit(unit),
    blobCount: () => countFiles(folder),
    close: () => blobs.close(),
  };
}

async function bytesInBucket({ store, cluster }: TestStore, clock: Clock): Promise<Bytes> {
  const { bucketBodies } = await import("./named-blobs.ts");
  const scope = new AsyncDisposableStack();
  const { url, admin } = scope.use(await withBucket({ bytes: "folder" }));
  const { bodies } = scope.use(await bucketBodies({ url, bucket: Bucket, credentials: admin.credentials }));
  const blobs = new NamedBlobs({ bodies, store, clock, node: cluster.node, run: cluster.node, admit: () => {} });
  scope.defer(() => blobs.close());
  const all = { max: 1_000_000 };
  return {
    blobs,
    commit: usingNames((unit) => store.commit(unit)),
    // Those that are deleted go after a grace.
    blobCount: async () => {
      const pending = await store.blobNames.since({ state: "pending", beforeMs: Number.MAX_SAFE_INTEGER }, all);
      return pending.length + (await store.blobNames.used(all)).length;
    },
    close: () => scope.disposeAsync(),
  };
}

/** The bucket of {@link withBucket}. */
export const Bucket = "alpha";

/** A fixture with one empty bucket, the admin's. */
export async function withBucket(options?: S3FixtureOptions): Promise<S3Fixture> {
  const fixture = await s3Fixture(options);
  await fixture.admin.s3.send(new CreateBucketCommand({ Bucket }));
  return fixture;
}

/** The data of an event of the object face. */
export function objectData(data: Event["data"]): ObjectData {
  return data as unknown as ObjectData;
}

interface Answered {
  readonly requestId?: string | undefined;
  readonly extendedRequestId?: string | undefined;
}

/** What an event says of the request that made it, which was answered so. */
export function requestOf({ requestId = "", extendedRequestId = "" }: Answered): ObjectData["request"] {
  return { id: requestId, hostId: extendedRequestId, address: "127.0.0.1" };
}

async function countFiles(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile() && /^[0-9a-f]+$/.test(entry.name)).length;
}

/** The status and code that a request of the SDK failed with; `"ok"` when it did not. */
export async function failure(request: Promise<unknown>): Promise<string> {
  try {
    await request;
    return "ok";
  } catch (error) {
    const { name, $metadata } = error as { name: string; $metadata?: { httpStatusCode?: number } };
    return `${$metadata?.httpStatusCode ?? ""} ${name}`;
  }
}

/** The same with the message: `403 AccessDenied: Access Denied`. */
export async function refusal(request: Promise<unknown>): Promise<string> {
  let message = "";
  const code = await failure(
    request.catch((error: unknown) => {
      message = asError(error).message;
      throw error;
    }),
  );
  return code === "ok" ? code : `${code}: ${message}`;
}
