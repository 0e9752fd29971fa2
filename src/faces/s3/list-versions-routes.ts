import { listObjects } from "../../storage/list-objects.ts";
import type { BucketCall, S3Answer } from "./call.ts";
import { contents, lastListed, listingLength, listQuery, readListRequest, turnsOf } from "./list-routes.ts";
import { xmlList } from "./respond.ts";
import { S3Error } from "./wire/errors.ts";
import { Each } from "./wire/xml.ts";

/** The id of the only version that an object has, as in a bucket whose versions were never kept. */
const onlyVersion = "null";

/**
 * `GET /bucket?versions`: each object as its version `null`. Tools that empty buckets ask so, and delete what it lists.
 *
 * @throws S3Error InvalidArgument for a `version-id-marker` without a `key-marker`, or that is none
 */
export async function getVersions(call: BucketCall): Promise<S3Answer> {
  const asked = await readListRequest(call);
  const { bucket, prefix, delimiter, max, writing } = asked;
  const { context, query } = call;
  const marker = query.get("key-marker") ?? "";
  const versionMarker = query.get("version-id-marker") ?? "";
  if (versionMarker !== "" && (marker === "" || versionMarker !== onlyVersion)) {
    const message =
      marker === "" ? "A version-id marker cannot be specified without a key marker." : "Invalid version id specified";
    throw new S3Error("InvalidArgument", message, {
      extra: { ArgumentName: "version-id-marker", ArgumentValue: versionMarker },
    });
  }
  const { objects, prefixes, next } = await listObjects(
    context.store,
    { ...listQuery(asked), after: marker },
    turnsOf(call),
  );
  return xmlList(
    call,
    { root: "ListVersionsResult", size: listingLength(objects, prefixes), bucket },
    {
      Name: bucket.name,
      Prefix: writing.text(prefix),
      KeyMarker: writing.text(marker),
      VersionIdMarker: versionMarker,
      NextKeyMarker: next === undefined ? undefined : writing.text(lastListed(next)),
      NextVersionIdMarker: next?.kind === "object" ? onlyVersion : undefined,
      MaxKeys: max,
      Delimiter: writing.text(delimiter),
      EncodingType: writing.encoding,
      IsTruncated: next !== undefined,
      Version: Each.of(objects, (object) => ({
        ...contents(object, writing, true),
        VersionId: onlyVersion,
        IsLatest: true,
      })),
      CommonPrefixes: Each.of(prefixes, (common) => ({ Prefix: writing.text(common) })),
    },
  );
}
