import { types } from "node:util";
import type { FieldError } from "../errors.ts";
import type { Json } from "./event.ts";
import { pathText, type Segment } from "./path.ts";

/** JSON and nothing else: what comes from programs and functions is copied into values that hold no surprises. */

interface JsonLimits {
  /** Of the value as JSON, in UTF-8. */
  readonly maxBytes: number;
  /** Objects and arrays within each other: `{"a":[1]}` has two levels. */
  readonly maxDepth: number;
}

type PlainJson =
  | { readonly kind: "ok"; readonly value: Json }
  | { readonly kind: "refused"; readonly fields: readonly FieldError[] };

const mostProblems = 20;
const dateLength = 24;

/**
 * A copy of `value`. Properties that are undefined are left out, as JSON does, and a Date is written in RFC 3339; everything else that JSON
 * would change or lose without a word (functions, bigint, NaN, holes, what refers to itself) is refused by its path, with how to write it.
 */
export function plainJson(value: unknown, { maxBytes, maxDepth }: JsonLimits): PlainJson {
  const copier = new Copier({ maxBytes, maxDepth });
  const copy = copier.copy(value);
  if (copier.isTooLarge)
    return refused(`is more than ${2 * maxBytes} bytes long as JSON; at most ${maxBytes} are allowed`);
  if (copier.problems.length > 0 || copy === undefined) return { kind: "refused", fields: copier.problems };
  const bytes = Buffer.byteLength(JSON.stringify(copy));
  if (bytes <= maxBytes) return { kind: "ok", value: copy };
  return refused(`is ${bytes} bytes long as JSON; at most ${maxBytes} are allowed`);
}

function refused(message: string): PlainJson {
  return { kind: "refused", fields: [{ path: "", message }] };
}

class Copier {
  readonly problems: FieldError[] = [];
  readonly #maxDepth: number;
  /** Of twice the allowed bytes, by an estimate that errs on the low side: what is far too large is not copied to its end. */
  #left: number;
  /** Where the value at hand lies. */
  readonly #at: Segment[] = [];
  /** What it lies in: meeting one of them again is a circle. */
  readonly #outer = new Set<object>();

  constructor({ maxBytes, maxDepth }: JsonLimits) {
    this.#maxDepth = maxDepth;
    this.#left = 2 * maxBytes;
  }

  get isTooLarge(): boolean {
    return this.#left < 0;
  }

  /** `undefined`: it was refused. */
  copy(value: unknown): Json | undefined {
    this.#left -= 1 + (typeof value === "string" ? value.length : 0);
    switch (typeof value) {
      case "string":
      case "boolean":
        return value;
      case "number":
        // JSON writes -0 as 0.
        return Number.isFinite(value) ? value + 0 : this.#refuse(`must be JSON, which has no ${value}`);
      case "object":
        return value === null ? null : types.isDate(value) ? this.#copyDate(value) : this.#copyObject(value);
      default:
        return this.#refuse(`must be JSON, not ${named(value)}`);
    }
  }

  #copyDate(date: Date): Json | undefined {
    this.#left -= dateLength;
    return Number.isNaN(date.getTime()) ? this.#refuse("must be a time; this Date is invalid") : date.toISOString();
  }

  #copyObject(value: object): Json | undefined {
    if (this.#outer.has(value)) return this.#refuse("refers to what it lies in; JSON has no circles");
    if (this.#outer.size >= this.#maxDepth) return this.#refuse(`lies too deep: at most ${this.#maxDepth} levels`);
    this.#outer.add(value);
    const copy = Array.isArray(value) ? this.#copyArray(value) : this.#copyRecord(value);
    this.#outer.delete(value);
    return copy;
  }

  #copyArray(value: readonly unknown[]): Json {
    const copy: Json[] = [];
    // By index: `map` leaves holes as they are.
    for (let index = 0; index < value.length && this.#goesOn(); index++) {
      copy.push(this.#copyPart(index, value[index]) ?? null);
    }
    return copy;
  }

  #copyRecord(value: object): Json | undefined {
    if (!isPlain(value)) return this.#refuse(`must be JSON, not ${named(value)}`);
    const entries: [string, Json][] = [];
    for (const [name, part] of Object.entries(value)) {
      if (!this.#goesOn()) break;
      if (part === undefined) continue;
      this.#left -= name.length;
      entries.push([name, this.#copyPart(name, part) ?? null]);
    }
    return Object.fromEntries(entries);
  }

  #copyPart(segment: Segment, part: unknown): Json | undefined {
    this.#at.push(segment);
    // Whatever later reads or merges what we hand on would have to beware of it.
    const copy = segment === "__proto__" ? this.#refuse("is not a name that a property may have") : this.copy(part);
    this.#at.pop();
    return copy;
  }

  #goesOn(): boolean {
    return this.problems.length < mostProblems && !this.isTooLarge;
  }

  #refuse(message: string): undefined {
    this.problems.push({ path: pathText(this.#at), message });
    return undefined;
  }
}

/** Made by `{}`, by JSON or with no prototype; also in another realm. */
function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

function named(value: unknown): string {
  if (typeof value === "function") return "a function";
  if (typeof value === "bigint") return "a bigint; write it by String(), or Number() where it is small";
  if (typeof value !== "object" || value === null) return typeof value;
  if (ArrayBuffer.isView(value)) return `a ${value.constructor.name}; write it as a text, such as toString("base64")`;
  if (value instanceof Map) return "a Map; write it by Object.fromEntries()";
  if (value instanceof Set) return "a Set; write it as a list, [...set]";
  const { constructor } = value;
  return `a ${typeof constructor === "function" && constructor.name !== "" ? constructor.name : "class instance"}`;
}
