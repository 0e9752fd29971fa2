/** What a browser is told to do with an object: to save it, under a name that can do no harm. */

/** In characters. Of file systems the longest is 255 bytes, and browsers add to it. */
const longestName = 120;
/** What a name on some disk cannot hold, what ends a quoted string, and what hides how a name ends: controls, marks of direction, blanks that are no space. */
const unsafe = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}"*/:<>?\\|]/gu;

/** `Content-Disposition` for an object with this key. */
export function attachmentOf(key: string): string {
  const name = fileNameOf(key);
  const plain = name.replaceAll(/[^\x20-\x7e]|%/gu, "_");
  if (plain === name) return `attachment; filename="${name}"`;
  return `attachment; filename="${plain}"; filename*=UTF-8''${encoded(name)}`;
}

/** The last name of a path, without what could lead elsewhere; `object` when nothing is left. */
function fileNameOf(key: string): string {
  const last = key.split("/").findLast((part) => part !== "") ?? "";
  const name = last
    .toWellFormed()
    .replaceAll(unsafe, "_")
    .trim()
    .replace(/^\.+/, "_")
    .replace(/[. ]+$/, "");
  const characters = Array.from(name);
  if (characters.length <= longestName) return name === "" ? "object" : name;
  // How it ends tells what opens it.
  const [, ending = ""] = /(\.[^.]{1,16})$/u.exec(name) ?? [];
  return `${characters.slice(0, longestName - Array.from(ending).length).join("")}${ending}`;
}

/** RFC 8187. */
function encoded(text: string): string {
  return encodeURIComponent(text).replaceAll(/['()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);
}
