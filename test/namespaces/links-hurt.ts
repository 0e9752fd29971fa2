/** What a round does to the links of nodes. */
import { setTimeout as pause } from "node:timers/promises";
import type { Nodes } from "../cluster/chaos/nodes.ts";
import type { Dice } from "../crash/dice.ts";
import type { Link, Links } from "./links.ts";

/** Shorter and longer than a lease. */
const downMs = [500, 12_000] as const;

/** Cuts one or two nodes off from the database alone, or from everything, and brings them back; tells what it did. */
export async function hurtLinks(links: Links, nodes: Nodes, dice: Dice): Promise<string> {
  const victims = nodes.names.toSorted(() => dice.between(0, 1) - 0.5).slice(0, dice.chance(1 / 4) ? 2 : 1);
  return (await Promise.all(victims.map((name) => cutOff(links, nodes, { name, dice })))).join("; ");
}

async function cutOff(
  links: Links,
  nodes: Nodes,
  { name, dice }: { readonly name: string; readonly dice: Dice },
): Promise<string> {
  const from = dice.oneOf<readonly Link[]>([["database"], ["database", "others"], ["others"]]);
  const ms = dice.between(...downMs);
  nodes.hurt(name, `cut off from ${from.join(" and ")}`);
  await links.set(name, from, "down");
  await pause(ms);
  await links.set(name, from, "up");
  nodes.well(name);
  return `${name} cut off from ${from.join(" and ")} for ${ms} ms`;
}
