import type { TSchema } from "typebox";
import { Value } from "typebox/value";

/** How one setting is written as text, in the environment and as a flag. */

/** What the text of a setting stands for; decides how it is read and what the table of settings says. */
type SettingUnit = "" | "bytes" | "ms" | "minutes" | "hours" | "days" | "folder" | "list";

/** The JSON-schema keywords of a setting that reading and documenting it need. */
export interface Setting extends TSchema {
  readonly type?: "string" | "integer" | "number" | "array";
  readonly enum?: readonly string[];
  readonly default?: string | number | readonly string[];
  readonly description: string;
  readonly unit: SettingUnit;
  /** Never printed. */
  readonly secret: boolean;
  readonly minimum?: number;
  readonly exclusiveMinimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
}

interface About {
  readonly about: string;
  readonly unit?: SettingUnit;
  readonly secret?: boolean;
}

/** The keywords that every setting carries beside its bounds. */
export function says({ about, unit = "", secret = false }: About): {
  readonly description: string;
  readonly unit: SettingUnit;
  readonly secret: boolean;
} {
  return { description: about, unit, secret };
}

/** `s3Port` → `SIGNALBOX_S3_PORT`. */
export function envName(key: string): string {
  return `SIGNALBOX_${key.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`;
}

/** `s3Port` → `s3-port`. */
export function flagName(key: string): string {
  return key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

const multiples: Readonly<Record<string, number>> = { "": 1, kib: 2 ** 10, mib: 2 ** 20, gib: 2 ** 30, tib: 2 ** 40 };

/** The value that `text` stands for, or `undefined` when it is not one of this setting's. */
export function readSetting(setting: Setting, text: string): unknown {
  const value = convert(setting, text.trim());
  return value !== undefined && Value.Check(setting, value) ? value : undefined;
}

function convert(setting: Setting, text: string): unknown {
  switch (setting.type) {
    case "array":
      return text.split(/[\s,]+/).filter((entry) => entry !== "");
    case "integer":
    case "number": {
      const [, digits = "", multiple = ""] = /^(\d+(?:\.\d+)?)\s*([A-Za-z]*)$/.exec(text) ?? [];
      const factor = setting.unit === "bytes" || multiple === "" ? multiples[multiple.toLowerCase()] : undefined;
      return digits === "" || factor === undefined ? undefined : Number(digits) * factor;
    }
    default:
      return text;
  }
}

/** What a right value looks like: the remedy in errors and the last column of the table. */
export function describeForm(setting: Setting): string {
  if (setting.enum !== undefined) return `one of ${setting.enum.join(", ")}`;
  switch (setting.type) {
    case "array":
      return "a list, separated by commas";
    case "integer":
    case "number": {
      const noun = setting.type === "integer" ? "a whole number" : "a number";
      const of = setting.unit === "" ? "" : ` of ${setting.unit}`;
      const suffix = setting.unit === "bytes" ? " (KiB, MiB, GiB, TiB may follow)" : "";
      return `${noun}${of}${bounds(setting)}${suffix}`;
    }
    default:
      return setting.minLength !== undefined && setting.minLength > 1
        ? `at least ${setting.minLength} characters`
        : setting.unit === "folder"
          ? "a folder"
          : "a text";
  }
}

function bounds({ minimum, exclusiveMinimum, maximum }: Setting): string {
  const low = minimum ?? exclusiveMinimum;
  if (low === undefined) return "";
  const from = exclusiveMinimum === undefined ? `from ${low}` : `above ${low}`;
  return ` ${from}${maximum === undefined ? "" : ` to ${maximum}`}`;
}
