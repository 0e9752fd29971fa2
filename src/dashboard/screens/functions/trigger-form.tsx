import { useQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { call, problemOf } from "../../api/client.ts";
import { Advanced } from "../../parts/advanced.tsx";
import { FilterEditor } from "../../parts/editor/filter-editor.tsx";
import { Check, SelectField, TextField } from "../../parts/field.tsx";
import { FormButtons } from "../../parts/form-buttons.tsx";
import { Problem } from "../../parts/notice.tsx";
import { Card, Stack } from "../../parts/page.tsx";
import { HookChoices } from "../subscriptions/hook-choices.tsx";
import { PaceFields, RetryFields } from "../subscriptions/sending-fields.tsx";
import { isHook, type TriggerDraft } from "./trigger-draft.ts";

interface TriggerFormProps {
  readonly start: TriggerDraft;
  readonly isEdited: boolean;
  /** Events that it is attached to already. */
  readonly taken: readonly string[];
  readonly busy: boolean;
  readonly error: Error | null;
  readonly onSave: (draft: TriggerDraft) => void;
  readonly onCancel: () => void;
}

/** For which event, for which of them, and what happens when it fails. */
export function TriggerForm({ start, isEdited, taken, busy, error, onSave, onCancel }: TriggerFormProps) {
  const [draft, setDraft] = useState(start);
  const set = (change: Partial<TriggerDraft>): void => setDraft({ ...draft, ...change });
  const problem = (path: string): string | undefined => problemOf(error, path);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    onSave(draft);
  };
  return (
    <Card title={isEdited ? `Attached to ${start.event}` : "Attach to an event"}>
      <form onSubmit={submit}>
        <Stack>
          {!isEdited && (
            <EventField
              value={draft.event}
              taken={taken}
              onValue={(event) => set({ event })}
              error={problem("event")}
            />
          )}
          {draft.event !== "" && (
            <>
              <FilterEditor
                key={draft.event}
                label="Filter"
                face="lifecycle"
                event={draft.event}
                value={draft.filter}
                onValue={(filter) => set({ filter })}
                placeholder="attributes.plan = 'gold'"
                hint="Of which of these events it runs; empty for all. Fields are those of the event's params."
                error={problem("filter")}
              />
              {isHook(draft) && (
                <HookChoices
                  stage={draft.stage}
                  policy={draft.policy}
                  onStage={(stage) => set({ stage })}
                  onPolicy={(policy) => set({ policy })}
                />
              )}
              <Check label="Enabled" checked={draft.enabled} onChecked={(enabled) => set({ enabled })} />
              <Advanced error={error}>
                {isHook(draft) && (
                  <TextField
                    label="Priority"
                    inputMode="numeric"
                    pattern="-?\d*"
                    value={draft.priority}
                    onValue={(priority) => set({ priority })}
                    error={problem("priority")}
                    hint="Lower ones first: of two that change the same, the later wins."
                  />
                )}
                <TextField
                  label="Time limit in ms"
                  inputMode="numeric"
                  pattern="\d*"
                  value={draft.timeoutMs}
                  onValue={(timeoutMs) => set({ timeoutMs })}
                  error={problem("timeout_ms")}
                  hint="Empty for the function's own."
                />
                {!isHook(draft) && (
                  <>
                    <RetryFields draft={draft} set={set} problem={problem} isEdited={isEdited} />
                    <PaceFields draft={draft} set={set} problem={problem} />
                  </>
                )}
              </Advanced>
            </>
          )}
          {error !== null && <Problem error={error} />}
          <FormButtons
            label={isEdited ? "Save" : "Attach"}
            busy={busy}
            disabled={draft.event === ""}
            onCancel={onCancel}
          />
        </Stack>
      </form>
    </Card>
  );
}

interface EventFieldProps {
  readonly value: string;
  readonly taken: readonly string[];
  readonly onValue: (event: string) => void;
  readonly error: string | undefined;
}

function EventField({ value, taken, onValue, error }: EventFieldProps) {
  const events = useQuery({
    queryKey: ["listEvents"],
    queryFn: ({ signal }) => call("listEvents", {}, { signal }),
    staleTime: 300_000,
  });
  const free = (events.data?.events ?? []).filter((event) => !taken.includes(event));
  return (
    <SelectField
      label="Event"
      value={value}
      options={[{ value: "", label: "Choose one" }, ...free.map((event) => ({ value: event, label: event }))]}
      onValue={onValue}
      error={error}
    />
  );
}
