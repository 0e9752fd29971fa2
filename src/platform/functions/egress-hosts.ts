import { isIPv4, isIPv6 } from "node:net";
import { type EgressAllow, egressRefusal } from "../../domain/egress.ts";
import { type FieldError } from "../../errors.ts";

/** The hosts that a function may fetch from: `api.example.com`, `*.example.com`, an address, each with `:port` if need be. */

export const mostHosts = 64;
const longestHost = 253;

/** The entries as URLs show hosts, each once, and what is wrong with them. */
export function readHosts(
  entries: readonly string[],
  allow: EgressAllow,
): { readonly hosts: readonly string[]; readonly problems: readonly FieldError[] } {
  const hosts = new Set<string>();
  const problems: FieldError[] = [];
  for (const [index, entry] of entries.entries()) {
    const read = readHost(entry, allow);
    if ("host" in read) hosts.add(read.host);
    else problems.push({ path: `egress[${index}]`, message: read.problem });
  }
  if (hosts.size > mostHosts) problems.push({ path: "egress", message: `must have at most ${mostHosts} hosts` });
  return { hosts: [...hosts], problems };
}

function readHost(entry: string, allow: EgressAllow): { readonly host: string } | { readonly problem: string } {
  if (entry === "*" || entry.startsWith("*:")) {
    return { problem: "must name hosts: api.example.com, or *.example.com for all below it" };
  }
  if (entry.includes("://")) return { problem: "must be a host without a scheme, such as api.example.com" };
  if (/[/?#@\\\s]/.test(entry)) {
    return { problem: "must be a host alone, such as api.example.com or *.example.com:8443: no path, user or blank" };
  }
  const [, wildcard = "", name = "", port] = /^(\*\.)?(.*?)(?::([0-9]{1,5}))?$/.exec(entry) ?? [];
  if (port !== undefined && (Number(port) < 1 || Number(port) > 65_535)) {
    return { problem: "must have a port from 1 to 65535, or none" };
  }
  const host = canonical(name);
  if (host === undefined || host.length > longestHost) {
    return { problem: "is not a host such as api.example.com, *.example.com or api.example.com:8443" };
  }
  const address = host.replace(/^\[|\]$/g, "");
  if (isIPv4(address) || isIPv6(address)) {
    if (wildcard !== "") return { problem: "must not have a * before an address" };
    // Without a port it may be reached at both of these: each is judged again when it is.
    const ports = port === undefined ? [443, 80] : [Number(port)];
    const refusals = ports.map((wanted) => egressRefusal({ host: address, port: wanted }, allow));
    const refused = refusals.includes(undefined) ? undefined : refusals[0];
    if (refused !== undefined) {
      return {
        problem: `the address ${address} (${refused}) is not on the public internet; to allow it, the operator adds it to SIGNALBOX_EGRESS_ALLOW`,
      };
    }
  }
  return { host: `${wildcard}${host}${port === undefined ? "" : `:${Number(port)}`}` };
}

/** As a URL's host is compared: lower case, ASCII, addresses in one form. `undefined`: it is none. */
function canonical(name: string): string | undefined {
  const url = URL.canParse(`http://${name}/`) ? new URL(`http://${name}/`) : undefined;
  if (url === undefined || url.port !== "" || name.endsWith(":")) return undefined;
  const host = url.hostname.replace(/\.$/, "");
  const sane =
    host.startsWith("[") || host.split(".").every((label) => /^[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?$/.test(label));
  return sane ? host : undefined;
}
