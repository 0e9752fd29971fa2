/**
 * Texts of values, as `util.inspect` of Node writes them. It runs in the function's own isolate and reads nothing but what it is given to
 * write; getters are not called.
 */
import { mostElements, written } from "./layout.js";
import { ofPrimitive, plural, quoted } from "./primitives.js";

const own = Object.prototype.hasOwnProperty;
const custom = Symbol.for("nodejs.util.inspect.custom");
const more = (count) => "... " + plural(count, "more item");

/** Of the nearest prototype that has a constructor of its own; null when there is none. */
function classOf(value) {
  for (let at = value; at !== null; at = Object.getPrototypeOf(at)) {
    const maker = Object.getOwnPropertyDescriptor(at, "constructor")?.value;
    if (typeof maker === "function" && maker.name !== "" && value instanceof maker) return maker.name;
  }
  return null;
}

function tagOf(value, name) {
  if (own.call(value, Symbol.toStringTag)) return "";
  let tag;
  try {
    tag = value[Symbol.toStringTag];
  } catch {}
  return typeof tag === "string" && tag !== "" && tag !== name ? tag : "";
}

function prefix(name, tag, fallback, size = "") {
  const end = tag === "" ? " " : " [" + tag + "] ";
  return name === null ? "[" + fallback + size + ": null prototype]" + end : name + size + end;
}

function functionBase(value, name, tag) {
  const source = Function.prototype.toString.call(value);
  const called = typeof value.name === "string" ? value.name : "";
  if (/^class\b/.test(source) && source.endsWith("}")) {
    const parent = Object.getPrototypeOf(value)?.name;
    const kind =
      (name !== "Function" && name !== null ? " [" + name + "]" : "") +
      (name !== null ? "" : " extends [null prototype]");
    return "[class " + (called || "(anonymous)") + kind + (parent ? " extends " + parent : "") + "]";
  }
  const kind = Object.prototype.toString.call(value).slice(8, -1);
  const type = /^(Async|AsyncGenerator|Generator)?Function$/.test(kind) ? kind : "Function";
  return (
    "[" +
    type +
    (name === null ? " (null prototype)" : "") +
    (called === "" ? " (anonymous)" : ": " + called) +
    "]" +
    (tag !== "" && tag !== type ? " [" + tag + "]" : "")
  );
}

/** Where the function is called from is no concern of its author's. */
const ours = /^\s+at .*\b(?:shim|first|answer-lines|format|inspect)\.js:\d+:\d+\)?$/;

function errorBase(error, keys, { indent }) {
  let stack =
    typeof error.stack === "string" && error.stack !== "" ? error.stack : Error.prototype.toString.call(error);
  stack = stack
    .split("\n")
    .filter((line) => !ours.test(line))
    .join("\n");
  for (const name of ["name", "message", "stack"]) {
    const at = keys.indexOf(name);
    if (at >= 0 && stack.includes(String(error[name]))) keys.splice(at, 1);
  }
  if (own.call(error, "cause") && !keys.includes("cause")) keys.push("cause");
  if (Array.isArray(error.errors) && !keys.includes("errors")) keys.push("errors");
  const lines = /\n\s+at /.test(stack) ? stack : "[" + stack + "]";
  return indent === 0 ? lines : lines.replaceAll("\n", "\n" + " ".repeat(indent));
}

const keyText = (key) =>
  typeof key === "symbol"
    ? Symbol.prototype.toString.call(key)
    : key === "__proto__"
      ? "['__proto__']"
      : /^[a-zA-Z_][a-zA-Z_0-9]*$/.test(key)
        ? key
        : quoted(key);

function property(value, key, walk, isElement) {
  const descriptor = Object.getOwnPropertyDescriptor(value, key) ?? { value: value[key], enumerable: true };
  let text;
  if ("value" in descriptor) {
    walk.indent += 2;
    text = inspected(descriptor.value, walk);
    walk.indent -= 2;
  } else {
    text = descriptor.get === undefined ? "[Setter]" : descriptor.set === undefined ? "[Getter]" : "[Getter/Setter]";
  }
  if (isElement) return text;
  const name = descriptor.enumerable
    ? keyText(key)
    : "[" + (typeof key === "symbol" ? Symbol.prototype.toString.call(key) : key) + "]";
  return name + ": " + text;
}

