import { pino } from "pino";
import { plainText, shortened } from "./domain/plain-text.ts";
import { LineWriter } from "./log-writer.ts";

/** Fields of one log line, in the domain's own words (`eventId`, `deliveryId`, `attempt`); never payloads or secrets. */
export type LogFields = Readonly<Record<string, unknown>>;

/** Structured logs: the fields first, then what happened. */
export interface Log {
  debug(fields: LogFields, message: string): void;
  info(fields: LogFields, message: string): void;
  warn(fields: LogFields, message: string): void;
  error(fields: LogFields, message: string): void;
}

export const logLevels = ["debug", "info", "warn", "error", "silent"] as const;
type LogLevel = (typeof logLevels)[number];

/** The log of a process. */
export interface ProcessLog extends Log {
  /**
   * Resolves when all of it is written, with `true`; with `false` when its reader has not taken it within a second. A process whose log is not taken
   * cannot end in order: the system waits for the thread that writes. Idempotent; what is logged afterwards is written as before, but lost
   * when the process ends at once.
   */
  close(): Promise<boolean>;
}

const closeMs = 1_000;

/** Of a line, and of each text in one that is longer: what is logged may hold what others wrote. */
const longestLine = 32_768;
const longestText = 2_048;

/** `line` as it is, or with its long texts cut; without its fields when there are too many of them. */
function bounded(line: string): string {
  if (line.length <= longestLine) return line;
  const fields = JSON.parse(line, (_, value: unknown) =>
    typeof value === "string" ? shortened(value, longestText) : value,
  ) as LogFields;
  const cut = JSON.stringify({ ...fields, cut: true });
  const { level, time, msg } = fields;
  return `${cut.length <= longestLine ? cut : JSON.stringify({ level, time, msg, cut: true })}\n`;
}

/**
 * JSON lines on standard error, so that standard output holds only what a command prints. JSON alone would let through what turns the
 * direction of writing round, and the second range of controls.
 */
export function jsonLog(level: LogLevel): ProcessLog {
  const gap = (lines: number): string =>
    `{"level":40,"time":"${new Date().toISOString()}","lines":${lines},"msg":"lines of the log were left out: they could not be written"}\n`;
  const writer = new LineWriter(2, gap);
  const write = (line: string): void => writer.write(plainText(bounded(line), "many"));
  const finishNow = (): void => writer.finishNow();
  process.on("exit", finishNow);
  const close = (): Promise<boolean> => {
    process.off("exit", finishNow);
    return writer.finish(closeMs);
  };
  return Object.assign(pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime }, { write }), { close });
}

export const silentLog: Log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
