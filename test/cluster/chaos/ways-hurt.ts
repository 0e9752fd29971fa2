/** What a round does on the ways between nodes and their database. */
import { setTimeout as pause } from "node:timers/promises";
import type { Dice } from "../../crash/dice.ts";
import type { Mishap } from "../../support/postgres-proxy.ts";
import type { Nodes } from "./nodes.ts";

/** Shorter and longer than a lease. */
const frozenMs = [500, 12_000] as const;

/** Cuts or freezes what one or two nodes have under way, or all of their connections; tells what it did. */
export async function hurtWays(nodes: Nodes, dice: Dice): Promise<string> {
  const victims = nodes.names.toSorted(() => dice.between(0, 1) - 0.5).slice(0, dice.chance(1 / 4) ? 2 : 1);
  return (await Promise.all(victims.map((name) => hurtWay(nodes, name, dice)))).join("; ");
}

async function hurtWay(nodes: Nodes, name: string, dice: Dice): Promise<string> {
  const mishap = dice.oneOf([
    "cut before commit",
    "cut in the middle",
    "cut after commit",
    "cut after commit",
    "freeze before commit",
    "freeze after commit",
    "cut off",
    "cut off",
  ] as const);
  if (mishap === "cut off") return freezeAll(nodes, name, { dice, since: "" });
  const isWhole = dice.chance(1 / 2);
  if (mishap.startsWith("cut")) return cut(nodes, name, { mishap, isWhole });
  await freezeOne(nodes, name, mishap);
  return isWhole ? freezeAll(nodes, name, { dice, since: `${mishap}, ` }) : `${name}: ${mishap}`;
}

interface Cut {
  readonly mishap: Mishap;
  /** All connections end with it. */
  readonly isWhole: boolean;
}

async function cut(nodes: Nodes, name: string, { mishap, isWhole }: Cut): Promise<string> {
  const way = nodes.way(name);
  await way.next(mishap);
  nodes.hurt(name, mishap);
  if (isWhole) way.cut();
  nodes.well(name);
  return `${name}: ${mishap}${isWhole ? ", and all else with it" : ""}`;
}

/** The connection that writes is silent until the node has given it up. */
async function freezeOne(nodes: Nodes, name: string, mishap: Mishap): Promise<void> {
  const { ended } = await nodes.way(name).next(mishap);
  const who = `the connection of ${name}`;
  nodes.hurt(who, mishap);
  void ended.then(() => nodes.well(who));
}

async function freezeAll(
  nodes: Nodes,
  name: string,
  { dice, since }: { readonly dice: Dice; readonly since: string },
): Promise<string> {
  const ms = dice.between(...frozenMs);
  nodes.hurt(name, "cut off");
  nodes.way(name).freeze();
  await pause(ms);
  nodes.way(name).thaw();
  nodes.well(name);
  return `${name}: ${since}cut off from the database for ${ms} ms`;
}
