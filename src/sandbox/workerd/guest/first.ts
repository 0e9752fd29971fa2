/** Evaluated before a function: what it may change of its global scope afterwards is not what the shim uses. */
export const first = /* js */ String.raw`
import { AsyncLocalStorage } from "node:async_hooks";

export const { parse, stringify } = JSON;
export const { Request, Response, ReadableStream, TextEncoder, setTimeout, performance } = globalThis;
/** The call that runs, so that what "console" is told goes to the right one of several. */
export const current = new AsyncLocalStorage();

const levels = { debug: 0, trace: 0, log: 1, info: 1, dir: 1, table: 1, warn: 2, error: 3, assert: 3 };
for (const [name, level] of Object.entries(levels)) {
  console[name] = (...parts) => {
    if (name === "assert" && parts.shift()) return;
    current.getStore()?.log(level, parts);
  };
}
for (const name of ["clear", "count", "countReset", "dirxml", "group", "groupCollapsed", "groupEnd", "time", "timeEnd", "timeLog"]) {
  console[name] = () => {};
}
`;
