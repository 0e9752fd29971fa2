/** The hosts that a function may fetch from, as its owner lists them. */

/** `port` 0: the scheme's own. With `below`, all names under `host`, and not `host` itself. */
export interface HostRule {
  readonly host: string;
  readonly below: boolean;
  readonly port: number;
}

/**
 * Reads `api.example.com`, `*.example.com`, `192.0.2.1:8080`, `[2001:db8::1]:8080`. `undefined` when it is none of these.
 * Hosts are written as in URLs: in lower case and ASCII, addresses in their shortest form, without a final dot.
 */
export function parseHostRule(text: string): HostRule | undefined {
  const below = text.startsWith("*.");
  const [, name, port] =
    /^([^\s/?#@\\%*:[\]]+|\[[0-9a-f:.]+\])(?::([1-9][0-9]{0,4}))?$/i.exec(below ? text.slice(2) : text) ?? [];
  if (name === undefined || Number(port ?? 0) > 65_535) return undefined;
  if (!URL.canParse(`http://${name}/`)) return undefined;
  const host = new URL(`http://${name}/`).hostname.replace(/\.$/, "");
  const address = host.startsWith("[") || /^[0-9.]+$/.test(host);
  return host === "" || (below && address) ? undefined : { host, below, port: Number(port ?? 0) };
}
