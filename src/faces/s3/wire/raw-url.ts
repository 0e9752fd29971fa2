/**
 * Request targets as they came. Text here is "binary": one character per byte (Latin-1), as Node hands over the request line
 * and header values, so that no byte is lost before someone decides what it means.
 */

/** Path and query, still encoded; the absolute form (`http://host/path`) loses its scheme and host. */
export function splitUrl(rawUrl: string): { readonly path: string; readonly query: string } {
  const absolute = rawUrl.startsWith("/") ? 0 : (/^https?:\/\/[^/?]*/i.exec(rawUrl)?.[0].length ?? 0);
  const question = rawUrl.indexOf("?", absolute);
  const path = rawUrl.slice(absolute, question === -1 ? undefined : question);
  return { path: path === "" ? "/" : path, query: question === -1 ? "" : rawUrl.slice(question + 1) };
}

const beyondBytes = /[\u0100-\uffff]/;

/** Text that is not one character per byte already becomes its UTF-8 bytes. */
export function toBinary(text: string): string {
  return beyondBytes.test(text) ? Buffer.from(text, "utf8").toString("latin1") : text;
}

/** `%2f` → `/`, on bytes. What is no escape stays as it is. */
export function decodeBinary(encoded: string): string {
  if (!encoded.includes("%")) return encoded;
  return encoded.replace(/%([0-9A-Fa-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}

const escapes = Array.from({ length: 256 }, (_, byte) => `%${byte.toString(16).toUpperCase().padStart(2, "0")}`);

/** The `UriEncode` of the SigV4 documents: all but unreserved characters, and a path's slashes. */
export function encodeBinary(binary: string, keepSlashes: boolean): string {
  const reserved = keepSlashes ? /[^A-Za-z0-9._~/-]/ : /[^A-Za-z0-9._~-]/;
  if (!reserved.test(binary)) return binary;
  return binary.replace(new RegExp(reserved, "g"), (character) => escapes[character.charCodeAt(0)] ?? character);
}

/** `bare`: it came without `=`. */
export type Parameter = readonly [name: string, value: string, bare: boolean];

/**
 * The parameters in their order, decoded to binary; `+` is a space, as in every form encoding. Signatures are verified over
 * these and requests are routed by these: a second reading of the query is a second meaning of what was signed.
 */
export function parseRawQuery(query: string): readonly Parameter[] {
  if (query === "") return [];
  const decode = (text: string): string => decodeBinary(toBinary(text).replaceAll("+", " "));
  return query
    .split("&")
    .filter((part) => part !== "")
    .map((part): Parameter => {
      const equals = part.indexOf("=");
      if (equals === -1) return [decode(part), "", true];
      return [decode(part.slice(0, equals)), decode(part.slice(equals + 1)), false];
    });
}

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** The text whose UTF-8 bytes these are; `undefined` when they are none. */
export function utf8Text(binary: string): string | undefined {
  if (!/[\u0080-\uffff]/.test(binary)) return binary;
  try {
    return utf8.decode(Buffer.from(binary, "latin1"));
  } catch {
    return undefined;
  }
}
