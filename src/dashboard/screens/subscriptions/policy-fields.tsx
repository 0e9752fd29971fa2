import { Check, SelectField, TextField } from "../../parts/field.tsx";
import { asks, type PolicyDraft } from "./policy-draft.ts";

interface PolicyFieldsProps {
  readonly draft: PolicyDraft;
  readonly set: (change: Partial<PolicyDraft>) => void;
  readonly problem: (path: string) => string | undefined;
}

const strategies = [
  { value: "NONE", label: "Never (NONE)" },
  { value: "IMMEDIATE", label: "At once, then evenly (IMMEDIATE)" },
  { value: "DELAYED", label: "After a while, then evenly (DELAYED)" },
  { value: "EXPONENTIAL", label: "Quickly at first, then hourly (EXPONENTIAL)" },
] as const;

/** When to try again, of notifications about resources. */
export function PolicyFields({ draft, set, problem }: PolicyFieldsProps) {
  const asked = asks(draft);
  const number = (name: "limit" | "rate" | "delay", label: string, path: string) =>
    asked[name] && (
      <TextField
        label={label}
        inputMode="numeric"
        pattern="\d*"
        value={draft[name]}
        onValue={(value) => set({ [name]: value })}
        error={problem(`policy.${path}`)}
      />
    );
  return (
    <>
      <SelectField
        label="Tried again"
        value={draft.strategy}
        options={strategies}
        onValue={(strategy) => set({ strategy })}
        error={problem("policy.retryStrategy")}
        hint="Mails that their server does not take for now are tried again for two days, whatever stands here."
      />
      {number("limit", "Retries", "retryLimit")}
      {number("delay", "Seconds before the first retry", "retryDelay")}
      {number("rate", "Seconds between two retries", "retryRate")}
      <Check
        label="Save on failure: kept as it is said; failed attempts are listed in any case"
        checked={draft.saveOnFailure}
        onChecked={(saveOnFailure) => set({ saveOnFailure })}
      />
    </>
  );
}
