/** What the environment says of runs. */
import { randomInt } from "node:crypto";

export const runSettings = {
  rounds: Number(process.env["CLUSTER_ROUNDS"] ?? 10),
  /** Throws the same dice, though never with exactly the same timing. */
  seed: Number(process.env["CLUSTER_SEED"] ?? randomInt(2 ** 31)),
  count: Number(process.env["CLUSTER_NODES"] ?? 3),
} as const;
