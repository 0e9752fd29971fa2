/** What a value says of a refusal, for {@link first}: taken, as everything there, from objects as they were before the function was loaded. */
export const said = /* js */ String.raw`
const { apply } = Reflect;
const { hasOwn } = Object;
const { parse, stringify } = JSON;
const { slice } = String.prototype;

/** By these a function refuses. Where the whole value cannot be told, they are, each by itself and cut: a refusal stands whatever else is wrong. */
const sayings = ["decision", "message", "code", "fields", "error", "errors", "status", "success", "detail"];

export function said(value, names = sayings) {
  const parts = {};
  for (const name of names) if (hasOwn(value, name)) parts[name] = saidOf(value[name], name === "error");
  return parts;
}

/** "true": there is something, which cannot be told. */
function saidOf(held, isNested) {
  if (typeof held === "string") return apply(slice, held, [0, 1_000]);
  try {
    const text = stringify(held);
    if (text === undefined) return undefined;
    if (text.length <= 4_000) return parse(text);
  } catch {}
  return isNested && typeof held === "object" ? said(held, ["message", "code", "fields", "errors"]) : true;
}
`;
