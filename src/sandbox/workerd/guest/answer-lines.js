/**
 * What a function returned, threw or logged, as `first.js` tells it. All that is used here is taken, as everything there, from objects as they
 * were before the function was loaded.
 */

/** @type {(of: unknown, on: unknown, args: readonly unknown[]) => any} */
const apply = /** @type {any} */ (Reflect.apply);
const { hasOwn } = Object;
const { parse, stringify } = JSON;
const { Error, String, TextEncoder } = globalThis;
const { encode } = TextEncoder.prototype;
const { slice } = String.prototype;

const utf8 = new TextEncoder();
const head = (text, length) => apply(slice, text, [0, length]);

/**
 * As text, when it is one of several that are logged.
 * @param {unknown} part
 * @returns {string}
 */
export function shown(part) {
  if (typeof part === "string") return part;
  if (part instanceof Error) return String(part.stack ?? part);
  try {
    return stringify(part) ?? String(part);
  } catch {
    return String(part);
  }
}

function unusable(why, value) {
  try {
    return "b" + stringify([why, typeof value === "object" && value !== null ? said(value) : null]);
  } catch {
    return "b" + stringify([why, null]);
  }
}

/** JSON would leave nothing of an error, and a function that returns one means it. */
function plain(value) {
  if (!(value instanceof Error)) return value;
  const { stack: _stack, ...error } = parse(described(value));
  return { error };
}

const isLonger = (text, limit) =>
  text.length > limit || (3 * text.length > limit && apply(encode, utf8, [text]).length > limit);

/**
 * The line for what it returned.
 * @param {unknown} value
 * @param {number} limit in bytes
 * @returns {string}
 */
export function returned(value, limit) {
  try {
    const json = plain(value);
    const text = json === undefined ? "null" : stringify(json);
    if (text === undefined) return unusable("the function returned a " + typeof value + ", which is not JSON");
    return isLonger(text, limit) ? unusable("the function returned more than " + limit + " bytes", json) : "r" + text;
  } catch (error) {
    return unusable("the function returned what is not JSON: " + /** @type {any} */ (error)?.message, value);
  }
}

/** As JSON. Fields that cannot be passed on leave the error what it is otherwise. */
function fieldsOf(thrown) {
  try {
    const { fields = thrown.errors } = thrown;
    const text = stringify(fields);
    return text === undefined || text.length > 20_000 ? undefined : text;
  } catch {
    return undefined;
  }
}

/**
 * As JSON.
 * @param {any} thrown
 * @returns {string}
 */
export function described(thrown) {
  try {
    const cut = (text) => head(String(text), 20_000);
    const hasMessage = thrown instanceof Error || (typeof thrown === "object" && typeof thrown?.message === "string");
    if (!hasMessage) return stringify({ name: "Error", message: cut(shown(thrown)) });
    const { name = "Error", message, stack } = thrown;
    const error = stringify({
      name: cut(name),
      message: cut(message),
      ...(stack === undefined ? {} : { stack: cut(stack) }),
    });
    const fields = fieldsOf(thrown);
    return fields === undefined ? error : head(error, error.length - 1) + ',"fields":' + fields + "}";
  } catch {
    return '{"name":"Error","message":"what the function threw cannot be told"}';
  }
}

/** By these a function refuses. Where the whole value cannot be passed on, they are, each by itself and cut: a refusal stands whatever else is wrong. */
const sayings = ["decision", "message", "code", "fields", "error", "errors", "status", "success", "detail"];

function said(value, names = sayings) {
  const parts = {};
  for (const name of names) if (hasOwn(value, name)) parts[name] = saidOf(value[name], name === "error");
  return parts;
}

/** "true": there is something, which cannot be passed on. */
function saidOf(part, isNested) {
  if (typeof part === "string") return head(part, 1_000);
  try {
    const text = stringify(part);
    if (text === undefined) return undefined;
    if (text.length <= 4_000) return parse(text);
  } catch {}
  return isNested && typeof part === "object" ? said(part, ["message", "code", "fields", "errors"]) : true;
}
