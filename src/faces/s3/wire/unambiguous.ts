import { S3Error } from "./errors.ts";
import { parseRawQuery, splitUrl, utf8Text } from "./raw-url.ts";

/**
 * A signature is over a sorted list of parameters and over headers whose repetitions are joined. Where a name comes twice, what
 * was signed does not tell which of the two was meant: such a request is refused, even if signed.
 */

/**
 * What a request is routed by: the parameters that its signature was verified over.
 *
 * @throws S3Error InvalidArgument for a name that comes twice (`x-amz-*` in any case of letters), and for what is no UTF-8
 */
export function routedQuery(rawUrl: string): URLSearchParams {
  const seen = new Set<string>();
  const query = new URLSearchParams();
  for (const [name, value] of parseRawQuery(splitUrl(rawUrl).query)) {
    const lower = name.toLowerCase();
    const header = lower.startsWith("x-amz-");
    const known = header ? lower : name;
    if (seen.has(known)) throw refused(name, "is given more than once");
    seen.add(known);
    // Those that stand for headers are read as bytes, like headers.
    if (header) continue;
    const [nameText, valueText] = [utf8Text(name), utf8Text(value)];
    if (nameText === undefined || valueText === undefined) throw refused(name, "must be percent-encoded UTF-8");
    query.append(nameText, valueText);
  }
  return query;
}

/** Of these Node keeps the first, or joins them by other signs than a signature does. */
const single = /^(?:host|authorization|date|expires|range|content-(?:type|md5|length)|if-.+|x-amz-(?!meta-).+)$/;

/** @throws S3Error InvalidRequest when a header that has one value comes twice */
export function refuseRepeatedHeaders(rawHeaders: readonly string[]): void {
  const seen = new Set<string>();
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = (rawHeaders[index] ?? "").toLowerCase();
    if (!single.test(name)) continue;
    if (seen.has(name)) throw new S3Error("InvalidRequest", `The header ${name} is given more than once.`);
    seen.add(name);
  }
}

function refused(name: string, reason: string): S3Error {
  const shown = utf8Text(name) ?? name;
  return new S3Error("InvalidArgument", `The parameter ${shown} ${reason}.`, { extra: { ArgumentName: shown } });
}
