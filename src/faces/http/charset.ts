import { isUtf8 } from "node:buffer";
import type { IncomingHttpHeaders } from "node:http";
import { SignalboxError } from "../../errors.ts";

/** Text comes in UTF-8. Bytes that are none would be replaced while they are read: another text than was sent would be kept. */

const parameter = /;\s*charset\s*=\s*(?:"([^"]*)"|([^\s;]*))/gi;

/** The charset other than UTF-8 that a `Content-Type` names; `undefined` when it names none or this. */
export function otherCharset(contentType: string | undefined): string | undefined {
  for (const [, quoted, bare] of (contentType ?? "").matchAll(parameter)) {
    const charset = (quoted ?? bare ?? "").slice(0, 64);
    if (!/^utf-?8$/i.test(charset)) return charset;
  }
  return undefined;
}

/** @throws SignalboxError `unsupported_media_type` when `contentType` names another charset */
export function judgeCharset(contentType: string | undefined): void {
  const other = otherCharset(contentType);
  if (other === undefined) return;
  throw new SignalboxError(
    "unsupported_media_type",
    `the body is said to be in ${JSON.stringify(other)}: send it as UTF-8, with charset=utf-8 or without a charset`,
  );
}

/** What a request says of its body. */
type BodyHeaders = Pick<IncomingHttpHeaders, "content-type" | "content-encoding">;

/** @throws SignalboxError `unsupported_media_type` for another charset, and for what is said to be compressed: nothing here is unpacked. */
export function judgeHeaders({ "content-type": type, "content-encoding": coding = "identity" }: BodyHeaders): void {
  judgeCharset(type);
  if (/^\s*(?:identity\s*)?$/i.test(coding)) return;
  throw new SignalboxError(
    "unsupported_media_type",
    `the body is said to be compressed (Content-Encoding: ${coding.slice(0, 64)}): send it as it is, without that header`,
  );
}

/**
 * The text of a whole body, without the mark of byte order that may stand in front.
 *
 * @throws SignalboxError `unsupported_media_type`; `invalid_request` when it is not UTF-8
 */
export function textOfBody(body: Buffer, headers: BodyHeaders): string {
  judgeHeaders(headers);
  judgeBytes(body, "the body is");
  return body.toString("utf8").replace(/^\ufeff/, "");
}

/** @throws SignalboxError `invalid_request` */
export function judgeBytes(bytes: Buffer, whatIs: string): void {
  if (!isUtf8(bytes)) throw new SignalboxError("invalid_request", `${whatIs} not UTF-8: encode it as UTF-8`);
}

/**
 * Percent-encoded text, such as a form or a URL, whose bytes are looked at as they will be read.
 *
 * @throws SignalboxError `invalid_request`
 */
export function judgeEncoded(text: string, whatIs: string): void {
  if (!/%[89a-f]|[\u0080-\uffff]/i.test(text)) return;
  const bytes = Buffer.from(text, /[\u0100-\uffff]/.test(text) ? "utf8" : "latin1");
  const decoded = bytes
    .toString("latin1")
    .replace(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  judgeBytes(Buffer.from(decoded, "latin1"), whatIs);
}
