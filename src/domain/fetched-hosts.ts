/**
 * Where code says in so many words what it fetches: `fetch("https://api.example.com/…")`, a template that begins with a host, or the name
 * of a constant that does. What is put together while it runs is not known, so this finds what is surely meant and misses the rest.
 */

export interface FetchedHost {
  /** Lower case, with a port where the URL has one that is not the scheme's. */
  readonly host: string;
  /** The scheme's own, where the URL names none. */
  readonly port: number;
  /** In the code, from 0. */
  readonly at: number;
}

/** Characters that are read between two yields. */
const stepChars = 65_536;
/** A match is not longer than that: it is bounded by the expressions below. */
const overlap = 600;
const mostFound = 50;

const url = String.raw`["'\`]https?:\/\/[^\s/"'\`?#$\\@]{1,255}(?=[/"'\`?#])`;
const name = String.raw`[A-Za-z_$][\w$]{0,63}`;
const calls = String.raw`(?<![\w$.])(?:(?:globalThis|self)\.)?(?:fetch|new Request)\s{0,20}\(\s{0,50}`;
const patterns = String.raw`${calls}(?:(${url})|(?:\`\$\{)?(?!new\b)(${name})(?=[\s+,)}]))|(?<![\w$.])(?:const|let|var)\s{1,20}(${name})\s{0,20}=\s{0,20}(${url})`;

/** Each host once, where it is fetched from first. */
export function* fetchedHosts(code: string): Generator<void, readonly FetchedHost[], void> {
  const declared = new Map<string, string>();
  const found: { readonly host?: string; readonly of?: string; readonly at: number }[] = [];
  for (let from = 0; from < code.length && found.length < mostFound; from += stepChars) {
    for (const match of code.slice(from, from + stepChars + overlap).matchAll(new RegExp(patterns, "g"))) {
      if (match.index >= stepChars || found.length >= mostFound) break;
      const [, called, of, constant, value] = match;
      const at = from + match.index;
      if (constant !== undefined) declared.set(constant, value ?? "");
      else if (called !== undefined) found.push({ host: called, at });
      else if (of !== undefined) found.push({ of, at });
    }
    yield;
  }
  const hosts = new Map<string, FetchedHost>();
  for (const { host: literal, of = "", at } of found) {
    const url = urlOf(literal ?? declared.get(of));
    if (url === undefined || hosts.has(url.host)) continue;
    const port = url.port === "" ? (url.protocol === "https:" ? 443 : 80) : Number(url.port);
    hosts.set(url.host, { host: url.host, port, at });
  }
  return [...hosts.values()];
}

/** Of a text that begins with a quote and a URL. */
function urlOf(quoted: string | undefined): URL | undefined {
  const text = quoted?.slice(1) ?? "";
  return URL.canParse(text) ? new URL(text) : undefined;
}

/** Whether a function that lists `egress` may fetch from there. */
export function isListed(egress: readonly string[], { host, port }: Pick<FetchedHost, "host" | "port">): boolean {
  const names = host.endsWith(`:${port}`) ? [host] : [host, `${host}:${port}`];
  return egress.some((entry) =>
    entry.startsWith("*.") ? names.some((name) => name.endsWith(entry.slice(1))) : names.includes(entry),
  );
}
