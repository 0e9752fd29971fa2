/** How long an answer's body is, where its head says that in a way that HTTP allows and parsers refuse (RFC 9112, section 6.3). */
import { EgressFailure } from "./failure.ts";

const lineFeed = 0x0a;
const lower = 0x20;
const [c, t, hyphen, l, e, comma] = Buffer.from("ct-le,");
const [zero, two, three, four] = Buffer.from("0234");

/**
 * The bytes as they came, unless their head tells the length of its body more than once. Then: lengths that are all the same are one;
 * chunks count for more than a length, and the connection is not used again; lengths that differ are a failure.
 *
 * @param bytes which begin with a head.
 * @param headLength up to the end of its last line, without the empty one.
 */
export function framed(bytes: Buffer, headLength: number): Buffer | EgressFailure {
  return isPlain(bytes, headLength) ? bytes : madePlain(bytes, headLength);
}

/** At most one line about the length and none about the transfer beside it. This is asked for every answer, so it looks at bytes only. */
function isPlain(bytes: Buffer, headLength: number): boolean {
  let lengths = 0;
  let transfers = 0;
  for (let at = 0; at < headLength; at += 1) {
    if (bytes[at] !== lineFeed) continue;
    const first = (bytes[at + 1] ?? 0) | lower;
    if (first === c && bytes[at + 8] === hyphen && ((bytes[at + 9] ?? 0) | lower) === l) {
      lengths += 1;
      const end = bytes.indexOf(lineFeed, at + 1);
      for (let inside = at + 1; inside < end; inside += 1) if (bytes[inside] === comma) return false;
    } else if (first === t && bytes[at + 9] === hyphen && ((bytes[at + 10] ?? 0) | lower) === e) {
      transfers += 1;
    }
  }
  if (lengths > 1 || (lengths === 1 && transfers > 0)) return false;
  return lengths === 0 || !isBodiless(bytes);
}

function madePlain(bytes: Buffer, headLength: number): Buffer | EgressFailure {
  const [status = "", ...lines] = bytes.toString("latin1", 0, headLength).split("\r\n").slice(0, -1);
  const given = lines.filter((line) => isNamed(line, "content-length"));
  if (given.length === 0) return bytes;
  const others = lines.filter((line) => !isNamed(line, "content-length") && !isIdentity(line));
  const lengths = new Set(given.flatMap((line) => valueOf(line).split(",")).map((value) => value.trim()));
  const [length = "", ...different] = lengths;
  if (different.length > 0) {
    const list = [...lengths].join(" and ").slice(0, 100);
    return new EgressFailure("invalid_response", `answered with different lengths: content-length ${list}`);
  }
  const rest = bytes.subarray(headLength);
  if (isBodiless(bytes)) return written([status, ...others], rest);
  if (others.some(isTransfer)) return written([status, ...others, "connection: close"], rest);
  return written([status, ...others, `content-length: ${length}`], rest);
}

/** `HTTP/1.1 204`: no body, whatever length is given. That of 304 is of another body. */
function isBodiless(bytes: Buffer): boolean {
  return (bytes[9] === two || bytes[9] === three) && bytes[10] === zero && bytes[11] === four;
}

function isTransfer(line: string): boolean {
  return isNamed(line, "transfer-encoding");
}

/** The coding that was none, which HTTP does not know any more. */
function isIdentity(line: string): boolean {
  return isTransfer(line) && valueOf(line).trim().toLowerCase() === "identity";
}

function isNamed(line: string, name: string): boolean {
  return line.slice(0, name.length + 1).toLowerCase() === `${name}:`;
}

function valueOf(line: string): string {
  return line.slice(line.indexOf(":") + 1);
}

function written(lines: readonly string[], rest: Buffer): Buffer {
  return Buffer.concat([Buffer.from(`${lines.join("\r\n")}\r\n`, "latin1"), rest]);
}
