import type { S3Place } from "../blobs/s3/place.ts";

const bucketForm = /^[a-z0-9][a-z0-9._-]{1,61}[a-z0-9]$/i;
const prefixForm = /^[\w.=@-]+(?:\/[\w.=@-]+)*$/;
const example = "s3://my-bucket/signalbox?endpoint=https://s3.example.com&region=eu-central-1";

/** `s3://bucket/prefix?endpoint=…&region=…&path_style=…`, or what is wrong with it, to be read behind the text. */
export function parseBlobsPlace(text: string): S3Place | { readonly problem: string } {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || url.protocol !== "s3:" || url.hash !== "")
    return { problem: `is not a place such as ${example}` };
  if (url.username !== "" || url.password !== "") {
    return {
      problem: "must not hold a key: give it by SIGNALBOX_BLOBS_ACCESS_KEY_ID and SIGNALBOX_BLOBS_SECRET_ACCESS_KEY",
    };
  }
  const bucket = url.hostname;
  if (!bucketForm.test(bucket) || url.port !== "") return { problem: `names no bucket: write it as ${example}` };
  const prefix = url.pathname.replace(/^\/|\/$/g, "");
  if (prefix.length > 512 || (prefix !== "" && !prefixForm.test(prefix))) {
    return { problem: "has a prefix that is not made of letters, digits and . _ = @ - between single slashes" };
  }
  for (const name of url.searchParams.keys()) {
    if (!["endpoint", "region", "path_style"].includes(name) || url.searchParams.getAll(name).length > 1) {
      return { problem: `says ${name}, and there are endpoint, region and path_style, once each` };
    }
  }
  const endpoint = url.searchParams.get("endpoint") ?? undefined;
  if (endpoint !== undefined && !isEndpoint(endpoint)) {
    return {
      problem:
        "has an endpoint that is no http or https URL such as https://s3.example.com, without user, query and fragment",
    };
  }
  const region = url.searchParams.get("region") ?? undefined;
  if (region !== undefined && !/^[\w-]{1,64}$/.test(region))
    return { problem: "has a region that is none, such as eu-central-1" };
  const style = url.searchParams.get("path_style") ?? undefined;
  if (style !== undefined && style !== "true" && style !== "false")
    return { problem: "has a path_style that is not true or false" };
  const pathStyle = style === undefined ? endpoint !== undefined : style === "true";
  return { bucket, prefix: prefix === "" ? "" : `${prefix}/`, endpoint, region, pathStyle };
}

function isEndpoint(text: string): boolean {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) return false;
  return url.username === "" && url.password === "" && url.search === "" && url.hash === "";
}
