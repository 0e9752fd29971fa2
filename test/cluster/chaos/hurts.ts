/** What a round does to nodes, and to their database. */
import { setTimeout as pause } from "node:timers/promises";
import type { Dice } from "../../crash/dice.ts";
import type { Nodes } from "./nodes.ts";

const freezeMs = [1_000, 10_000] as const;
/** One that ended is started again after so long. */
const awayMs = [0, 4_000] as const;

/** Hurts one or two nodes, or the database, and brings them back; tells what it did. */
export async function hurtSome(nodes: Nodes, dice: Dice): Promise<string> {
  const how = dice.oneOf(["kill", "kill", "kill", "freeze", "freeze", "freeze", "stop", "stop", "database"] as const);
  if (how === "database") {
    const ms = dice.between(...awayMs);
    await nodes.killDatabase();
    await pause(ms);
    await nodes.startDatabase();
    return `the database killed, and away for ${ms} ms`;
  }
  const victims = victimsOf(nodes, dice);
  const told = await Promise.all(victims.map((name) => hurt(nodes, name, { how, dice })));
  return told.join("; ");
}

function victimsOf({ names }: Nodes, dice: Dice): string[] {
  const [first = "", ...others] = names.toSorted(() => dice.between(0, 1) - 0.5);
  const [second] = others;
  return second !== undefined && dice.chance(1 / 4) ? [first, second] : [first];
}

interface Hurt {
  readonly how: "kill" | "freeze" | "stop";
  readonly dice: Dice;
}

async function hurt(nodes: Nodes, name: string, { how, dice }: Hurt): Promise<string> {
  switch (how) {
    case "freeze": {
      const ms = dice.between(...freezeMs);
      nodes.freeze(name);
      await pause(ms);
      nodes.thaw(name);
      return `${name} frozen for ${ms} ms`;
    }
    case "kill":
    case "stop": {
      const ms = dice.between(...awayMs);
      await nodes[how](name);
      await pause(ms);
      await nodes.start(name);
      return `${name} ${how === "kill" ? "killed" : "stopped"}, and away for ${ms} ms`;
    }
    default:
      return how satisfies never;
  }
}
