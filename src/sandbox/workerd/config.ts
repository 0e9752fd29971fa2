import { readFileSync } from "node:fs";
import type { EgressAllow } from "../../domain/egress.ts";
import { hostLimits } from "./host-limits.ts";
import { everywhere, filteredPorts, type NetworkFilter, networkFilter } from "./networks.ts";

interface ConfigOptions {
  readonly opened: EgressAllow;
  /** PEM of the certificate authorities that functions trust. */
  readonly authorities: readonly string[];
  readonly memoryBytes: number;
}

/** Beside the configuration. Relative, because the path of a unix socket may have no more than 107 bytes. */
export const socketNames = { calls: "calls", host: "host" } as const;

/** The notation for texts is that of JSON, as long as they hold nothing but printable ASCII and line ends. */
const text = (value: string): string => JSON.stringify(value);
/** The guest's own code, in ASCII for that reason. */
const guest = (file: string): string => readFileSync(new URL(`./guest/${file}`, import.meta.url), "utf8");
const dispatcher = text(guest("dispatcher.js"));
const files = ["answer-lines.js", "first.js", "format.js", "inspect.js", "layout.js", "primitives.js", "shim.js"];
/** What the dispatcher loads with each function. */
const modules = text(JSON.stringify(Object.fromEntries(files.map((file) => [file, guest(file)]))));
const list = (values: readonly string[]): string => `[${values.map(text).join(", ")}]`;
const network = ({ allow, deny }: NetworkFilter): string =>
  `(allow = ${list(allow)}, deny = ${list(deny)}, tlsOptions = .tls)`;

/**
 * What a process is started with, in Cap'n Proto's text form.
 *
 * `--gc-global` makes every collection a full one. Each call leaves objects behind that only a full one frees, with native
 * memory that V8 does not count: without the flag a process with one function grew from 55 to 410 MB within 5 s at 6,000
 * calls/s, with it to 90 MB, no slower and with shorter pauses. Functions that hold some 100 MB pay with up to twice the time.
 */
export function configText({ opened, authorities, memoryBytes }: ConfigOptions): string {
  const openedNames = JSON.stringify(opened.names);
  const ports = filteredPorts(opened);
  const atPorts = ports.map((port) => `(name = "public-${port}", network = ${network(networkFilter(opened, port))}),`);
  const bindings = ports.map((port) => `(name = "PUBLIC_${port}", service = "public-${port}"),`);
  return `using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  v8Flags = ["--gc-global", "--max-heap-size=${Math.ceil(memoryBytes / 2 ** 20)}"],
  services = [
    (name = "main", worker = .dispatcher),
    (name = "host", external = (address = "unix:${socketNames.host}", http = ())),
    (name = "public", network = ${network(networkFilter(opened))}),
    ${atPorts.join("\n    ")}
    (name = "anywhere", network = ${network(everywhere)}),
    (name = "nowhere", network = (allow = [])),
  ],
  sockets = [(name = "calls", address = "unix:${socketNames.calls}", http = (), service = "main")],
);

const dispatcher :Workerd.Worker = (
  modules = [(name = "dispatcher.js", esModule = ${dispatcher})],
  compatibilityDate = "2026-11-01",
  bindings = [
    (name = "LOADER", workerLoader = (id = "functions")),
    (name = "HOST", service = "host"),
    (name = "PUBLIC", service = "public"),
    ${bindings.join("\n    ")}
    (name = "ANYWHERE", service = "anywhere"),
    (name = "MODULES", json = ${modules}),
    (name = "MOST_ASKING", json = "${hostLimits.processRequests}"),
    (name = "OPENED", json = ${text(openedNames)}),
  ],
  globalOutbound = "nowhere",
);

const tls :Workerd.TlsOptions = (trustedCertificates = ${list(authorities)});
`;
}
