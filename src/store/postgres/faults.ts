import { asError, SignalboxError } from "../../errors.ts";
import type { WireError } from "../sql/wire.ts";

/** What PostgreSQL, or the way to it, may answer instead of doing what it was asked, and what that means to a caller. */

/** SQLSTATE of what PostgreSQL answered; empty for what it is not who says it. */
export function stateOf(error: unknown): string {
  return error instanceof Error && "code" in error && typeof error.code === "string" && /^[0-9A-Z]{5}$/.test(error.code)
    ? error.code
    : "";
}

const state = {
  diskFull: "53100",
  tooManyConnections: "53300",
  readOnly: "25006",
  idleInTransaction: "25P03",
  canceled: "57014",
  startingUp: "57P03",
} as const;

function isFull(error: unknown): boolean {
  return stateOf(error) === state.diskFull;
}

/** Whether it is about the connection or the server, and not about the statement: another connection may do better. */
export function isGone(error: unknown): boolean {
  const code = stateOf(error);
  if (code === "") return !(error instanceof SignalboxError);
  return (
    code.startsWith("08") ||
    code.startsWith("57P") ||
    [state.idleInTransaction, state.readOnly, state.tooManyConnections].some((one) => one === code)
  );
}

/** Deadlock, serialization, lock that could not be had, statement that took too long or was cancelled: the same may do well the next time. */
const passing = new Set(["40P01", "40001", "55P03", state.canceled]);

export function isPassing(error: unknown): boolean {
  return passing.has(stateOf(error));
}

const remedies: Readonly<Record<string, string>> = {
  [state.tooManyConnections]:
    "all connections of PostgreSQL are in use: raise its max_connections, or end what holds them (Signalbox takes at most 8)",
  [state.readOnly]:
    "PostgreSQL only lets itself be read: point SIGNALBOX_STORE at the primary, and see that default_transaction_read_only is off",
  [state.canceled]:
    "PostgreSQL took too long, or an operator cancelled it: look for what else keeps it busy, and try again",
  [state.startingUp]: "PostgreSQL is starting or stopping: try again in a moment",
  "28P01": "PostgreSQL refused the password: see user and password in SIGNALBOX_STORE",
  "3D000": "there is no such database: create it, or see its name in SIGNALBOX_STORE",
  ECONNREFUSED: "nothing listens there: see that PostgreSQL runs, and host and port in SIGNALBOX_STORE",
};

/** In our words, with the remedy where there is one. */
function explained(error: unknown): string {
  const { message } = asError(error);
  const own =
    error instanceof Error && "code" in error && typeof error.code === "string" ? remedies[error.code] : undefined;
  return own === undefined ? message : `${own} (${message === "" ? "no connection" : message})`;
}

/** What a caller gets where the database cannot be asked. */
export function unreachable(error: unknown): SignalboxError {
  if (error instanceof SignalboxError) return error;
  return new SignalboxError("unavailable", `the database did not answer: ${explained(error)}`, { cause: error });
}

export function writeError(error: unknown): WireError {
  return { kind: "failed", full: isFull(error), message: explained(error) };
}
