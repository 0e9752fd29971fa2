import { createHash } from "node:crypto";
import type { Config } from "./config.ts";
import { envName } from "./setting.ts";
import { configurationSettings } from "./settings.ts";

/** What each node has of its own: where it is, what its machine can take, how it starts, logs and ends. */
const ofOneNode: ReadonlySet<string> = new Set<keyof Config>([
  "data",
  "host",
  "port",
  "s3Port",
  "hostListen",
  "declare",
  "adminToken",
  "s3AccessKeyId",
  "s3SecretAccessKey",
  "secretKey",
  "secretKeyPrevious",
  "store",
  "storeAsync",
  "blobsAccessKeyId",
  "blobsSecretAccessKey",
  "reserveBytes",
  "senders",
  "maxConnections",
  "maxConnectionsPerAddress",
  "anonymousPerSecond",
  "minBodyBytesPerSecond",
  "documentBytesPerSecond",
  "hookConcurrency",
  "sandboxMemoryBytes",
  "sandboxProcesses",
  "shutdownGraceMs",
  "drainMs",
  "logLevel",
]);

/** By the name of the setting, of the environment; a digest of its value. */
export type AgreedSettings = Readonly<Record<string, string>>;

/** The settings in which nodes of one store should agree. Of one that is secret only whether it is given. */
export function agreedSettings(config: Config): AgreedSettings {
  const agreed = configurationSettings.filter(([key]) => !ofOneNode.has(key));
  return Object.fromEntries(
    agreed.map(([key, { secret }]) => {
      const value: unknown = config[key as keyof Config];
      return [envName(key), digest(secret ? value !== undefined : value)];
    }),
  );
}

/** The names of those that both know, another version may have others, and that differ. */
export function differingSettings(own: AgreedSettings, others: AgreedSettings): string[] {
  return Object.keys(own).filter((name) => others[name] !== undefined && others[name] !== own[name]);
}

function digest(value: unknown): string {
  return createHash("sha256")
    .update(JSON.stringify(value) ?? "")
    .digest("hex")
    .slice(0, 16);
}
