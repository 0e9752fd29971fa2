import { type FieldError, SignalboxError } from "../errors.ts";
import { didYouMean } from "./did-you-mean.ts";
import { fieldsText } from "./path.ts";
import type { RetryPolicy } from "./retry.ts";
import { isRecord } from "./schema/unions.ts";

/** How owners of subscriptions to resources say when to try again, and what that means for the one retry rule there is. */

export const retryStrategies = ["NONE", "IMMEDIATE", "DELAYED", "EXPONENTIAL"] as const;
type RetryStrategy = (typeof retryStrategies)[number];

export interface RequestedRetries {
  readonly retryStrategy: RetryStrategy;
  /** Tries after the first; of NONE there are none. 0–1440. */
  readonly retryLimit: number;
  /** Seconds between two retries of IMMEDIATE and DELAYED. 0–86,400. */
  readonly retryRate: number;
  /** Seconds before the first retry of DELAYED, of which it is at least 1; with IMMEDIATE and NONE 0. 0–86,400. */
  readonly retryDelay: number;
  /** Whether the deliveries that failed for good are to be listed. */
  readonly saveOnFailure: boolean;
}

export const defaultRequestedRetries: RequestedRetries = {
  retryStrategy: "IMMEDIATE",
  retryLimit: 5,
  retryRate: 5,
  retryDelay: 0,
  saveOnFailure: false,
};

const properties = Object.keys(defaultRequestedRetries) as readonly (keyof RequestedRetries)[];
/** Forms call it so. */
const formName = "retrystrategytype";
const most = { retryLimit: 1440, retryRate: 86_400, retryDelay: 86_400 } as const;

/**
 * The `policy` of a request; what it leaves out, or all of it (`undefined`, `null`), as by default. Names and strategies in any
 * case; numbers and booleans also as texts, as forms send them.
 *
 * @throws SignalboxError `invalid_request` with every field that is wrong (`policy.retryLimit`).
 */
export function readRequestedRetries(input: unknown): RequestedRetries {
  if (input === undefined || input === null) return defaultRequestedRetries;
  if (!isRecord(input)) throw refusal([{ path: "policy", message: 'must be an object, such as {"retryLimit": 5}' }]);
  const { said, problems } = byName(input);
  const read = {
    retryStrategy: readStrategy(said.get("retryStrategy"), problems),
    retryLimit: readNumber("retryLimit", said, problems),
    retryRate: readNumber("retryRate", said, problems),
    retryDelay: readNumber("retryDelay", said, problems),
    saveOnFailure: readBoolean(said.get("saveOnFailure"), problems),
  };
  // Of what is wrong itself nothing follows for the rest.
  if (problems.length === 0) problems.push(...delayProblems(read));
  if (problems.length > 0) throw refusal(problems);
  return read;
}

function refusal(fields: readonly FieldError[]): SignalboxError {
  return new SignalboxError("invalid_request", fieldsText(fields), { fields });
}

type Said = ReadonlyMap<keyof RequestedRetries, unknown>;

const mostProblems = 20;

function byName(input: Readonly<Record<string, unknown>>): { readonly said: Said; readonly problems: FieldError[] } {
  const said = new Map<keyof RequestedRetries, unknown>();
  const problems: FieldError[] = [];
  for (const [typed, value] of Object.entries(input)) {
    const lower = typed.toLowerCase();
    const name = lower === formName ? "retryStrategy" : properties.find((known) => known.toLowerCase() === lower);
    const path = `policy.${typed.slice(0, 64)}`;
    if (name === undefined)
      problems.push({ path, message: `is not a known property.${didYouMean(typed, properties)}` });
    else if (said.has(name)) problems.push({ path, message: `says ${name} a second time` });
    else said.set(name, value);
    if (problems.length === mostProblems) break;
  }
  return { said, problems };
}

function readStrategy(value: unknown, problems: FieldError[]): RetryStrategy {
  if (value === undefined) return defaultRequestedRetries.retryStrategy;
  const typed = typeof value === "string" ? value : "";
  const strategy = retryStrategies.find((known) => known === typed.toUpperCase());
  if (strategy !== undefined) return strategy;
  const message = `must be one of ${retryStrategies.join(", ")}.${didYouMean(typed, retryStrategies)}`;
  problems.push({ path: "policy.retryStrategy", message });
  return defaultRequestedRetries.retryStrategy;
}

function readNumber(name: keyof typeof most, said: Said, problems: FieldError[]): number {
  const value = said.get(name);
  if (value === undefined) return defaultRequestedRetries[name];
  const number = typeof value === "string" && /^\d{1,9}$/.test(value) ? Number(value) : value;
  if (typeof number === "number" && Number.isInteger(number) && number >= 0 && number <= most[name]) return number + 0;
  const unit = name === "retryLimit" ? "" : " of seconds";
  problems.push({ path: `policy.${name}`, message: `must be a whole number${unit} from 0 to ${most[name]}` });
  return defaultRequestedRetries[name];
}

function readBoolean(value: unknown, problems: FieldError[]): boolean {
  if (value === undefined) return defaultRequestedRetries.saveOnFailure;
  const said = typeof value === "string" ? value.toLowerCase() : value;
  if (said === true || said === "true") return true;
  if (said !== false && said !== "false") {
    problems.push({ path: "policy.saveOnFailure", message: "must be true or false" });
  }
  return false;
}

function delayProblems({ retryStrategy, retryDelay }: RequestedRetries): readonly FieldError[] {
  const path = "policy.retryDelay";
  if (retryStrategy === "DELAYED" && retryDelay < 1) {
    return [{ path, message: "must be at least 1 second with DELAYED; with IMMEDIATE the first retry is at once" }];
  }
  if (retryDelay > 0 && (retryStrategy === "NONE" || retryStrategy === "IMMEDIATE")) {
    return [{ path, message: `must be 0 with ${retryStrategy}; to wait before the first retry, use DELAYED` }];
  }
  return [];
}

function times(count: number, waitMs: number): readonly number[] {
  return Array.from({ length: count }, () => waitMs);
}

/** Quick at first, then patient: 5 s, 15 s, 1 min, 15 min, then hourly. */
const exponentialMs: readonly number[] = [
  ...times(5, 5_000),
  ...times(4, 15_000),
  ...times(5, 60_000),
  ...times(4, 900_000),
  3_600_000,
];

/** Never with jitter: owners who ask for a rate get that rate. */
export function retryPolicyOf({ retryStrategy, retryLimit, retryRate, retryDelay }: RequestedRetries): RetryPolicy {
  switch (retryStrategy) {
    case "NONE":
      return { maxRetries: 0, scheduleMs: [0], jitter: 0 };
    case "IMMEDIATE":
      return { maxRetries: retryLimit, scheduleMs: [0, retryRate * 1000], jitter: 0 };
    case "DELAYED":
      return { maxRetries: retryLimit, scheduleMs: [retryDelay * 1000, retryRate * 1000], jitter: 0 };
    case "EXPONENTIAL":
      return { maxRetries: retryLimit, scheduleMs: exponentialMs, jitter: 0 };
    default:
      return retryStrategy satisfies never;
  }
}

const minuteMs = 60_000;

/**
 * Of mails that a mail server could not take for now (greylisting, a full mailbox): for about two days, as mail servers themselves
 * do, whatever the owner asked for webhooks.
 */
export const mailRetryPolicy: RetryPolicy = {
  maxRetries: 54,
  scheduleMs: [30_000, ...[1, 2, 5, 10, 20, 30, 60].map((minutes) => minutes * minuteMs)],
  jitter: 0.2,
};
