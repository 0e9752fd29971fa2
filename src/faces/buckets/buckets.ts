import { type Static, Type } from "typebox";
import { mayManage } from "../../domain/access.ts";
import { isBucketName } from "../../domain/bucket-name.ts";
import { invalidField } from "../../errors.ts";
import { originOf } from "../../platform/asking.ts";
import { bucketTotals } from "../../storage/bucket-totals.ts";
import { findBucket, listBuckets, madeBucket, makeBucket, removeBucket } from "../../storage/buckets.ts";
import type { Bucket } from "../../store/records.ts";
import { countRules } from "../../subscriptions/list.ts";
import type { ApiContext } from "../http/api-context.ts";
import { Cursors } from "../http/cursors.ts";
import { instant, nextCursor, nullable, paging, shownInstant } from "../http/fields.ts";
import { named } from "../http/named.ts";
import { type Route, route } from "../http/route.ts";

const shownBucket = named(
  "Bucket",
  Type.Object({ name: Type.String(), uuid: Type.String(), owner: Type.String(), created_at: instant }),
);
const bucketDetails = named(
  "BucketDetails",
  Type.Object({
    ...shownBucket.properties,
    objects: nullable(Type.Integer({ description: "`null`: more than 10,000, which are not counted." })),
    bytes: nullable(Type.Integer({ description: "Of all objects; `null` when they are not counted." })),
    rules: nullable(
      Type.Integer({ description: "`null`: you may not manage them, or more than 1,000, which are not counted." }),
    ),
  }),
);
const params = Type.Object({ bucket: Type.String() });

const nameRule =
  "must have 3 to 63 lower-case letters, digits, dots and hyphens, begin and end with a letter or digit, as each part between dots does, and be no IP address";

/** The buckets that the caller may see, and new ones. */
export function bucketRoutes(context: ApiContext): Route[] {
  const { store, vault } = context;
  const path = "/api/cloud/buckets/";
  const common = { role: "member", tag: "buckets" } as const;
  const cursors = new Cursors<string>(vault, "buckets");
  return [
    route({
      ...common,
      method: "GET",
      path,
      summary: "Lists the buckets that you may see, by name",
      query: Type.Object(paging),
      message: "Buckets retrieved",
      data: Type.Object({ buckets: Type.Array(shownBucket), next_cursor: nextCursor }),
      handle: async ({ caller, query }) => {
        const page = cursors.page(caller, query);
        const { buckets, next } = await listBuckets(store, caller, page);
        return { buckets: buckets.map(showBucket), ...cursors.next(caller, next) };
      },
    }),
    route({
      ...common,
      method: "POST",
      path,
      summary: "Makes a bucket, which is yours",
      description: "Names are unique in a tenant; `conflict` when one is taken, also by a bucket that you do not see.",
      body: Type.Object(
        { name: Type.String({ description: `A bucket's name ${nameRule}.` }) },
        { additionalProperties: false },
      ),
      status: 201,
      idempotent: true,
      message: "Bucket created",
      data: shownBucket,
      handle: async ({ caller, body: { name }, remember }) => {
        if (!isBucketName(name)) throw invalidField("name", nameRule);
        const by = { principal: caller, origin: originOf(caller) };
        const made = await makeBucket(context, { ...by, name, also: (bucket) => remember(showBucket(bucket)) });
        return showBucket(madeBucket(made));
      },
    }),
    route({
      ...common,
      method: "GET",
      path: `${path}:bucket/`,
      summary: "Shows a bucket, and how much is in it",
      params,
      message: "Bucket retrieved",
      data: bucketDetails,
      handle: async ({ caller, params }) => {
        const bucket = await findBucket(store, caller, params.bucket, "read");
        const { objects = null, bytes = null } = (await bucketTotals(context, bucket)) ?? {};
        const rules = mayManage(caller, bucket) ? await countRules(store, bucket) : undefined;
        return { ...showBucket(bucket), objects, bytes, rules: rules ?? null };
      },
    }),
    route({
      ...common,
      method: "DELETE",
      path: `${path}:bucket/`,
      summary: "Deletes an empty bucket, its rules and its grants",
      description: "Its owner may, and who manages the tenant. Multipart uploads under way in it are aborted.",
      params,
      message: "Bucket deleted",
      data: Type.Object({}),
      handle: async ({ caller, params }) => {
        await removeBucket(context, { principal: caller, origin: originOf(caller), name: params.bucket });
        return {};
      },
    }),
  ];
}

function showBucket({ name, uuid, owner, createdMs }: Bucket): Static<typeof shownBucket> {
  return { name, uuid, owner, created_at: shownInstant(createdMs) };
}
