/**
 * Which addresses workerd's own network filter lets functions reach: those that `targets/addresses.ts` lets webhooks reach.
 * workerd's word "public" alone is not enough: it holds benchmarking, documentation and site-local networks, addresses of cloud
 * metadata outside of link-local, and every form of IPv6 but one that carries an IPv4 address (NAT64, 6to4, …).
 * The filter judges each address that a name resolves to, and connects to what it judged. An address passes when a net of
 * `allow` holds it, unless a net of `deny` that is at least as narrow does too.
 */
import { type EgressAllow, type EgressNet, knownNet } from "../../domain/egress.ts";

export interface NetworkFilter {
  readonly allow: readonly string[];
  readonly deny: readonly string[];
}

/** The networks that `refusal` refuses; a test compares the two. */
export const closedNets: readonly string[] = [
  "0.0.0.0/8",
  "10.0.0.0/8",
  "100.64.0.0/10",
  "127.0.0.0/8",
  "168.63.129.16/32",
  "169.254.0.0/16",
  "172.16.0.0/12",
  "192.0.0.0/24",
  "192.0.2.0/24",
  "192.88.99.0/24",
  "192.168.0.0/16",
  "198.18.0.0/15",
  "198.51.100.0/24",
  "203.0.113.0/24",
  "224.0.0.0/4",
  "240.0.0.0/4",
  // All of IPv6 but 2000::/3, which alone is given out.
  "::/3",
  "4000::/2",
  "8000::/1",
  "2001::/23",
  "2001:db8::/32",
  "2002::/16",
  "3fff::/20",
];

/** Refused as what they are, although they look as if they carried 0.0.0.0 and 0.0.0.1. */
const notCarried: readonly string[] = ["::/128", "::1/128"];

/** Where an IPv4 address lies in one of IPv6, in front of which there is what: as `refusal` has it. */
const carriers: readonly { readonly prefix: readonly number[]; readonly bits: number }[] = [
  { prefix: [], bits: 96 },
  { prefix: [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff], bits: 96 },
  { prefix: [0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff], bits: 96 },
  { prefix: [0, 0x64, 0xff, 0x9b], bits: 96 },
  { prefix: [0x20, 0x02], bits: 16 },
];

function shown({ base, bits }: EgressNet): string {
  if (base.length === 4) return `${base.join(".")}/${bits}`;
  const groups = Array.from({ length: 8 }, (_, at) => ((base[2 * at] ?? 0) << 8) | (base[2 * at + 1] ?? 0));
  return `${groups.map((group) => group.toString(16)).join(":")}/${bits}`;
}

/** The IPv6 nets in which a net of IPv4 lies again. */
function carried({ base, bits }: EgressNet): EgressNet[] {
  if (base.length !== 4) return [];
  return carriers.map((carrier) => {
    const address = Array.from({ length: 16 }, (_, at) => carrier.prefix[at] ?? 0);
    for (const [at, byte] of base.entries()) address[carrier.bits / 8 + at] = byte;
    return { base: address, bits: carrier.bits + bits };
  });
}

/** Whether all of `inner` lies in `outer`. */
function covers(outer: EgressNet, inner: EgressNet): boolean {
  if (outer.base.length !== inner.base.length || outer.bits > inner.bits) return false;
  return outer.base.every((byte, at) => {
    const own = Math.min(8, Math.max(0, outer.bits - at * 8));
    return (byte ^ (inner.base[at] ?? 0)) >> (8 - own) === 0;
  });
}

/**
 * For names and addresses that were not opened by name, at one port; without it at those that no entry of the operator's names.
 * workerd's filter knows no ports, so each port that one names has a filter of its own.
 */
export function networkFilter(opened: EgressAllow, port?: number): NetworkFilter {
  const open = opened.nets.filter((net) => net.port === undefined || net.port === port);
  const nets = open.flatMap((net) => [net, ...carried(net)]);
  const closed = (by: readonly EgressNet[]) => (net: string) => !by.some((outer) => covers(outer, knownNet(net)));
  // A denied net wins over an allowed one of its own width: so what is wholly opened must not be denied.
  const deny = [...closedNets.filter(closed(nets)), ...notCarried.filter(closed(open))];
  return { allow: ["public", ...nets.map(shown)], deny };
}

/** The ports that have a filter of their own. */
export function filteredPorts({ nets }: EgressAllow): number[] {
  return [...new Set(nets.flatMap(({ port }) => (port === undefined ? [] : [port])))].sort((a, b) => a - b);
}

/** For the names that the operator opened: whatever they resolve to. */
export const everywhere: NetworkFilter = { allow: ["0.0.0.0/0", "::/0"], deny: [] };