function elements(list, walk) {
  const parts = [];
  const length = Math.min(list.length, mostElements);
  let index = 0;
  for (; index < list.length && parts.length < length; index += 1) {
    if (own.call(list, index)) {
      parts.push(property(list, index, walk, true));
      continue;
    }
    let next = index;
    while (next < list.length && !own.call(list, next)) next += 1;
    parts.push("<" + plural(next - index, "empty item") + ">");
    index = next - 1;
  }
  if (index < list.length) parts.push(more(list.length - index));
  return parts;
}

function members(iterator, size, walk, one) {
  const parts = [];
  walk.indent += 2;
  for (const member of iterator) {
    if (parts.length === mostElements) break;
    parts.push(one(member));
  }
  walk.indent -= 2;
  if (size > parts.length) parts.push(more(size - parts.length));
  return parts;
}

const typedArray = Object.getPrototypeOf(Uint8Array);
/** @type {(prototype: object) => (this: unknown) => number} */
const sizeOf = (prototype) => /** @type {any} */ (Object.getOwnPropertyDescriptor(prototype, "size")).get;
const setSize = sizeOf(Set.prototype);
const mapSize = sizeOf(Map.prototype);
const is = (test) => {
  try {
    return (test(), true);
  } catch {
    return false;
  }
};
/** @type {readonly (readonly [{ readonly prototype: object }, string])[]} */
const boxes = [
  [Number, "Number"],
  [String, "String"],
  [Boolean, "Boolean"],
  [BigInt, "BigInt"],
  [Symbol, "Symbol"],
];

/**
 * How a value of its kind is written: before the braces, between them, and the braces themselves.
 * @typedef {{ braces: [string, string]; keys: PropertyKey[]; base?: string | undefined; list?: boolean; count?: number; parts?: () => string[]; empty?: string }} Kind
 * @returns {Kind}
 */
function described(value, walk) {
  const name = classOf(value);
  const tag = tagOf(value, name);
  const names = walk.hidden ? Object.getOwnPropertyNames(value) : Object.keys(value);
  const symbols = Object.getOwnPropertySymbols(value).filter(
    (key) => walk.hidden || Object.getOwnPropertyDescriptor(value, key)?.enumerable,
  );
  let keys = [...names, ...symbols];
  if (Array.isArray(value)) {
    const start = name === "Array" && tag === "" ? "" : prefix(name, tag, "Array", "(" + value.length + ")");
    keys = keys.filter(
      (key) => typeof key === "symbol" || !/^(?:0|[1-9]\d{0,9})$/.test(key) || Number(key) >= value.length,
    );
    return {
      braces: [start + "[", "]"],
      keys,
      list: true,
      count: value.length,
      parts: () => elements(value, walk),
      empty: start + "[]",
    };
  }
  if (is(() => setSize.call(value))) {
    const size = setSize.call(value);
    const start = prefix(name, tag, "Set", "(" + size + ")");
    return {
      braces: [start + "{", "}"],
      keys,
      count: size,
      parts: () => members(Set.prototype.values.call(value), size, walk, (one) => inspected(one, walk)),
      empty: start + "{}",
    };
  }
  if (is(() => mapSize.call(value))) {
    const size = mapSize.call(value);
    const start = prefix(name, tag, "Map", "(" + size + ")");
    const pair = ([key, part]) => inspected(key, walk) + " => " + inspected(part, walk);
    return {
      braces: [start + "{", "}"],
      keys,
      count: size,
      parts: () => members(Map.prototype.entries.call(value), size, walk, pair),
      empty: start + "{}",
    };
  }
  if (value instanceof typedArray) {
    const start = prefix(name, tag, "TypedArray", "(" + value.length + ")");
    keys = keys.filter((key) => typeof key === "symbol" || !/^\d+$/.test(key));
    return {
      braces: [start + "[", "]"],
      keys,
      list: true,
      count: value.length,
      parts: () => elements(value, walk),
      empty: start + "[]",
    };
  }
  if (typeof value === "function") return { base: functionBase(value, name, tag), braces: ["{", "}"], keys };
  if (value instanceof RegExp && is(() => RegExp.prototype.exec.call(value, "")))
    return { base: RegExp.prototype.toString.call(value), braces: ["{", "}"], keys };
  if (is(() => Date.prototype.getTime.call(value))) {
    const base = Number.isNaN(Date.prototype.getTime.call(value))
      ? "Invalid Date"
      : Date.prototype.toISOString.call(value);
    return { base, braces: ["{", "}"], keys };
  }
  if (value instanceof Error) return { base: errorBase(value, keys, walk), braces: ["{", "}"], keys };
  if (value instanceof ArrayBuffer) {
    const bytes = [...new Uint8Array(value).slice(0, 50)].map((byte) => byte.toString(16).padStart(2, "0"));
    const rest = value.byteLength > 50 ? " ... " + plural(value.byteLength - 50, "more byte") : "";
    const parts = () => ["[Uint8Contents]: <" + bytes.join(" ") + rest + ">", "[byteLength]: " + value.byteLength];
    return { braces: [prefix(name, tag, "ArrayBuffer") + "{", "}"], keys, count: 2, parts };
  }
  if (value instanceof WeakSet || value instanceof WeakMap)
    return { braces: [prefix(name, tag, "Weak") + "{", "}"], keys, count: 1, parts: () => ["<items unknown>"] };
  for (const [box, type] of boxes) {
    if (!is(() => box.prototype.valueOf.call(value))) continue;
    keys = type === "String" ? keys.filter((key) => typeof key === "symbol" || !/^\d+$/.test(key)) : keys;
    return {
      base: "[" + type + ": " + ofPrimitive(box.prototype.valueOf.call(value), { indent: 0, top: true }) + "]",
      braces: ["{", "}"],
      keys,
    };
  }
  const start = name === "Object" && tag === "" ? "" : prefix(name, tag, "Object");
  return { braces: [start + "{", "}"], keys, empty: start + "{}" };
}

