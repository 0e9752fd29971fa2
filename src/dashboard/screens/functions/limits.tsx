import { useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import type { AppFunction } from "../../../client/operations.ts";
import { ApiError, see } from "../../api/client.ts";
import { type Edit, useEdit } from "../../api/edit.ts";
import { Button } from "../../parts/button.tsx";
import { ConflictDialog, type EditedPart } from "../../parts/conflict.tsx";
import { Check, TextArea, TextField } from "../../parts/field.tsx";
import { Loaded } from "../../parts/loaded.tsx";
import { Problem } from "../../parts/notice.tsx";
import { Card, Row, Stack } from "../../parts/page.tsx";
import { functionKey, lookAtFunction, type SeenFunction } from "./known-function.ts";

interface LimitsDraft {
  readonly name: string;
  readonly timeout: string;
  readonly egress: string;
  readonly enabled: boolean;
  readonly writes: boolean;
}

function draftOf(fn: AppFunction): LimitsDraft {
  const { name, timeout_ms: timeout, egress, enabled, writes } = fn;
  return { name, timeout: String(timeout), egress: egress.join("\n"), enabled, writes };
}

/** Only what was changed: what others change meanwhile stays. */
function changesOf(draft: LimitsDraft, before: LimitsDraft) {
  return {
    ...(draft.name === before.name ? {} : { name: draft.name }),
    ...(draft.timeout === before.timeout ? {} : { timeout_ms: Number(draft.timeout) }),
    ...(draft.egress === before.egress ? {} : { egress: linesOf(draft.egress) }),
    ...(draft.enabled === before.enabled ? {} : { enabled: draft.enabled }),
    ...(draft.writes === before.writes ? {} : { writes: draft.writes }),
  };
}

function linesOf(text: string): readonly string[] {
  return text.split(/[\s,]+/).filter((line) => line !== "");
}

function partsOf({ name, timeout, egress, enabled, writes }: LimitsDraft): readonly EditedPart[] {
  return [
    ["Name", name],
    ["Time limit of a run, in ms", timeout],
    ["Hosts that it may fetch from", egress],
    ["Enabled", enabled ? "yes" : "no"],
    ["May change things", writes ? "yes" : "no"],
  ];
}

/** Its name, how long it may take, what it may reach. */
export function Limits({ fn }: { readonly fn: AppFunction }) {
  const queries = useQueryClient();
  const [isSaved, setSaved] = useState(false);
  const { app_slug: app, slug } = fn;
  const edit = useEdit<AppFunction, LimitsDraft, SeenFunction>({
    queryKey: functionKey(app, slug),
    look: (signal) => lookAtFunction(app, slug, signal),
    save: (draft, { opened, ifMatch }) => {
      const body = changesOf(draft, draftOf(opened));
      return see("updateFunction", { params: { app, fn: slug }, body }, { ifMatch });
    },
    onSaved: async (after) => {
      setSaved(true);
      queries.setQueryData(functionKey(app, slug), after);
      await queries.invalidateQueries({ queryKey: ["listFunctions"] });
    },
  });
  return (
    <Card title="General">
      <Loaded state={edit.opened} rows={10}>
        {({ data }) => (
          <LimitsForm key={edit.round} start={draftOf(data)} edit={edit} onTyped={() => setSaved(false)} />
        )}
      </Loaded>
      <span role="status">{isSaved && "Saved."}</span>
      <ConflictDialog edit={edit} partsOf={partsOf} draftOf={draftOf} />
    </Card>
  );
}

interface LimitsFormProps {
  readonly start: LimitsDraft;
  readonly edit: Edit<AppFunction, LimitsDraft>;
  readonly onTyped: () => void;
}

function LimitsForm({ start, edit, onTyped }: LimitsFormProps) {
  const { error, isSaving, save } = edit;
  const [draft, setDraft] = useState(start);
  const set = (change: Partial<LimitsDraft>): void => {
    onTyped();
    setDraft({ ...draft, ...change });
  };
  const problem = (path: string): string | undefined =>
    error instanceof ApiError
      ? (error.field(path) ?? error.fields.find((one) => one.path.startsWith(`${path}.`))?.message)
      : undefined;
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    save(draft);
  };
  return (
    <form onSubmit={submit}>
      <Stack>
        <TextField label="Name" required value={draft.name} onValue={(name) => set({ name })} error={problem("name")} />
        <TextField
          label="Time limit of a run, in ms"
          inputMode="numeric"
          pattern="\d+"
          required
          value={draft.timeout}
          onValue={(timeout) => set({ timeout })}
          error={problem("timeout_ms")}
        />
        <TextArea
          label="Hosts that it may fetch from"
          rows={2}
          value={draft.egress}
          onValue={(egress) => set({ egress })}
          error={problem("egress")}
          hint="One a line, such as api.example.com; empty for none. Others are refused."
        />
        <Check label="Enabled" checked={draft.enabled} onChecked={(enabled) => set({ enabled })} />
        <Check
          label="May change things through this platform's API while an operation waits for it"
          checked={draft.writes}
          onChecked={(writes) => set({ writes })}
        />
        {error !== null && <Problem error={error} />}
        <Row>
          <Button look="primary" type="submit" busy={isSaving}>
            Save
          </Button>
        </Row>
      </Stack>
    </form>
  );
}
