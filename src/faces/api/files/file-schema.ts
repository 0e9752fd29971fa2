import { type Static, Type } from "typebox";
import type { JsonObject } from "../../../domain/merge-patch.ts";
import { invalidField } from "../../../errors.ts";
import { instant, nullable } from "../../http/fields.ts";
import { named } from "../../http/named.ts";

/** How files are said and shown: as events tell them, in the words of the documented payloads. */

export const shownFile = named(
  "StoredFile",
  Type.Object(
    {
      name: Type.String({ description: "What follows the last slash of the path." }),
      uuid: Type.String({ description: "Stays when the file is overwritten, renamed or moved." }),
      owner: nullable(Type.String()),
      lastModified: instant,
      path: Type.String({ description: "Its key." }),
      status: Type.String(),
      systemId: Type.String({ description: "Its bucket." }),
      length: Type.Integer({ description: "In bytes." }),
      mimeType: Type.String(),
      eTag: Type.String(),
      metadata: Type.Object({}, { additionalProperties: true }),
      tags: Type.Object({}, { additionalProperties: true }),
    },
    { additionalProperties: true },
  ),
);

export function showFile(file: JsonObject): Static<typeof shownFile> {
  return file as Static<typeof shownFile>;
}

export const renameBody = Type.Object(
  {
    key: Type.Optional(Type.String({ minLength: 1, description: "1–1024 bytes of UTF-8. Absent: as it is." })),
    bucket: Type.Optional(
      Type.String({ minLength: 1, maxLength: 63, description: "Absent: the one that it lies in." }),
    ),
    overwrite: Type.Optional(
      Type.Boolean({ default: false, description: "Deletes a file that lies there already, instead of 409." }),
    ),
  },
  { additionalProperties: false },
);

const longestKeyBytes = 1024;

/** @throws SignalboxError `invalid_request` about `path` for what no object can have as its key. */
export function checkedKey(path: string, key: string): string {
  if (Buffer.byteLength(key) > longestKeyBytes) {
    throw invalidField(path, `must have at most ${longestKeyBytes} bytes of UTF-8`);
  }
  if (key.includes("\0")) throw invalidField(path, "must not hold the NUL character");
  if (!key.isWellFormed()) throw invalidField(path, "must not hold half a character (a lone surrogate)");
  return key;
}
