/** Buckets that are asked by `X-Tigris-Query`. */
import assert from "node:assert/strict";
import {
  CreateBucketCommand,
  type ListObjectsV2CommandInput,
  paginateListObjectsV2,
  type S3Client,
} from "@aws-sdk/client-s3";
import { freshId, freshUuid } from "../../src/platform/deps.ts";
import type { Change } from "../../src/store/unit.ts";
import { Bucket, type S3Fixture, s3Fixture } from "./s3.ts";

interface Facts {
  readonly size?: number;
  readonly contentType?: string;
  readonly modifiedMs?: number;
  readonly userMetadata?: Readonly<Record<string, string>>;
  readonly tags?: Readonly<Record<string, string>>;
}

/** Objects without bytes, of whatever size they say: lists never ask for them. */
async function put(fixture: S3Fixture, objects: Readonly<Record<string, Facts>>): Promise<void> {
  const { store, clock } = fixture.deps;
  const bucket = await store.objects.bucket("default", Bucket);
  assert.ok(bucket);
  const changes = Object.entries(objects).map(
    ([key, facts]): Change => ({
      do: "object.put",
      object: {
        bucket: bucket.uuid,
        key,
        uuid: freshUuid(clock, "file"),
        owner: "root",
        version: freshId(clock),
        eTag: "d41d8cd98f00b204e9800998ecf8427e",
        pieces: [],
        checksums: {},
        headers: {},
        size: 0,
        contentType: "text/plain",
        modifiedMs: 0,
        userMetadata: {},
        tags: {},
        ...facts,
      },
    }),
  );
  await store.commit({ changes });
}

export async function withObjects(objects: Readonly<Record<string, Facts>>): Promise<S3Fixture> {
  const fixture = await s3Fixture();
  await fixture.admin.s3.send(new CreateBucketCommand({ Bucket }));
  await put(fixture, objects);
  return fixture;
}

/** A client whose requests carry the query, signed as the SDK signs what was there before. */
export function asking(fixture: S3Fixture, query: string): S3Client {
  const s3 = fixture.client(fixture.admin.credentials);
  s3.middlewareStack.add(
    (next) => (args) => {
      const { request } = args as { request: { headers: Record<string, string> } };
      request.headers["X-Tigris-Query"] = query;
      return next(args);
    },
    { step: "build", name: "query" },
  );
  return s3;
}

interface Told {
  readonly keys: string[];
  readonly prefixes: string[];
  readonly pages: number;
}

export async function told(
  fixture: S3Fixture,
  query: string,
  input: Partial<ListObjectsV2CommandInput> = {},
): Promise<Told> {
  const keys: string[] = [];
  const prefixes: string[] = [];
  let pages = 0;
  for await (const page of paginateListObjectsV2({ client: asking(fixture, query) }, { Bucket, ...input })) {
    pages += 1;
    keys.push(...(page.Contents ?? []).map(({ Key = "" }) => Key));
    prefixes.push(...(page.CommonPrefixes ?? []).map(({ Prefix = "" }) => Prefix));
    assert.equal(page.KeyCount, (page.Contents?.length ?? 0) + (page.CommonPrefixes?.length ?? 0));
    assert.equal(page.IsTruncated, page.NextContinuationToken !== undefined);
  }
  return { keys, prefixes, pages };
}

export const hour = 3_600_000;
export const noon = Date.parse("2024-06-23T12:00:00.000Z");
export const site: Readonly<Record<string, Facts>> = {
  "css/a.css": { size: 300, contentType: "text/css", modifiedMs: noon - 3 * hour },
  "css/b.css": { size: 70_000, contentType: "text/css", modifiedMs: noon - 2 * hour },
  "img/cat.png": { size: 65_536, contentType: "image/png", modifiedMs: noon - hour, tags: { status: "final" } },
  "img/dog.png": { size: 9, contentType: "image/png", modifiedMs: noon, userMetadata: { owner: "me" } },
  "js/app.js": { size: 2_000, contentType: "text/javascript", modifiedMs: noon + hour },
  "notes.txt": { size: 0, contentType: "text/plain", modifiedMs: noon + 2 * hour },
  "readme.txt": { size: 65_536, contentType: "text/plain", modifiedMs: noon + 3 * hour },
};
