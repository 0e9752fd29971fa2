/** Which addresses may be sent to: everything on the public internet, and what the operator allows. Pure. */

import { isIPv4, isIPv6 } from "node:net";
import { domainToASCII } from "node:url";
import { SignalboxError } from "../errors.ts";
import { defined } from "./defined.ts";

/** 4 bytes of IPv4 or 16 of IPv6. */
type Address = readonly number[];

/** A network: a whole number of its first bits. */
export interface EgressNet {
  readonly base: Address;
  readonly bits: number;
}

/** Of what an operator opens: one port of it; absent: all of them. */
interface Opened {
  readonly port?: number;
}

interface OpenedName extends Opened {
  readonly name: string;
  /** All names under it, and not the name itself. */
  readonly below: boolean;
}

/** What an operator opens. Made by {@link parseEgressAllow}. */
export interface EgressAllow {
  readonly nets: readonly (EgressNet & Opened)[];
  readonly names: readonly OpenedName[];
}

const v4Bytes = (text: string): number[] => text.split(".").map(Number);

/** Groups of IPv6 as bytes; the last may be dotted IPv4. */
function groupBytes(text: string): number[] {
  if (text === "") return [];
  return text.split(":").flatMap((group) => {
    if (group.includes(".")) return v4Bytes(group);
    const value = Number.parseInt(group, 16);
    return [value >> 8, value & 0xff];
  });
}

/** `undefined` when `text` is no address. A zone (`%eth0`) is passed over. */
function parseAddress(text: string): Address | undefined {
  if (isIPv4(text)) return v4Bytes(text);
  if (!isIPv6(text)) return undefined;
  const [address = ""] = text.split("%");
  const [head = "", tail] = address.split("::");
  const first = groupBytes(head);
  if (tail === undefined) return first;
  const last = groupBytes(tail);
  return [...first, ...Array.from({ length: 16 - first.length - last.length }, () => 0), ...last];
}

/**
 * Not `net.BlockList`: that takes a mapped address for the IPv4 in it, which here is a thing of its own, and tells neither which net it was nor
 * what bytes it has.
 */
function contains({ base, bits }: EgressNet, address: Address): boolean {
  if (base.length !== address.length) return false;
  for (let index = 0, left = bits; left > 0; index += 1, left -= 8) {
    const mask = left >= 8 ? 0xff : (0xff << (8 - left)) & 0xff;
    if (((base[index] ?? 0) & mask) !== ((address[index] ?? 0) & mask)) return false;
  }
  return true;
}

/** `undefined` when `text` is no `address/bits`. */
function parseNet(text: string): EgressNet | undefined {
  const [host = "", bits, ...rest] = text.split("/");
  const base = host.includes("%") ? undefined : parseAddress(host);
  if (base === undefined || rest.length > 0) return undefined;
  if (bits === undefined) return { base, bits: base.length * 8 };
  if (!/^(0|[1-9][0-9]{0,2})$/.test(bits) || Number(bits) > base.length * 8) return undefined;
  return { base, bits: Number(bits) };
}

/** A network that stands in the code. */
export function knownNet(net: string): EgressNet {
  const parsed = parseNet(net);
  if (parsed === undefined) throw new TypeError(`${net} is no network`);
  return parsed;
}

interface Special extends EgressNet {
  readonly what: string;
  /** At which byte an IPv4 address begins inside, which is where the packets then go. */
  readonly carries?: number;
}

function special(net: string, what: string, carries?: number): Special {
  return { ...knownNet(net), what, ...defined({ carries }) };
}

interface KnownNets {
  /** IANA's special-purpose registries, and what clouds have put on public addresses. The first that fits gives the name. */
  readonly specials: readonly Special[];
  /** All of IPv6 that is given out so far: what lies outside is reserved. */
  readonly globalUnicast: Special;
}

/** Read with the first address that is judged: it takes as long as a twentieth of a start. */
let read: KnownNets | undefined;

function knownNets(): KnownNets {
  read ??= {
    specials: [
      special("169.254.169.254/32", "cloud metadata"),
      special("168.63.129.16/32", "cloud metadata"),
      special("100.100.100.200/32", "cloud metadata"),
      special("0.0.0.0/8", "unspecified"),
      special("10.0.0.0/8", "private"),
      special("100.64.0.0/10", "shared (carrier NAT)"),
      special("127.0.0.0/8", "loopback"),
      special("169.254.0.0/16", "link-local"),
      special("172.16.0.0/12", "private"),
      special("192.0.0.0/24", "reserved"),
      special("192.0.2.0/24", "documentation"),
      special("192.88.99.0/24", "6to4 relay"),
      special("192.168.0.0/16", "private"),
      special("198.18.0.0/15", "benchmarking"),
      special("198.51.100.0/24", "documentation"),
      special("203.0.113.0/24", "documentation"),
      special("224.0.0.0/4", "multicast"),
      special("255.255.255.255/32", "broadcast"),
      special("240.0.0.0/4", "reserved"),
      special("::/128", "unspecified"),
      special("::1/128", "loopback"),
      special("::/96", "IPv4-compatible", 12),
      special("::ffff:0:0/96", "IPv4-mapped", 12),
      special("::ffff:0:0:0/96", "IPv4-translated", 12),
      special("64:ff9b::/96", "NAT64", 12),
      special("64:ff9b:1::/48", "NAT64"),
      special("2001::/32", "Teredo"),
      special("100::/64", "discard"),
      special("2001:db8::/32", "documentation"),
      special("2001::/23", "reserved"),
      special("2002::/16", "6to4", 2),
      special("3fff::/20", "documentation"),
      special("fd00:ec2::254/128", "cloud metadata"),
      special("fd20:ce::254/128", "cloud metadata"),
      special("fc00::/7", "private"),
      special("fe80::/10", "link-local"),
      special("fec0::/10", "site-local"),
      special("ff00::/8", "multicast"),
    ],
    globalUnicast: special("2000::/3", "global"),
  };
  return read;
}

