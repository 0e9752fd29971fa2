import { setTimeout as pause } from "node:timers/promises";
import type { Client } from "pg";
import type { Clock } from "../clock.ts";
import { type AgreedSettings, agreedSettings, differingSettings } from "../config/agreed.ts";
import type { Config } from "../config/config.ts";
import { SignalboxError } from "../errors.ts";
import type { Log } from "../log.ts";
import type { Vault } from "../secrets/vault.ts";
import { tellNodes } from "../store/postgres/node-hints.ts";
import { namesOf, type OtherNode, otherNodes, type StartedWith } from "../store/postgres/others.ts";
import { newestSchema } from "../store/postgres/schema.ts";
import type { Wake } from "../store/wake.ts";
import { packageVersion } from "../version.ts";
import { openRunOn, type RunOn } from "./database-folder.ts";
import { type DatabaseKeys, keyNames, openDatabaseVault } from "./database-key.ts";

/** How a process comes to work on a database: alone, or as one of several nodes, which have to have some things alike. */

export interface Joined {
  readonly vault: Vault;
  /** A change of the key is not finished: others seal with the one before. */
  readonly isChanging: boolean;
  readonly on: RunOn;
  readonly startedWith: StartedWith;
}

interface Joining {
  readonly config: Config;
  readonly keys: DatabaseKeys;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * Joins those that work on a database, whose tables are there. The caller is the one process that starts on it.
 *
 * @param mark of the run that begins; the name of the node
 * @throws SignalboxError `conflict`, with the remedy: the key, the folder or the settings do not go with what is there
 */
export async function join(client: Client, mark: string, { config, keys, clock, log }: Joining): Promise<Joined> {
  await agreeOnUrl(client, mark, config);
  const others = await otherNodes(client, mark);
  const { vault, isChanging } = await openDatabaseVault(client, keys, { others, log });
  const retentionMs = config.retentionDays * dayMs;
  const marks = others.map(({ id }) => id);
  const on = await openRunOn(client, { folder: config.data, mark, others: marks, retentionMs, clock, log });
  const settings = agreedSettings(config);
  tellDifferences(settings, others, log);
  const hasPublicUrl = config.publicUrl !== undefined;
  if (config.blobs !== undefined && !hasPublicUrl) {
    log.warn({}, "SIGNALBOX_PUBLIC_URL is not set: no other node can work on the database beside this one");
  }
  const startedWith = {
    version: packageVersion,
    schema: newestSchema(),
    keys: keyNames(vault),
    settings,
    hasPublicUrl,
  };
  return { vault, isChanging, on, startedWith };
}

const dayMs = 86_400_000;
/** PostgreSQL takes some seconds to learn that the machine of a process before this one is gone. */
const goneMs = 8_000;
const againMs = 100;

/**
 * Refuses a node without a public URL beside others, and one beside a node without, which is told of it: links in mails would lead to one of them, which may
 * be gone.
 */
async function agreeOnUrl(client: Client, self: string, { publicUrl }: Pick<Config, "publicUrl">): Promise<void> {
  const untilMs = performance.now() + goneMs;
  for (;;) {
    const others = await otherNodes(client, self);
    const without = others.filter(({ hasPublicUrl }) => !hasPublicUrl);
    if (others.length === 0 || (publicUrl !== undefined && without.length === 0)) return;
    if (performance.now() > untilMs)
      throw await refusedUrl(client, self, publicUrl === undefined ? "here" : `on ${namesOf(without)}`);
    await pause(againMs);
  }
}

async function refusedUrl(client: Client, self: string, where: string): Promise<SignalboxError> {
  await tellNodes(client, self, [{ about: "refused" }]);
  return new SignalboxError(
    "conflict",
    `other nodes work on the database, and SIGNALBOX_PUBLIC_URL is missing ${where}: set it to the address of all of them, the balancer's, on each`,
  );
}

/** Says in which settings others differ that should be alike; goes on all the same, as they are changed on one node after the other. */
function tellDifferences(own: AgreedSettings, others: readonly OtherNode[], log: Log): void {
  for (const other of others) {
    const settings = differingSettings(own, other.settings);
    if (settings.length === 0) continue;
    const { id, address } = other;
    log.warn({ node: id, address, settings }, "settings differ from another node's, and should be the same on all");
  }
}

/** Says so when another node was refused because this one has no public URL. */
export function tellingRefusals(hints: Wake, log: Log): Disposable {
  return hints.listen(({ about }) => {
    if (about !== "refused") return;
    log.warn(
      {},
      "another node could not join: SIGNALBOX_PUBLIC_URL is to be set on each, to the address of all of them",
    );
  });
}
