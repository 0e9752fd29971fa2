/** Which headers a subscriber may add to its requests. */

/** Ours to set, or the connection's. */
const ownNames = new Set([
  "authorization",
  "host",
  "connection",
  "expect",
  "keep-alive",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);
const ownPrefixes = ["ce-", "content-", "webhook-", "x-agave-", "x-signalbox-", "proxy-"];

/** Longest name and value of a custom header, in characters. */
const headerLimits = { name: 128, value: 4096 } as const;

/** Whether a custom header may not have this name, in any case of letters. */
export function forbiddenHeader(name: string): boolean {
  const lower = name.toLowerCase();
  return ownNames.has(lower) || ownPrefixes.some((prefix) => lower.startsWith(prefix));
}

/** What is wrong with a custom header, for humans; `undefined` when nothing is. */
export function headerProblem(name: string, value: string): string | undefined {
  if (name.length > headerLimits.name) return `a header name has at most ${headerLimits.name} characters`;
  if (!/^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/.test(name)) return "a header name has only letters, digits and !#$%&'*+-.^_`|~";
  if (forbiddenHeader(name)) {
    const how = name.toLowerCase() === "authorization" ? ' as auth says: {"type": "header", "value": "ApiKey …"}' : "";
    return `the header ${name.toLowerCase()} is set by Signalbox itself${how}`;
  }
  if (value.length > headerLimits.value) return `a header value has at most ${headerLimits.value} characters`;
  if (!/^[\t\x20-\x7e]*$/.test(value)) return "a header value has only printable ASCII";
  if (/^[\t ]|[\t ]$/.test(value)) return "a header value neither begins nor ends with a blank";
  return undefined;
}
