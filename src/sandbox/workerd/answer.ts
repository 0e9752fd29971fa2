/** Reads what the guest says of a call (see `guest/first.js`), within limits, whatever it says. */
import { StringDecoder } from "node:string_decoder";
import type { Json } from "../../domain/event.ts";
import {
  functionLogLevels,
  type LogLine,
  type SandboxLimits,
  type SandboxResult,
  type ThrownError,
} from "../sandbox.ts";
import { LineReader } from "./lines.ts";
import { failedCall, inOurWords, loadProblem, shimFree } from "./problems.ts";

type Outcome = SandboxResult["outcome"];
type Limits = Pick<SandboxLimits, "outputBytes" | "logBytes" | "logLines">;

/** A message or stack of something thrown is cut here. */
const errorChars = 16_384;
/** In a log line, a byte takes six in JSON at most; each line has some bytes of its own. */
const logFactor = 6;
const lineBytes = 64;
/** What is long comes in pieces that are at least so long, mostly; some may be shorter. */
const chunkBytes = 1_024;
const spareChunks = 256;
/** Beside log lines there are two at most. */
const spareLines = 16;
/** Of an error's fields, as JSON: what is beyond is no fields that a caller could read. */
const fieldsChars = 20_000;
/** Of what is said of a refusal by a value that cannot be passed on. */
const saidChars = 65_536;
const mostParts = 100;
/** Deeper values could overflow the stack of code that walks them, and no sensible one is. */
const mostDepth = 256;

/** Characters of a value that is read at once: a fraction of a millisecond. */
const readAtOnce = 16_384;
const unreadYet = failedCall("bad_output", "its value was not read");

export class GuestAnswer {
  readonly logs: LogLine[] = [];
  logsCut = false;
  /** Set when the guest has sent it, or has said too much. */
  outcome: Outcome | undefined;
  /** Nothing of the call runs any more. */
  over = false;
  /** A value too long to be read in the turn of the loop in which it came: see {@link reading}. */
  #unread: string | undefined;
  readonly #limits: Limits;
  readonly #lines = new LineReader();
  #left: number;
  #chunksLeft: number;
  #linesLeft: number;
  #logBytesLeft: number;

  constructor(limits: Limits) {
    this.#limits = limits;
    this.#logBytesLeft = limits.logBytes;
    this.#left =
      limits.outputBytes + logFactor * (limits.logBytes + 2 * errorChars) + lineBytes * (limits.logLines + lineBytes);
    // Each line comes in one piece, which the system may cut.
    this.#chunksLeft = 4 * limits.logLines + Math.ceil(this.#left / chunkBytes) + spareChunks;
    // As short as lines can be, 450,000 fit into the bytes: 90 ms.
    this.#linesLeft = 4 * limits.logLines + spareLines;
  }

  /** Of messages that were kept. */
  get loggedBytes(): number {
    return this.#limits.logBytes - Math.max(0, this.#logBytesLeft);
  }

  /** `false`: it is too much. */
  take(chunk: Buffer): boolean {
    this.#left -= chunk.length;
    this.#chunksLeft -= 1;
    if (this.#left < 0 || this.#chunksLeft < 0) {
      this.outcome ??=
        this.#left < 0 ? this.#tooLong() : failedCall("bad_output", "its answer comes in too many pieces");
      return false;
    }
    for (const line of this.#lines.take(chunk)) {
      this.#linesLeft -= 1;
      if (this.#linesLeft < 0) {
        this.outcome ??= failedCall("bad_output", "its answer has too many lines");
        return false;
      }
      this.#read(line.toString("utf8"));
    }
    return true;
  }

