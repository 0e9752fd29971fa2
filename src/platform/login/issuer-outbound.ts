import type { Clock } from "../../clock.ts";
import type { JwtIssuer } from "../../config/jwt-issuers.ts";
import { type EgressAllow, hostAndPortOf } from "../../domain/egress.ts";
import { type Outbound, outbound } from "../../targets/outbound.ts";

/** The way to an issuer's own URLs: what the operator opened for them is open for nothing else. */
export function issuerOutbound(
  { issuer, keys, login, allowPrivateAddress }: JwtIssuer,
  { clock, allow }: { readonly clock: Clock; readonly allow: EgressAllow },
): Outbound {
  const urls = [...(keys.from === "url" ? [keys.url] : []), ...(login === undefined ? [] : [issuer])];
  const opened = urls.map((url) => {
    const { host, port } = hostAndPortOf(new URL(url));
    return { name: host.toLowerCase().replace(/\.$/, ""), below: false, port };
  });
  return outbound({ clock, allow: allowPrivateAddress ? { ...allow, names: [...allow.names, ...opened] } : allow });
}
