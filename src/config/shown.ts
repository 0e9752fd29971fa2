import type { Config } from "./config.ts";
import { configurationSettings } from "./settings.ts";

/** The settings as a log may hold them: of what is secret only that it is given, and no URL with what it carries of a password. */
export function shownSettings(config: Config): Readonly<Record<string, unknown>> {
  const shown: Record<string, unknown> = {};
  for (const [key, { secret }] of configurationSettings) {
    const value: unknown = config[key as keyof Config];
    if (value === undefined) continue;
    shown[key] = secret ? "given" : typeof value === "string" ? withoutUser(value) : value;
  }
  return shown;
}

function withoutUser(text: string): string {
  return text.replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/?#]*@/i, "$1");
}
