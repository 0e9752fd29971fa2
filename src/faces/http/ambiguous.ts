import type { IncomingMessage } from "node:http";

/** Headers of which two would let a proxy in front read one and the server the other. */
const onceOnly = ["host", "authorization"] as const;

/** A name, an IPv4 address or IPv6 in brackets, with a port or without. Empty is what HTTP/1.1 says for a target without a host. */
const hostForm = /^(?:[a-z0-9._~%!$&'()*+;=-]*|\[[0-9a-f:.]+\])(?::[0-9]*)?$/i;

type Asked = Pick<IncomingMessage, "rawHeaders" | "headers"> & { readonly url: string };

/**
 * Why a request could mean one thing to a proxy and another here, for humans; `undefined` when it cannot. Node itself refuses what
 * leaves the end of a body or of a line in doubt; this is about whom a request is for and whose it is.
 */
export function ambiguity({ url, rawHeaders, headers }: Asked): string | undefined {
  const twice = onceOnly.find((once) => isRepeated(once, rawHeaders));
  if (twice !== undefined) return `the header ${twice} is given twice: send it once`;
  const { host } = headers;
  if (host !== undefined && !hostForm.test(host)) return "the header host is no name or address with or without a port";
  if (url.startsWith("/")) return undefined;
  const [, scheme = "", authority = ""] = absoluteForm.exec(url) ?? [];
  if (scheme !== "" && host !== undefined && plain(authority, scheme) !== plain(host, scheme)) {
    return "the URL in the request line names another host than the header host: send the path alone";
  }
  return undefined;
}

function isRepeated(name: string, rawHeaders: readonly string[]): boolean {
  let count = 0;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const given = rawHeaders[index];
    if (given?.length === name.length && given.toLowerCase() === name) count += 1;
  }
  return count > 1;
}

const absoluteForm = /^(https?):\/\/([^/?#]*)/i;

/** The path and query of a request target, which may name scheme and host in front of them. */
export function pathOf(url: string): string {
  const rest = url.replace(absoluteForm, "");
  return rest.startsWith("/") ? rest : rest === url ? url : `/${rest}`;
}

function plain(host: string, scheme: string): string {
  return host.toLowerCase().replace(scheme.toLowerCase() === "https" ? /:(?:443)?$/ : /:(?:80)?$/, "");
}
