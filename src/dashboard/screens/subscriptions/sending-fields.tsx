import { Check, TextField } from "../../parts/field.tsx";
import type { RetryDraft, SendingDraft } from "./sending-draft.ts";

interface SendingProps<Draft> {
  readonly draft: Draft;
  readonly set: (change: Partial<Draft>) => void;
  /** What the server said of a field, or of a part of it. */
  readonly problem: (path: string) => string | undefined;
}

interface RetryProps extends SendingProps<RetryDraft> {
  readonly isEdited: boolean;
  /** They are of subscriptions that say none of their own: none need be said. */
  readonly isForOthers?: boolean;
}

interface TimeLimitProps extends SendingProps<{ readonly timeoutMs: string }> {
  readonly label?: string;
}

/** How long an attempt may take. */
export function TimeLimitField({ draft, set, problem, label = "Time limit of an attempt, in ms" }: TimeLimitProps) {
  return (
    <TextField
      label={label}
      inputMode="numeric"
      pattern="\d*"
      value={draft.timeoutMs}
      onValue={(timeoutMs) => set({ timeoutMs })}
      error={problem("timeout_ms")}
      hint="Empty for the default."
    />
  );
}

/** When to try again. */
export function RetryFields({ draft, set, problem, isEdited, isForOthers = false }: RetryProps) {
  const { maxRetries, waits, jitter } = draft;
  // Of one that is there, half of it cannot be the default: that would have to be known here.
  const hasBoth = isEdited && (waits.trim() !== "" || jitter.trim() !== "");
  return (
    <>
      <TextField
        label="Retries"
        inputMode="numeric"
        pattern="\d*"
        required={isForOthers ? hasBoth : isEdited}
        value={maxRetries}
        onValue={(next) => set({ maxRetries: next })}
        error={problem("max_retries")}
        hint={`After the first attempt${retriesHint(isEdited, isForOthers)}.`}
      />
      <TextField
        label="Waits before them, in seconds"
        inputMode="decimal"
        pattern="[\d\s.,]*"
        placeholder="10, 120, 1800"
        required={hasBoth}
        value={waits}
        onValue={(next) => set({ waits: next })}
        error={problem("backoff.schedule_ms")}
        hint="With commas between; the last one repeats. Empty for the default."
      />
      <TextField
        label="Share of a wait that is random"
        inputMode="decimal"
        pattern="\d*\.?\d*"
        required={hasBoth}
        value={jitter}
        onValue={(next) => set({ jitter: next })}
        error={problem("backoff.jitter")}
        hint="Added or taken away, so that not all come back at once: 0 to 1; empty for the default."
      />
    </>
  );
}

function retriesHint(isEdited: boolean, isForOthers: boolean): string {
  if (isForOthers) return ", of what says none of its own; empty for as many as each has by default";
  return isEdited ? "" : "; empty for the default";
}

/** How fast, and in what order. */
export function PaceFields({ draft, set, problem }: SendingProps<SendingDraft>) {
  return (
    <>
      <TextField
        label="Attempts a second, at most"
        inputMode="decimal"
        pattern="\d*\.?\d*"
        value={draft.maxPerSecond}
        onValue={(maxPerSecond) => set({ maxPerSecond })}
        error={problem("max_per_second")}
        hint="Evenly: 0.1 is one in ten seconds. Empty for no bound."
      />
      <TextField
        label="Attempts at once, at most"
        inputMode="numeric"
        pattern="\d*"
        value={draft.maxConcurrency}
        onValue={(maxConcurrency) => set({ maxConcurrency })}
        error={problem("max_concurrency")}
        hint="1 to 64; empty for as many as its receiver takes."
      />
      <Check
        label="In order: one that fails holds those of the same resource behind it"
        checked={draft.ordered}
        onChecked={(ordered) => set({ ordered })}
      />
    </>
  );
}