  #read(line: string): void {
    if (this.outcome !== undefined) return;
    const rest = line.slice(1);
    switch (line[0]) {
      case "l":
        return this.#log(parsed(rest));
      case "c":
        this.logsCut = true;
        return;
      case "r":
        this.outcome = rest.length > readAtOnce ? unreadYet : this.#returned(rest);
        if (this.outcome === unreadYet) this.#unread = rest;
        return;
      case "t":
        this.outcome = { kind: "failed", reason: "threw", error: thrown(rest) };
        return;
      case "b":
        this.outcome = unusable(rest);
        return;
      case "x":
        this.outcome = ended(String(parsed(rest)));
        return;
      default:
        this.outcome = failedCall("bad_output", "its answer cannot be read");
    }
  }

  /** Whether its value is still to be read. */
  get isUnread(): boolean {
    return this.#unread !== undefined;
  }

  /** Reads a long value, as a work of its own: many that come together are read one in each turn of the loop. */
  *reading(): Generator<void, void, void> {
    if (this.#unread === undefined) return;
    this.outcome = this.#returned(this.#unread);
    this.#unread = undefined;
    yield;
  }

  #log(line: unknown): void {
    const [atMs, level, message]: readonly unknown[] = Array.isArray(line) ? line : [];
    const known = functionLogLevels[Number(level)];
    if (typeof atMs !== "number" || !Number.isFinite(atMs) || known === undefined || typeof message !== "string")
      return;
    if (this.logs.length >= this.#limits.logLines || this.#logBytesLeft <= 0) {
      this.logsCut = true;
      return;
    }
    const bytes = Buffer.from(message, "utf8");
    const kept = bytes.length <= this.#logBytesLeft ? message : utf8Head(bytes, this.#logBytesLeft);
    this.#logBytesLeft -= bytes.length;
    if (kept !== message) this.logsCut = true;
    this.logs.push({ atMs: Math.max(0, atMs), level: known, message: kept });
  }

  #returned(text: string): Outcome {
    if (Buffer.byteLength(text) > this.#limits.outputBytes) return this.#tooLong();
    const value = parsed(text);
    if (tooDeep(text)) {
      return badOutput(`the function returned a value more than ${mostDepth} levels deep`, flat(value));
    }
    return value === undefined
      ? failedCall("bad_output", "its answer cannot be read")
      : { kind: "ok", value: value as Json };
  }

  #tooLong(): Outcome {
    return failedCall("bad_output", `the function returned more than ${this.#limits.outputBytes} bytes`);
  }
}

/** `undefined` when it is no JSON. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const cut = (text: string): string => (text.length <= errorChars ? text : `${text.slice(0, errorChars)}…`);

/** Not within a character. */
function utf8Head(bytes: Buffer, length: number): string {
  return new StringDecoder("utf8").write(bytes.subarray(0, length));
}

function tooDeep(text: string): boolean {
  // A level takes two characters.
  if (text.length <= 2 * mostDepth) return false;
  let depth = 0;
  let inText = false;
  for (let at = 0; at < text.length; at += 1) {
    const char = text[at];
    if (inText) {
      if (char === "\\") at += 1;
      else if (char === '"') inText = false;
    } else if (char === '"') inText = true;
    else if (char === "[" || char === "{") {
      depth += 1;
      if (depth > mostDepth) return true;
    } else if (char === "]" || char === "}") depth -= 1;
  }
  return false;
}

function thrown(text: string): ThrownError {
  const value = parsed(text);
  const { name, message, stack, fields } = (typeof value === "object" && value !== null ? value : {}) as Record<
    string,
    unknown
  >;
  const fit = fields !== undefined && fields !== null && !tooDeep(text) && JSON.stringify(fields).length <= fieldsChars;
  return {
    name: cut(typeof name === "string" ? name : "Error"),
    message: cut(typeof message === "string" ? inOurWords(message) : "what the function threw cannot be told"),
    ...(typeof stack === "string" ? { stack: cut(shimFree(inOurWords(stack))) } : {}),
    ...(fit ? { fields: fields as Json } : {}),
    own: true,
  };
}

/** `[why, what it says of a refusal or null]`. */
function unusable(text: string): Outcome {
  const value = parsed(text);
  const [why, said]: readonly unknown[] = Array.isArray(value) ? value : [value];
  return badOutput(cut(String(why)), text.length > saidChars || tooDeep(text) ? null : said);
}

function badOutput(why: string, said: unknown): Outcome {
  const failed = failedCall("bad_output", why);
  return said === null || said === undefined ? failed : { ...failed, error: { ...failed.error, said: said as Json } };
}

/** Its parts, without what lies within them: `true` says that there is something. */
function flat(value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return null;
  const parts = Object.entries(value).slice(0, mostParts);
  return Object.fromEntries(
    parts.map(([name, part]) => [name, typeof part === "object" && part !== null ? true : part]),
  );
}

/** workerd ended the call, or the function could not be loaded. */
function ended(message: string): Outcome {
  if (/code had hung/.test(message)) return failedCall("threw", neverDone);
  const problem = loadProblem(message);
  return { kind: "failed", reason: "threw", error: { name: problem.name, message: cut(problem.message) } };
}

export const neverDone = "the function waits for something that will never happen";
