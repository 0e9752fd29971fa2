import { BlockList, isIP, isIPv6 } from "node:net";

/** Where the host interface listens. */
type HostListen =
  | { readonly kind: "socket"; readonly path: string }
  | { readonly kind: "port"; readonly host: string; readonly port: number };

/** Longest path of a unix socket that every system takes. */
const longestPath = 103;

/**
 * `unix:/run/signalbox/host.sock`, `127.0.0.1:7072` or `[::1]:7072`.
 *
 * @returns what is wrong with it, as a sentence goes on behind the text, where it is neither.
 */
export function parseHostListen(text: string): HostListen | { readonly problem: string } {
  if (text.startsWith("unix:")) {
    const path = text.slice("unix:".length);
    if (!path.startsWith("/") || path.endsWith("/") || path.includes("\0")) {
      return { problem: "must name a file by its whole path: unix:/run/signalbox/host.sock" };
    }
    return Buffer.byteLength(path) > longestPath
      ? { problem: `has a path of more than ${longestPath} bytes, which no socket can have` }
      : { kind: "socket", path };
  }
  const [, six, other = "", digits = ""] = /^(?:\[([^\]]*)\]|([^:[\]\s]+)):(\d{1,5})$/.exec(text) ?? [];
  const host = six ?? other;
  const port = Number(digits);
  const isAddress = six === undefined ? other !== "" : isIP(six) === 6;
  return isAddress && digits !== "" && port <= 65_535
    ? { kind: "port", host, port }
    : { problem: "must be unix:/path/of/a/socket or an address and a port: 127.0.0.1:7072 or [::1]:7072" };
}

const reachedByFew = [
  ["127.0.0.0", 8],
  ["10.0.0.0", 8],
  ["172.16.0.0", 12],
  ["192.168.0.0", 16],
  ["100.64.0.0", 10],
  ["169.254.0.0", 16],
  ["::1", 128],
  ["fc00::", 7],
  ["fe80::", 10],
] as const;

/** Whether only this machine or its private network reaches a listener at this address. Not: one at all addresses. */
export function isPrivateAddress(address: string): boolean {
  const few = new BlockList();
  for (const [net, bits] of reachedByFew) few.addSubnet(net, bits, isIPv6(net) ? "ipv6" : "ipv4");
  return few.check(address, isIPv6(address) ? "ipv6" : "ipv4");
}
