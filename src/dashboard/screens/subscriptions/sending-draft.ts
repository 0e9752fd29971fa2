import type { Backoff } from "../../../client/operations.ts";
import type { EditedPart } from "../../parts/conflict.tsx";

/** When to try again, as it is typed, and what is sent of it; alike for subscriptions of every kind. */
export interface RetryDraft {
  readonly maxRetries: string;
  /** Seconds before retry 1, 2, …, with commas between. */
  readonly waits: string;
  /** Share of a wait. */
  readonly jitter: string;
}

/** The same, and how fast, and in what order. */
export interface SendingDraft extends RetryDraft {
  readonly maxPerSecond: string;
  readonly maxConcurrency: string;
  readonly ordered: boolean;
}

export const usualRetries: RetryDraft = { maxRetries: "", waits: "", jitter: "" };

export const usualSending: SendingDraft = {
  ...usualRetries,
  maxPerSecond: "",
  maxConcurrency: "",
  ordered: false,
};

interface ShownRetries {
  readonly max_retries: number | null;
  readonly backoff: Backoff | null;
}

interface Shown extends ShownRetries {
  readonly max_per_second: number | null;
  readonly max_concurrency: number | null;
  readonly ordered: boolean;
}

export function retryDraft({ max_retries: maxRetries, backoff }: ShownRetries): RetryDraft {
  return {
    maxRetries: typed(maxRetries),
    waits: backoff === null ? "" : backoff.schedule_ms.map((ms) => ms / 1_000).join(", "),
    jitter: typed(backoff?.jitter),
  };
}

export function sendingDraft({ ordered, ...shown }: Shown): SendingDraft {
  return {
    ...retryDraft(shown),
    maxPerSecond: typed(shown.max_per_second),
    maxConcurrency: typed(shown.max_concurrency),
    ordered,
  };
}

export function typed(value: number | null | undefined): string {
  return value === null || value === undefined ? "" : String(value);
}

/** Of fields that are not empty. */
export function given(numbers: Readonly<Record<string, string>>): Readonly<Record<string, number>> {
  return Object.fromEntries(
    Object.entries(numbers).flatMap(([name, text]) => (text.trim() === "" ? [] : [[name, Number(text)]])),
  );
}

/** In milliseconds; what is no number is for the server to refuse. */
function scheduleOf(waits: string): readonly number[] {
  return waits
    .split(/[\s,]+/)
    .filter((wait) => wait !== "")
    .map((wait) => Math.round(Number(wait) * 1_000));
}

/** Of a new one: what is left empty has the server's defaults. */
export function newRetries({ maxRetries, waits, jitter }: RetryDraft) {
  const backoff = { ...(waits.trim() === "" ? {} : { schedule_ms: scheduleOf(waits) }), ...given({ jitter }) };
  return { ...given({ max_retries: maxRetries }), ...(Object.keys(backoff).length === 0 ? {} : { backoff }) };
}

/** Of a new one. */
export function newPace({ maxPerSecond, maxConcurrency, ordered }: SendingDraft) {
  return {
    ...given({ max_per_second: maxPerSecond, max_concurrency: maxConcurrency }),
    ...(ordered ? { ordered: true } : {}),
  };
}

/** Only what differs from what was opened: what others change meanwhile stays. */
export function retryChanges(draft: RetryDraft, opened: RetryDraft) {
  const is = (name: keyof RetryDraft): boolean => draft[name] !== opened[name];
  const { waits, jitter } = draft;
  const backoff = {
    ...(is("waits") && waits.trim() !== "" ? { schedule_ms: scheduleOf(waits) } : {}),
    ...(is("jitter") ? given({ jitter }) : {}),
  };
  const isUsual = waits.trim() === "" && jitter.trim() === "";
  return {
    ...(is("maxRetries") ? given({ max_retries: draft.maxRetries }) : {}),
    ...(is("waits") || is("jitter") ? { backoff: isUsual ? null : backoff } : {}),
  };
}

/** The same of all of it. */
export function sendingChanges(draft: SendingDraft, opened: SendingDraft) {
  const is = (name: keyof SendingDraft): boolean => draft[name] !== opened[name];
  const number = (text: string): number | null => (text.trim() === "" ? null : Number(text));
  return {
    ...retryChanges(draft, opened),
    ...(is("maxPerSecond") ? { max_per_second: number(draft.maxPerSecond) } : {}),
    ...(is("maxConcurrency") ? { max_concurrency: number(draft.maxConcurrency) } : {}),
    ...(is("ordered") ? { ordered: draft.ordered } : {}),
  };
}

/** As people read them. */
export function retryParts({ maxRetries, waits, jitter }: RetryDraft): readonly EditedPart[] {
  return [
    ["Retries", maxRetries],
    ["Waits before them, in seconds", waits],
    ["Share of a wait that is random", jitter],
  ];
}

export function paceParts({ maxPerSecond, maxConcurrency, ordered }: SendingDraft): readonly EditedPart[] {
  return [
    ["Attempts a second", maxPerSecond],
    ["Attempts at once", maxConcurrency],
    ["In order", ordered ? "yes" : "no"],
  ];
}