/** Of what holds nothing that would be written: as short as what stands for the rest. */
function isEmpty(value) {
  if (typeof value === "function" || value instanceof Error || value instanceof Date || value instanceof RegExp)
    return true;
  const sizeBy = (ask) => {
    try {
      return ask.call(value);
    } catch {
      return 0;
    }
  };
  const keys = Reflect.ownKeys(value).filter((key) => Object.getOwnPropertyDescriptor(value, key)?.enumerable);
  return keys.length + sizeBy(setSize) + sizeBy(mapSize) === 0;
}

function inspected(value, walk) {
  if ((typeof value !== "object" && typeof value !== "function") || value === null)
    return ofPrimitive(value, { indent: walk.indent, top: walk.outer.length === 0 });
  if (walk.custom && typeof value[custom] === "function") {
    const said = value[custom](walk.most - walk.outer.length, {}, inspect);
    if (said !== value)
      return typeof said === "string" ? said.replaceAll("\n", "\n" + " ".repeat(walk.indent)) : inspected(said, walk);
  }
  if (walk.outer.includes(value)) {
    if (!walk.circles.has(value)) walk.circles.set(value, walk.circles.size + 1);
    return "[Circular *" + walk.circles.get(value) + "]";
  }
  const level = walk.outer.length;
  if (level > walk.most && !isEmpty(value)) {
    const name = classOf(value);
    return (
      "[" +
      (name === null
        ? "Object: null prototype"
        : Array.isArray(value)
          ? "Array"
          : tagOf(value, name) === ""
            ? name
            : name + " [" + tagOf(value, name) + "]") +
      "]"
    );
  }
  const kind = described(value, walk);
  const { base, keys, parts, count = 0, empty } = kind;
  if (keys.length + count === 0) return base ?? empty ?? kind.braces.join("");
  walk.outer.push(value);
  walk.deepest = level;
  const rows = [...(parts?.() ?? []), ...keys.map((key) => property(value, key, walk, false))];
  walk.outer.pop();
  const text = written(rows, kind, { walk, level, value });
  const circle = walk.circles.get(value);
  return circle === undefined ? text : "<ref *" + circle + "> " + text;
}

/**
 * @param {unknown} value
 * @param {{ readonly depth?: number | null; readonly showHidden?: boolean; readonly customInspect?: boolean }} options
 * @returns {string}
 */
export function inspect(value, { depth = 2, showHidden = false, customInspect = true } = {}) {
  const most = depth === null ? Number.POSITIVE_INFINITY : depth;
  return inspected(value, {
    most,
    hidden: showHidden,
    custom: customInspect,
    indent: 0,
    outer: [],
    circles: new Map(),
    deepest: 0,
  });
}
