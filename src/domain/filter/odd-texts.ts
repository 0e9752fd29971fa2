/** Texts and patterns that are written as in another language: they mean something here, and most likely not what was meant. */
import { asString } from "./literals.ts";

/** Why a literal of `=`, `!=` or `IN` is odd; `undefined` when it is not. */
export function oddLiteral(field: string, text: string): string | undefined {
  const found = text === "" ? emptyValue(field) : oddValue(field, text);
  if (found !== undefined) return found;
  if (text.includes("*")) return `* is an ordinary character here; for any text write LIKE ${asString(asLike(text))}`;
  if (/^%|%$/.test(text)) return `% is an ordinary character here; for any text write LIKE ${asString(text)}`;
  if (looksLikeRegexp(text)) return "^, $ and .* are ordinary characters here; for a pattern write REGEXP";
  return field === "Content-Type" && !text.includes("/") ? 'content types have a slash: "image/png"' : undefined;
}

function emptyValue(field: string): string | undefined {
  return /^(?:key|Content-Type|ETag|bucket)$/.test(field) ? `${field} is never empty` : undefined;
}

/** Why a pattern of LIKE is odd. `pattern` escapes with backslashes. */
export function oddLike(field: string, pattern: string): string | undefined {
  const plain = pattern.replaceAll(/\\([^])/g, "$1");
  const found = oddValue(field, plain.replace(/%.*$/s, "")) ?? encodedLike(field, plain);
  if (found !== undefined) return found;
  if (pattern.includes("*") || pattern.includes("?")) {
    const sign = pattern.includes("*") ? "*" : "?";
    return `${sign} is an ordinary character of LIKE: % is any text, _ any one character: ${asString(asLike(plain))}`;
  }
  if (looksLikeRegexp(pattern)) return "^, $ and .* are ordinary characters of LIKE; for a pattern write REGEXP";
  if (/(?:^|[^\\])[%_]/.test(pattern)) return undefined;
  if (plain === "") return "LIKE fits the whole text, so this fits nothing but an empty one; for any text write %";
  return `LIKE without % or _ is =, and so fits nothing but ${asString(plain)}; for what begins with it write ${asString(`${plain}%`)}`;
}

/** Why a pattern of REGEXP is odd. */
export function oddRegexp(field: string, pattern: string): string | undefined {
  const flags = /^\/(.*)\/([a-z]*)$/s.exec(pattern);
  if (flags !== null && (flags[2] !== "" || /^\^|\$$/.test(flags[1] ?? ""))) {
    const inner = `${flags[2]?.includes("i") === true ? "(?i)" : ""}${flags[1] ?? ""}`;
    return `a pattern has no slashes around it, and no letters behind them: REGEXP ${asString(inner)}`;
  }
  const begins = /^\^([^\\.+*?()|[\]{}^$]*)/.exec(pattern)?.[1];
  const found = begins === undefined ? undefined : oddValue(field, begins);
  if (found !== undefined) return found;
  if (/^\^?%|[^\\]%\$?$/.test(pattern))
    return "% is an ordinary character of REGEXP, which finds the rest anywhere: leave it out";
  if (/\\\\[.dwsbDWSB/]/.test(pattern))
    return String.raw`a backslash is written once: \\. is a backslash and any character`;
  if (/(?:^|[^\\.)\]])\/\*/.test(pattern)) return "/* is any number of slashes; any text is .*";
  return undefined;
}

/** What a value of the field never is, whatever it is compared by. */
function oddValue(field: string, text: string): string | undefined {
  switch (field) {
    case "key":
      if (text.startsWith("/")) return `keys begin without a slash: that of /my-bucket/a.txt is "a.txt"`;
      if (/^(?:s3|https?|arn):/i.test(text)) return "a key is without scheme, host and bucket";
      return encoded(field, text);
    case "ETag":
      if (text.includes('"')) return "an ETag is without quotes here";
      return /[^0-9a-fA-F*%_-]/.test(text) || /[A-F]/.test(text)
        ? "an ETag is made of lower-case hexadecimal digits, and of a multipart upload of - and the number of its parts"
        : undefined;
    default:
      return undefined;
  }
}

function encoded(field: string, text: string): string | undefined {
  if (field !== "key" || !/%[0-9a-f]{2}/i.test(text)) return undefined;
  return `keys are compared as they are, not URL-encoded${decoded(text)}`;
}

/** Of LIKE only what is no number behind a wildcard: `2024%01` is one. */
function encodedLike(field: string, text: string): string | undefined {
  return /%(?:[2-7][a-f]|c[23])/i.test(text) ? encoded(field, text) : undefined;
}

function decoded(text: string): string {
  try {
    return `: ${asString(decodeURIComponent(text))}`;
  } catch {
    return "";
  }
}

function looksLikeRegexp(text: string): boolean {
  return /^\^|\$$|\.\*|\.\+|\[[^\]]+\][*+]/.test(text);
}

function asLike(glob: string): string {
  return glob.replaceAll(/\*+/g, "%").replaceAll("?", "_");
}
