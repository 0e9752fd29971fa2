import { Type } from "typebox";
import type { Context, StorageContext } from "../../../context.ts";
import { defined } from "../../../domain/defined.ts";
import { parseUuid } from "../../../domain/ids.ts";
import { invalidField, notFound } from "../../../errors.ts";
import { originOf } from "../../../platform/asking.ts";
import { announcedFile as fileOf } from "../../../platform/shown.ts";
import { findFile, listFiles, listFolder } from "../../../storage/files.ts";
import type { ListPlace } from "../../../storage/list-objects.ts";
import { renameObject } from "../../../storage/rename-object.ts";
import { Cursors } from "../../http/cursors.ts";
import { nextCursor, paging } from "../../http/fields.ts";
import { type Route, route } from "../../http/route.ts";
import { checkedKey, renameBody, showFile, shownFile } from "./file-schema.ts";

/** The objects of buckets, as files with uuids. */
export function fileRoutes(context: StorageContext & Pick<Context, "vault" | "slices">): Route[] {
  const { store } = context;
  const path = "/api/cloud/files/";
  const common = { role: "member", tag: "buckets" } as const;
  const params = Type.Object({ uuid: Type.String() });
  const cursors = new Cursors<string>(context.vault, "files");
  const folderCursors = new Cursors<ListPlace>(context.vault, "folders");
  return [
    route({
      ...common,
      method: "GET",
      path,
      summary: "Lists a bucket's files by key, as folders if you like, or finds the one with a key",
      query: Type.Object({
        bucket: Type.String({ minLength: 1, maxLength: 63, description: "Name of the bucket." }),
        key: Type.Optional(Type.String({ minLength: 1, description: "Exactly this." })),
        prefix: Type.Optional(Type.String({ description: "What keys begin with." })),
        delimiter: Type.Optional(
          Type.String({
            minLength: 1,
            description:
              "Usually `/`. Files whose keys have it after the prefix are not listed: `folders` has what their keys begin with, up to the delimiter and with it.",
          }),
        ),
        ...paging,
      }),
      message: "Files retrieved",
      data: Type.Object({
        files: Type.Array(shownFile),
        folders: Type.Optional(
          Type.Array(Type.String(), {
            description: "With `delimiter` only: each a `prefix` to ask for next. They count towards `limit`.",
          }),
        ),
        next_cursor: nextCursor,
      }),
      handle: async ({ caller, query: { bucket, key, prefix, delimiter, limit, cursor } }) => {
        if (key !== undefined && prefix !== undefined) throw invalidField("prefix", "goes without key: give one");
        if (key !== undefined && delimiter !== undefined) throw invalidField("delimiter", "goes without key: give one");
        if (delimiter !== undefined) {
          const { files, folders, next } = await listFolder(context, caller, {
            bucket,
            delimiter: checkedKey("delimiter", delimiter),
            ...(prefix === undefined ? {} : { prefix: checkedKey("prefix", prefix) }),
            ...folderCursors.page(caller, { limit, cursor }),
          });
          return { files: files.map(showFile), folders: [...folders], ...folderCursors.next(caller, next) };
        }
        const { files, next } = await listFiles(store, caller, {
          bucket,
          ...(key === undefined ? {} : { key: checkedKey("key", key) }),
          ...(prefix === undefined ? {} : { prefix: checkedKey("prefix", prefix) }),
          ...cursors.page(caller, { limit, cursor }),
        });
        return {
          files: files.map(showFile),
          ...cursors.next(caller, next),
        };
      },
    }),
    route({
      ...common,
      method: "GET",
      path: `${path}:uuid/`,
      summary: "Shows a file",
      params,
      message: "File retrieved",
      data: shownFile,
      handle: async ({ caller, params }) => showFile(await findFile(store, caller, parseUuid(params.uuid))),
    }),
    route({
      ...common,
      method: "POST",
      path: `${path}:uuid/rename/`,
      summary: "Renames a file, or moves it to another bucket; it keeps its uuid",
      description:
        "You must be able to write to both buckets. Hooks on PRE_OBJECT_PUT are asked about the new place, those on PRE_OBJECT_DELETE about the old one and about a file that is overwritten.",
      params,
      body: renameBody,
      idempotent: true,
      message: "File renamed",
      data: shownFile,
      handle: async ({ caller, params, body: { key, bucket, overwrite = false }, signal }) => {
        const file = parseUuid(params.uuid);
        if (file === undefined) throw notFound("a resource with that uuid");
        // What the caller does not see is missing, whatever else is wrong.
        await findFile(store, caller, file);
        if (key === undefined && bucket === undefined) throw invalidField("key", "is required, unless bucket is given");
        const moved = await renameObject(context, {
          principal: caller,
          origin: originOf(caller),
          signal,
          file,
          ...(key === undefined ? {} : { key: checkedKey("key", key) }),
          ...defined({ bucket }),
          overwrite,
        });
        return showFile(fileOf(moved.bucket, moved.object));
      },
    }),
  ];
}
