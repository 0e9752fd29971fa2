import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { ApiError, call } from "../../api/client.ts";
import type { AppFunction } from "../../api/operations.ts";
import { Button } from "../../parts/button.tsx";
import { FilterEditor } from "../../parts/editor/filter-editor.tsx";
import { Check, Choice, SelectField, TextField } from "../../parts/field.tsx";
import { Problem } from "../../parts/notice.tsx";
import { Card, Row, Stack } from "../../parts/page.tsx";
import type { Trigger } from "./use-triggers.ts";

interface TriggerFormProps {
  readonly fn: AppFunction;
  readonly edited: Trigger | undefined;
  /** That is chosen at first. */
  readonly event: string;
  /** Events that it is attached to already. */
  readonly taken: readonly string[];
  readonly onDone: () => void;
}

interface TriggerDraft {
  readonly event: string;
  readonly filter: string;
  readonly enabled: boolean;
  readonly stage: "prepare" | "validate";
  readonly priority: string;
  readonly policy: "closed" | "open";
  readonly timeoutMs: string;
  readonly retries: string;
}

function draftOf(edited: Trigger | undefined, event: string): TriggerDraft {
  return {
    event: edited?.event ?? event,
    filter: edited?.filter ?? "",
    enabled: edited?.enabled ?? true,
    stage: edited?.stage ?? "prepare",
    priority: String(edited?.priority ?? 0),
    policy: edited?.failure_policy ?? "closed",
    timeoutMs: textOf(edited?.timeout_ms),
    retries: textOf(edited?.max_retries),
  };
}

function textOf(value: number | null | undefined): string {
  return value === null || value === undefined ? "" : String(value);
}

/** For which event, for which of them, and what happens when it fails. */
export function TriggerForm({ fn, edited, event: suggested, taken, onDone }: TriggerFormProps) {
  const queries = useQueryClient();
  const [draft, setDraft] = useState(() => draftOf(edited, suggested));
  const set = (change: Partial<TriggerDraft>): void => setDraft({ ...draft, ...change });
  const events = useQuery({
    queryKey: ["listEvents"],
    queryFn: ({ signal }) => call("listEvents", {}, { signal }),
    staleTime: 300_000,
  });
  const isPre = draft.event.startsWith("PRE_");
  const save = useMutation({
    mutationFn: async () => {
      const { event } = draft;
      const body = {
        filter: draft.filter.trim() === "" ? null : draft.filter.trim(),
        enabled: draft.enabled,
        ...(isPre
          ? { stage: draft.stage, failure_policy: draft.policy, priority: Number(draft.priority) }
          : draft.retries === ""
            ? {}
            : { max_retries: Number(draft.retries) }),
        ...(draft.timeoutMs === "" ? {} : { timeout_ms: Number(draft.timeoutMs) }),
      };
      await (edited === undefined
        ? call("subscribeToEvent", { params: { event }, body: { function_id: fn.id, ...body } })
        : call("updateEventSubscriber", { params: { event, id: String(edited.subscriber_id) }, body }));
    },
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ["triggers"] });
      onDone();
    },
  });
  const problem = (path: string): string | undefined =>
    save.error instanceof ApiError ? save.error.field(path) : undefined;
  const free = (events.data?.events ?? []).filter((event) => !taken.includes(event));
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    save.mutate();
  };
  return (
    <Card title={edited === undefined ? "Attach to an event" : `Attached to ${edited.event}`}>
      <form onSubmit={submit}>
        <Stack>
          {edited === undefined && (
            <SelectField
              label="Event"
              value={draft.event}
              options={[{ value: "", label: "Choose one" }, ...free.map((event) => ({ value: event, label: event }))]}
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
              {isPre && (
                <>
                  <Choice
                    label="Stage"
                    value={draft.stage}
                    options={[
                      { value: "prepare", label: "Prepare", hint: "may change what is proposed" },
                      {
                        value: "validate",
                        label: "Validate",
                        hint: "sees what was prepared, and only allows or refuses",
                      },
                    ]}
                    onValue={(stage) => set({ stage })}
                  />
                  <Choice
                    label="If it fails"
                    value={draft.policy}
                    options={[
                      { value: "closed", label: "Refuse the operation" },
                      { value: "open", label: "Let it go on" },
                    ]}
                    onValue={(policy) => set({ policy })}
                  />
                </>
              )}
              <Check label="Enabled" checked={draft.enabled} onChecked={(enabled) => set({ enabled })} />
              <details>
                <summary>Advanced</summary>
                <Stack>
                  {isPre ? (
                    <TextField
                      label="Priority"
                      inputMode="numeric"
                      pattern="-?\d*"
                      value={draft.priority}
                      onValue={(priority) => set({ priority })}
                      error={problem("priority")}
                      hint="Lower ones first: of two that change the same, the later wins."
                    />
                  ) : (
                    <TextField
                      label="Retries"
                      inputMode="numeric"
                      pattern="\d*"
                      value={draft.retries}
                      onValue={(retries) => set({ retries })}
                      error={problem("max_retries")}
                      hint="After the first attempt; empty for the default."
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
                </Stack>
              </details>
            </>
          )}
          {save.isError && <Problem error={save.error} />}
          <Row>
            <Button look="primary" type="submit" busy={save.isPending} disabled={draft.event === ""}>
              {edited === undefined ? "Attach" : "Save"}
            </Button>
            <Button look="ghost" onClick={onDone}>
              Cancel
            </Button>
          </Row>
        </Stack>
      </form>
    </Card>
  );
}
