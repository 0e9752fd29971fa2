import { Type } from "typebox";
import { listBuckets } from "../../storage/buckets.ts";
import type { ApiContext } from "../http/api-context.ts";
import { Cursors } from "../http/cursors.ts";
import { instant, nextCursor, paging, shownInstant } from "../http/fields.ts";
import { type Route, route } from "../http/route.ts";

/** The buckets that the caller may see. They are made and filled through the S3 endpoint. */
export function bucketRoutes({ store, vault }: Pick<ApiContext, "store" | "vault">): Route[] {
  const cursors = new Cursors<string>(vault, "buckets");
  return [
    route({
      method: "GET",
      path: "/api/cloud/buckets/",
      role: "member",
      tag: "buckets",
      summary: "Lists the buckets that you may see, by name",
      query: Type.Object(paging),
      message: "Buckets retrieved",
      data: Type.Object({
        buckets: Type.Array(
          Type.Object({ name: Type.String(), uuid: Type.String(), owner: Type.String(), created_at: instant }),
        ),
        next_cursor: nextCursor,
      }),
      handle: async ({ caller, query }) => {
        const page = cursors.page(caller, query);
        const { buckets, next } = await listBuckets(store, caller, page);
        return {
          buckets: buckets.map(({ name, uuid, owner, createdMs }) => ({
            name,
            uuid,
            owner,
            created_at: shownInstant(createdMs),
          })),
          ...cursors.next(caller, next),
        };
      },
    }),
  ];
}
