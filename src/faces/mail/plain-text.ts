import { headerOf } from "../../mail/encoded-words.ts";

/** The text of a mail of ours, for who looks at it without a mail program. */

/** `undefined` when it has no part of plain text that can be read. */
export function plainTextOf(mail: string): string | undefined {
  const { head, body } = taken(mail);
  const type = headerOf(head, "content-type") ?? "text/plain";
  const boundary = /^multipart\/[^;]+;.*boundary="?([^";\s]+)"?/is.exec(type)?.[1];
  if (boundary !== undefined) {
    const parts = `\n${body}`.split(`\n--${boundary}`).slice(1);
    const part = parts.map((one) => taken(one.replace(/^[ \t]*\r?\n/, ""))).find(isText);
    return part === undefined ? undefined : decoded(part);
  }
  return isPlain(type) ? decoded({ head, body }) : undefined;
}

function isText({ head }: Part): boolean {
  return isPlain(headerOf(head, "content-type"));
}

interface Part {
  readonly head: string;
  readonly body: string;
}

function taken(text: string): Part {
  const blank = /\r?\n\r?\n/.exec(text);
  if (blank === null) return { head: text, body: "" };
  return { head: text.slice(0, blank.index), body: text.slice(blank.index + blank[0].length) };
}

function isPlain(type: string | undefined): boolean {
  return /^text\/plain\b/i.test(type ?? "");
}

function decoded({ head, body }: Part): string | undefined {
  const lines = (text: string): string => text.replaceAll("\r\n", "\n");
  switch ((headerOf(head, "content-transfer-encoding") ?? "7bit").toLowerCase()) {
    case "7bit":
    case "8bit":
      return lines(body);
    case "base64":
      return lines(Buffer.from(body, "base64").toString("utf8"));
    case "quoted-printable":
      return lines(unquoted(body).toString("utf8"));
    default:
      return undefined;
  }
}

function unquoted(text: string): Buffer {
  const joined = text.replaceAll(/=[ \t]*\r?\n/g, "");
  const bytes = joined.replaceAll(/=([0-9A-F]{2})/gi, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 16)),
  );
  return Buffer.from(bytes, "latin1");
}
