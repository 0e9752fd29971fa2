import { Check, Choice, TextField } from "../../parts/field.tsx";
import { Stack } from "../../parts/page.tsx";
import { isHook } from "./draft.ts";
import type { FormPartProps } from "./form-part.ts";
import { hasRetries } from "./requests.ts";

/** Limits, pace, order and the like: what has good defaults. */
export function AdvancedFields({ draft, set, problem }: FormPartProps) {
  const hook = isHook(draft);
  return (
    <details>
      <summary>Advanced</summary>
      <Stack>
        {draft.kind === "webhook" && (
          <Choice
            label="Acknowledged by"
            value={draft.ack}
            options={[
              { value: "200", label: "200" },
              { value: "2xx", label: "any 2xx" },
            ]}
            onValue={(ack) => set({ ack })}
          />
        )}
        {draft.kind !== "email" && (
          <TextField
            label={draft.kind === "function" ? "Time limit of a run, in ms" : "Time limit of an attempt, in ms"}
            inputMode="numeric"
            pattern="\d*"
            value={draft.timeoutMs}
            onValue={(timeoutMs) => set({ timeoutMs })}
            error={problem("target.timeout_ms")}
            hint="Empty for the default."
          />
        )}
        {hasRetries(draft) && (
          <TextField
            label="Retries"
            inputMode="numeric"
            pattern="\d*"
            value={draft.maxRetries}
            onValue={(maxRetries) => set({ maxRetries })}
            error={problem("max_retries")}
            hint="After the first attempt; empty for the default."
          />
        )}
        {!hook && (
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
            <Check
              label="For the first event only"
              checked={!draft.persistent}
              onChecked={(once) => set({ persistent: !once })}
            />
          </>
        )}
        {draft.kind === "webhook" && (
          <Check
            label="Keep what came back of every attempt, not of failures alone"
            checked={draft.capture === "all"}
            onChecked={(all) => set({ capture: all ? "all" : "failures" })}
          />
        )}
      </Stack>
    </details>
  );
}
