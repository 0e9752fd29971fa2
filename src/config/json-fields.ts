import { didYouMean } from "../domain/did-you-mean.ts";
import type { FieldError } from "../errors.ts";

/** One object of a setting in JSON, read field by field: what is wrong is collected by its path, and what was not asked for is unknown. */
export class JsonFields {
  readonly #said: Readonly<Record<string, unknown>>;
  readonly #at: string;
  readonly #problems: FieldError[];
  readonly #known = new Set<string>();

  constructor(said: unknown, at: string, problems: FieldError[]) {
    this.#at = at;
    this.#problems = problems;
    const isObject = typeof said === "object" && said !== null && !Array.isArray(said);
    this.#said = isObject ? (said as Readonly<Record<string, unknown>>) : {};
    if (!isObject) problems.push({ path: at, message: "must be an object" });
  }

  wrong(name: string, message: string): void {
    this.#problems.push({ path: `${this.#at}.${name}`, message });
  }

  /** Returns a text, so that it can stand in the place of the one that is missing. */
  missing(name: string, what: string): string {
    if (this.#said[name] === undefined) this.wrong(name, `is missing: ${what}`);
    return "";
  }

  value(name: string): unknown {
    this.#known.add(name);
    return Object.hasOwn(this.#said, name) ? this.#said[name] : undefined;
  }

  text(
    name: string,
    { longest = 256, pattern, form }: { readonly longest?: number; readonly pattern?: RegExp; readonly form?: string },
  ): string | undefined {
    const value = this.value(name);
    if (value === undefined) return undefined;
    if (!isText(value, longest)) this.wrong(name, `must be a text of 1 to ${longest} characters`);
    else if (pattern?.test(value) === false) this.wrong(name, `must be ${form ?? String(pattern)}`);
    else return value;
    return undefined;
  }

  /** A text as a list of one, or a list of texts. */
  texts(name: string): readonly string[] | undefined {
    const value = this.value(name);
    if (value === undefined) return undefined;
    const list: unknown[] = Array.isArray(value) ? value : [value];
    if (list.length > 0 && list.length <= 32 && list.every((one) => isText(one, 256))) return list;
    this.wrong(name, "must be a text, or a list of 1 to 32 texts, each of at most 256 characters");
    return undefined;
  }

  integer(name: string, least: number, most: number): number | undefined {
    const value = this.value(name);
    if (value === undefined) return undefined;
    if (typeof value === "number" && Number.isInteger(value) && value >= least && value <= most) return value;
    this.wrong(name, `must be a whole number from ${least} to ${most}`);
    return undefined;
  }

  literal<const Value extends string | boolean | null>(name: string, values: readonly Value[]): Value | undefined {
    const value = this.value(name);
    if (value === undefined) return undefined;
    const found = values.find((one) => one === value);
    if (found === undefined) this.wrong(name, `must be one of ${values.map((one) => JSON.stringify(one)).join(", ")}`);
    return found;
  }

  /** Absent is empty. */
  object(name: string): JsonFields {
    return new JsonFields(this.value(name) ?? {}, `${this.#at}.${name}`, this.#problems);
  }

  /** An object whose names are the operator's own. */
  record(name: string): readonly (readonly [string, unknown])[] | undefined {
    const value = this.value(name);
    if (value === undefined) return undefined;
    if (typeof value === "object" && value !== null && !Array.isArray(value)) {
      const entries = Object.entries(value);
      if (entries.length <= 1_000) return entries;
    }
    this.wrong(name, "must be an object with at most 1,000 entries");
    return undefined;
  }

  /** After everything that there may be was read. */
  close(): void {
    const known = [...this.#known];
    for (const name of Object.keys(this.#said)) {
      if (!this.#known.has(name)) this.wrong(name.slice(0, 64), `is not known.${didYouMean(name.slice(0, 64), known)}`);
    }
  }
}

function isText(value: unknown, longest: number): value is string {
  return typeof value === "string" && value !== "" && value.length <= longest;
}
