import { pino } from "pino";
import { plainText } from "./domain/plain-text.ts";

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

/**
 * JSON lines on standard error, so that standard output holds only what a command prints. JSON alone would let through what turns the
 * direction of writing round, and the second range of controls.
 */
export function jsonLog(level: LogLevel): Log {
  const destination = pino.destination({ dest: 2, sync: false });
  // The reader may be gone, as a terminal that was closed: that is no reason to fail, least of all while stopping.
  destination.on("error", () => {});
  const write = (line: string): void => void destination.write(plainText(line, "many"));
  return pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime }, { write });
}

export const silentLog: Log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
