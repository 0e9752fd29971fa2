import { flagName, type Setting } from "./setting.ts";
import { configurationSettings } from "./settings.ts";

/** The settings of `signalbox serve`, one line each, for `--help`. */
export function configHelp(): string {
  const width = Math.max(...configurationSettings.map(([key]) => flagName(key).length));
  return configurationSettings
    .map(([key, setting]) => {
      const shown = shownDefault(setting);
      return `  --${flagName(key).padEnd(width)}  ${setting.description}${shown === "" ? "" : ` Default ${shown}.`}`;
    })
    .join("\n");
}

/** Empty when there is none. */
export function shownDefault(setting: Setting): string {
  if (setting.default === undefined || (Array.isArray(setting.default) && setting.default.length === 0)) return "";
  const value = setting.default.toString();
  return setting.unit === "bytes" ? shownBytes(Number(value)) : value;
}

function shownBytes(bytes: number): string {
  const unit = (["GiB", "MiB", "KiB"] as const).find((_, index) => bytes % 1024 ** (3 - index) === 0);
  const power = { GiB: 3, MiB: 2, KiB: 1 } as const;
  return unit === undefined ? String(bytes) : `${bytes / 1024 ** power[unit]} ${unit}`;
}
