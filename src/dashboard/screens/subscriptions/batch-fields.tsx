import { batchBounds, usualBatch } from "../../../domain/batch.ts";
import { Check, CheckField, TextField } from "../../parts/field.tsx";
import type { BatchDraft } from "./batch-draft.ts";

interface BatchFieldsProps {
  readonly draft: BatchDraft;
  readonly set: (change: Partial<BatchDraft>) => void;
  /** What the server said of `batch`, or of a part of it. */
  readonly problem: (path: string) => string | undefined;
}

const numbers = [
  { name: "maxEvents", path: "batch.max_events", label: "Events in a request, at most" },
  { name: "maxWaitMs", path: "batch.max_wait_ms", label: "Wait of the first for others, in ms" },
  {
    name: "maxBytes",
    path: "batch.max_bytes",
    label: "Bytes of a request, at most",
    more: " Before it is compressed; an event that is larger goes alone.",
  },
] as const;

/** Whether several events go in one request, and when one leaves. */
export function BatchFields({ draft, set, problem }: BatchFieldsProps) {
  const isOfNumber = draft.isOn && numbers.some(({ path }) => problem(path) !== undefined);
  return (
    <>
      <CheckField
        label="Send several events in one request"
        checked={draft.isOn}
        onChecked={(isOn) => set({ isOn })}
        error={isOfNumber ? undefined : problem("batch")}
        hint="Its answer is for all of them; each is still a delivery of its own."
      />
      {draft.isOn && (
        <>
          {numbers.map(({ name, path, label, ...rest }) => (
            <TextField
              key={name}
              label={label}
              inputMode="numeric"
              pattern="\d*"
              value={draft[name]}
              onValue={(value) => set({ [name]: value })}
              error={problem(path)}
              hint={`${boundsOf(name)}${"more" in rest ? rest.more : ""}`}
            />
          ))}
          <Check
            label="Once they have failed twice, one by one: one that is bad holds no other"
            checked={draft.splitOnFailure}
            onChecked={(splitOnFailure) => set({ splitOnFailure })}
          />
        </>
      )}
    </>
  );
}

function boundsOf(name: keyof typeof batchBounds): string {
  const { least, most } = batchBounds[name];
  const [from, to, usual] = [least, most, usualBatch[name]].map((number) => number.toLocaleString("en"));
  return `${from} to ${to}; empty for ${usual}.`;
}
