/**
 * Network namespaces, one for each node, with two links each: one leads to the database, the other to everything else. A link is a pair of devices, of which one is in
 * the namespace and the other on a bridge of this machine, where it can be taken down as a cable is pulled: what is sent on either side is lost without a word.
 */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import type { Network } from "../cluster/chaos/nodes.ts";

export type Link = "database" | "others";

export interface Links extends Network, AsyncDisposable {
  /** Takes links of a node down, or brings them up. */
  set(name: string, links: readonly Link[], state: "up" | "down"): Promise<void>;
}

const kinds = ["database", "others"] as const;
/** Of everything here, with the id of the process behind it: 15 letters are as many as a device may have. */
const prefix = "sbx";

/** @throws Error that says what is needed, where this process may not make namespaces */
export async function openLinks(names: readonly string[]): Promise<Links> {
  await refuseWithoutMeans();
  await removeLeft();
  await using made = new AsyncDisposableStack();
  // Two runs at the same time have networks of their own.
  const part = process.pid % 250;
  const netOf = { database: `10.213.${part}`, others: `10.214.${part}` };
  const bridgeOf = { database: `${prefix}${process.pid}d`, others: `${prefix}${process.pid}o` };
  for (const kind of kinds) {
    const bridge = bridgeOf[kind];
    await ip("link", "add", bridge, "type", "bridge");
    made.defer(() => ip("link", "delete", bridge));
    await ip("address", "add", `${netOf[kind]}.1/24`, "dev", bridge);
    await ip("link", "set", bridge, "up");
  }
  const indexOf = (name: string): number => names.indexOf(name) + 1;
  const spaceOf = (name: string): string => `${prefix}${process.pid}-${indexOf(name)}`;
  /** The end of a link that is on this machine. */
  const endOf = (name: string, kind: Link): string => `${bridgeOf[kind]}${indexOf(name)}`;
  const hostOf = (name: string, kind: Link): string => `${netOf[kind]}.${indexOf(name) + 1}`;
  for (const name of names) {
    const space = spaceOf(name);
    await ip("netns", "add", space);
    // Its devices go with it, and their other ends.
    made.defer(() => ip("netns", "delete", space));
    await ip("-n", space, "link", "set", "lo", "up");
    for (const kind of kinds) {
      const end = endOf(name, kind);
      await ip("link", "add", end, "type", "veth", "peer", "name", kind, "netns", space);
      await ip("link", "set", end, "master", bridgeOf[kind], "up");
      await ip("-n", space, "address", "add", `${hostOf(name, kind)}/24`, "dev", kind);
      await ip("-n", space, "link", "set", kind, "up");
    }
  }
  const owned = made.move();
  return {
    host: `${netOf.others}.1`,
    databaseHost: `${netOf.database}.1`,
    place: (name) => ({ host: hostOf(name, "others"), under: ["ip", "netns", "exec", spaceOf(name)] }),
    set: async (name, links, state) => {
      await Promise.all(links.map((kind) => ip("link", "set", endOf(name, kind), state)));
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

async function ip(...words: readonly string[]): Promise<void> {
  await promisify(execFile)("ip", words);
}

async function refuseWithoutMeans(): Promise<void> {
  if (process.getuid?.() !== 0)
    throw new Error("network namespaces need root: run this as root, as in a container with --privileged");
  await ip("-V").catch((cause: unknown) => {
    throw new Error("network namespaces need `ip`: apt-get install iproute2", { cause });
  });
}

/** What runs left that were killed: nothing else has these names. */
async function removeLeft(): Promise<void> {
  const isLeft = (name: string): boolean => {
    const [, pid] = new RegExp(`^${prefix}(\\d+)(?:[do]|-\\d+)$`).exec(name) ?? [];
    return pid !== undefined && !isThere(Number(pid));
  };
  const listed = async (...words: readonly string[]): Promise<string[]> => {
    const { stdout } = await promisify(execFile)("ip", ["-json", ...words]);
    const found = JSON.parse(stdout === "" ? "[]" : stdout) as readonly {
      readonly ifname?: string;
      readonly name?: string;
    }[];
    return found.flatMap(({ ifname, name }) => ifname ?? name ?? []).filter(isLeft);
  };
  for (const space of await listed("netns", "list")) await ip("netns", "delete", space);
  for (const bridge of await listed("link", "show", "type", "bridge")) await ip("link", "delete", bridge);
}

function isThere(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
