import { SourceMap } from "node:module";
import type { ThrownError } from "../domain/invocation.ts";
import type { Runnable } from "./runner.ts";

/** Where the sandbox says that something happened: in what runs, which need not be what was uploaded. */
const place = /function\.js:(\d+):(\d+)/g;
/** A stack is for humans: they read its top. */
const longestStack = 4_096;

/** The error with places in the uploaded source, `<slug>.ts:12:5`. */
export function inSource(error: ThrownError, { fn, version }: Pick<Runnable, "fn" | "version">): ThrownError {
  const { stack } = error;
  if (stack === undefined) return error;
  const file = `${fn.slug}.${version.language === "typescript" ? "ts" : "js"}`;
  const map = version.map === undefined ? undefined : new SourceMap(JSON.parse(version.map));
  const mapped = stack.replaceAll(place, (_, line: string, column: string) => {
    const origin = map?.findOrigin(Number(line), Number(column));
    const found = origin !== undefined && "lineNumber" in origin ? origin : undefined;
    return found === undefined ? `${file}:${line}:${column}` : `${file}:${found.lineNumber}:${found.columnNumber}`;
  });
  return { ...error, stack: mapped.slice(0, longestStack) };
}
