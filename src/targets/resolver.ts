/** Names to addresses, without the thread pool where possible. */
import type { LookupAddress } from "node:dns";
import { Resolver, lookup as systemLookup } from "node:dns/promises";
import type { LookupFunction } from "node:net";

/** Per try; c-ares waits longer in the second. */
const queryTimeoutMs = 2_000;
const tries = 2;

/**
 * Asks DNS itself (c-ares), because the system's `getaddrinfo` holds one of two threads for as long as a name server is
 * silent: two names with dead name servers would stop every other tenant's connections. The system is asked for what DNS
 * cannot know (`localhost`, one-label names) and for what DNS quickly said it does not know (the hosts file, search
 * domains). Callers that want one name at one time share one query. `servers` (`address:port`) replaces the system's.
 */
export function dnsLookup(servers?: readonly string[]): LookupFunction {
  const resolver = new Resolver({ timeout: queryTimeoutMs, tries });
  if (servers !== undefined) resolver.setServers(servers);
  const underway = new Map<string, Promise<readonly LookupAddress[]>>();

  const fromDns = async (hostname: string): Promise<readonly LookupAddress[]> => {
    const [v4, v6] = await Promise.allSettled([resolver.resolve4(hostname), resolver.resolve6(hostname)]);
    const found = [
      ...(v4.status === "fulfilled" ? v4.value : []).map((address) => ({ address, family: 4 })),
      ...(v6.status === "fulfilled" ? v6.value : []).map((address) => ({ address, family: 6 })),
    ];
    if (found.length > 0) return found;
    const failures = [v4, v6].flatMap((answer) =>
      answer.status === "rejected" ? [answer.reason as NodeJS.ErrnoException] : [],
    );
    const silent = failures.find((failure) => failure.code === "ETIMEOUT");
    if (silent !== undefined) throw silent;
    return systemLookup(hostname, { all: true });
  };

  const resolve = (hostname: string): Promise<readonly LookupAddress[]> => {
    const known = underway.get(hostname);
    if (known !== undefined) return known;
    const local = !hostname.replace(/\.$/, "").includes(".") || /\.localhost\.?$/.test(hostname);
    const query = (local ? systemLookup(hostname, { all: true }) : fromDns(hostname)).finally(() =>
      underway.delete(hostname),
    );
    underway.set(hostname, query);
    return query;
  };

  return (hostname, _options, tell) => {
    resolve(hostname).then(
      (addresses) => tell(null, [...addresses]),
      (error: NodeJS.ErrnoException) => tell(error, []),
    );
  };
}