const opens =
  (port: number) =>
  (opened: Opened): boolean =>
    opened.port === undefined || opened.port === port;

/** Where an address or a name is wanted. */
interface HostAndPort {
  readonly host: string;
  readonly port: number;
}

/** Where a URL leads: its host without brackets, its port or else the one of its scheme. */
export function hostAndPortOf({ hostname, port, protocol }: URL): HostAndPort {
  const host = hostname.replace(/^\[|\]$/g, "");
  return { host, port: port !== "" ? Number(port) : protocol === "https:" ? 443 : 80 };
}

/**
 * `undefined` when the address may be sent to at that port; otherwise what it is, for humans (`loopback`). An address that carries
 * an IPv4 address (mapped, NAT64, 6to4, …) is refused even when that one is public, and allowed when either is on the list.
 */
export function egressRefusal({ host, port }: HostAndPort, allow: EgressAllow): string | undefined {
  const bytes = parseAddress(host);
  if (bytes === undefined) return "no address";
  const { specials, globalUnicast } = knownNets();
  const found = specials.find((net) => contains(net, bytes));
  if (found === undefined && (bytes.length === 4 || contains(globalUnicast, bytes))) return undefined;
  const nets = allow.nets.filter(opens(port));
  if (nets.some((net) => contains(net, bytes))) return undefined;
  if (found?.carries !== undefined) {
    const inner = bytes.slice(found.carries, found.carries + 4);
    if (nets.some((net) => contains(net, inner))) return undefined;
  }
  return found?.what ?? "reserved";
}

const bare = (host: string): string => host.toLowerCase().replace(/\.$/, "");

/** Whether the operator opened this name at that port: then every address that it resolves to may be sent to there. */
export function nameAllowed(place: HostAndPort, allow: EgressAllow): boolean {
  const host = bare(place.host);
  return allow.names
    .filter(opens(place.port))
    .some(({ name, below }) => (below ? host.endsWith(`.${name}`) : host === name));
}

/**
 * Reads the operator's allow-list: networks (`10.0.0.0/8`, `fd00::/8`), single addresses, host names (`hooks.internal`) and
 * all names under one (`*.corp.example`, without `corp.example` itself), each with one port (`127.0.0.1:3000`, `[::1]:3000`,
 * `10.0.0.0/8:8443`, `[fd00::/8]:8443`, `*.corp.example:443`) or, without, all ports. Throws `invalid_request` naming the bad entry.
 */
export function parseEgressAllow(entries: readonly string[]): EgressAllow {
  const nets: (EgressNet & Opened)[] = [];
  const names: OpenedName[] = [];
  for (const entry of entries) {
    const { what, opened } = splitPort(entry);
    const net = parseNet(what);
    if (net !== undefined) {
      nets.push({ ...aligned(entry, net), ...opened });
      continue;
    }
    const below = what.startsWith("*.");
    const name = asciiName(below ? what.slice(2) : what);
    if (name === undefined) {
      throw badEntry(entry, "it is no network, address, host name or *.suffix, with or without a :port");
    }
    names.push({ name, below, ...opened });
  }
  return { nets, names };
}

/** The entry without its port. IPv6 stands in brackets in front of one: `::1:3000` is an address. */
function splitPort(entry: string): { readonly what: string; readonly opened: Opened } {
  const [, bracketed, bits = "", after] = /^\[([^[\]]+)\](\/\d+)?(?::(.*))?$/.exec(entry) ?? [];
  const [, plain, port = after] = bracketed === undefined ? (/^([^:]*):([^:]*)$/.exec(entry) ?? []) : [];
  if (bracketed !== undefined && !bracketed.includes(":")) throw badEntry(entry, "only IPv6 stands in brackets");
  const what = bracketed === undefined ? (plain ?? entry) : `${bracketed}${bits}`;
  if (port === undefined) return { what, opened: {} };
  if (!/^[1-9][0-9]{0,4}$/.test(port) || Number(port) > 65_535) throw badEntry(entry, "a port is from 1 to 65535");
  return { what, opened: { port: Number(port) } };
}

/** A host name as URLs show it; `undefined` when it is none. */
function asciiName(text: string): string | undefined {
  // Node's conversion stops in silence at what would end a URL's host.
  if (/[\s/:@?#\\[\]%*]/.test(text)) return undefined;
  const name = bare(domainToASCII(text));
  const labels = name.split(".");
  if (!labels.every((label) => /^[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?$/.test(label))) return undefined;
  // A last label that is a number makes every URL parser read the name as an IPv4 address.
  return /^(?:\d+|0x.*)$/.test(labels.at(-1) ?? "") ? undefined : name;
}

function badEntry(entry: string, why: string): SignalboxError {
  return new SignalboxError("invalid_request", `egress allow-list: ${JSON.stringify(entry)}: ${why}`);
}

/** A network written with bits beyond its prefix (`10.1.2.3/8`) opens more than it shows: most likely a slip. */
function aligned(entry: string, net: EgressNet): EgressNet {
  const hostBits = net.base.some((byte, index) => {
    const own = Math.min(8, Math.max(0, net.bits - index * 8));
    return (byte & (0xff >> own)) !== 0;
  });
  if (hostBits) throw badEntry(entry, `it has bits set beyond its first ${net.bits}`);
  return net;
}
