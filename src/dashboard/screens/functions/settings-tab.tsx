import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate, useParams } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { ApiError, call } from "../../api/client.ts";
import type { AppFunction, UpdateFunctionRequest } from "../../api/operations.ts";
import { Button } from "../../parts/button.tsx";
import { Id } from "../../parts/copy.tsx";
import { Confirm } from "../../parts/dialog.tsx";
import { keepDraft } from "../../parts/drafts.ts";
import { Check, TextArea, TextField } from "../../parts/field.tsx";
import { Problem } from "../../parts/notice.tsx";
import { Card, Fact, Facts, Row, Stack } from "../../parts/page.tsx";
import { Text } from "../../parts/text.tsx";
import { Time } from "../../parts/time.tsx";
import { useDraftName } from "./draft-name.ts";
import { NamedValues } from "./named-values.tsx";

function useSave(fn: AppFunction, onSaved: () => void = () => undefined) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (body: UpdateFunctionRequest) =>
      call("updateFunction", { params: { app: fn.app_slug, fn: fn.slug }, body }),
    onSuccess: async (after) => {
      queries.setQueryData(["getFunction", fn.app_slug, fn.slug], after);
      onSaved();
      await queries.invalidateQueries({ queryKey: ["listFunctions"] });
    },
  });
}

/** What it sees, what it may reach, and its limits. */
export function SettingsTab({ fn }: { readonly fn: AppFunction }) {
  return (
    <Stack>
      <Limits fn={fn} />
      <Env fn={fn} />
      <Secrets fn={fn} />
      <Card title="About it">
        <Facts>
          <Fact name="Owner">
            <Text>{fn.owner}</Text>
          </Fact>
          <Fact name="Its code is by">
            <Text>{fn.author}</Text> {fn.role !== null && `(${fn.role})`}
          </Fact>
          <Fact name="Made">
            <Time at={fn.created_at} exact />
          </Fact>
          <Fact name="Changed">
            <Time at={fn.updated_at} exact />
          </Fact>
          <Fact name="Id">
            <Id id={fn.uuid} of="function" />
          </Fact>
        </Facts>
        <Remove fn={fn} />
      </Card>
    </Stack>
  );
}

function Limits({ fn }: { readonly fn: AppFunction }) {
  const before = {
    name: fn.name,
    timeout: String(fn.timeout_ms),
    egress: fn.egress.join("\n"),
    enabled: fn.enabled,
    writes: fn.writes,
  };
  const [draft, setDraft] = useState(before);
  const set = (change: Partial<typeof draft>): void => setDraft({ ...draft, ...change });
  const save = useSave(fn);
  const problem = (path: string): string | undefined =>
    save.error instanceof ApiError
      ? (save.error.field(path) ?? save.error.fields.find((one) => one.path.startsWith(`${path}.`))?.message)
      : undefined;
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    // Only what was changed: what others change meanwhile stays.
    save.mutate({
      ...(draft.name === before.name ? {} : { name: draft.name }),
      ...(draft.timeout === before.timeout ? {} : { timeout_ms: Number(draft.timeout) }),
      ...(draft.egress === before.egress ? {} : { egress: linesOf(draft.egress) }),
      ...(draft.enabled === before.enabled ? {} : { enabled: draft.enabled }),
      ...(draft.writes === before.writes ? {} : { writes: draft.writes }),
    });
  };
  return (
    <Card title="Limits">
      <form onSubmit={submit}>
        <Stack>
          <TextField
            label="Name"
            required
            value={draft.name}
            onValue={(name) => set({ name })}
            error={problem("name")}
          />
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
          {save.isError && <Problem error={save.error} />}
          <Row>
            <Button look="primary" type="submit" busy={save.isPending}>
              Save
            </Button>
            <span role="status">{save.isSuccess && "Saved."}</span>
          </Row>
        </Stack>
      </form>
    </Card>
  );
}

function linesOf(text: string): readonly string[] {
  return text.split(/[\s,]+/).filter((line) => line !== "");
}

function Env({ fn }: { readonly fn: AppFunction }) {
  const save = useSave(fn);
  return (
    <Card title="Env">
      <NamedValues
        what="value"
        names={Object.keys(fn.env)}
        shownOf={(name) => fn.env[name]}
        busy={save.isPending}
        error={save.error}
        onSet={(name, value) => save.mutateAsync({ env: { [name]: value } })}
        onRemove={(name) => save.mutateAsync({ env: { [name]: null } })}
      />
    </Card>
  );
}

function Secrets({ fn }: { readonly fn: AppFunction }) {
  const save = useSave(fn);
  return (
    <Card title="Secrets">
      <NamedValues
        what="secret"
        names={fn.secrets}
        busy={save.isPending}
        error={save.error}
        onSet={(name, value) => save.mutateAsync({ secrets: { [name]: value } })}
        onRemove={(name) => save.mutateAsync({ secrets: { [name]: null } })}
      />
    </Card>
  );
}

function Remove({ fn }: { readonly fn: AppFunction }) {
  const { tenant } = useParams({ from: "/t/$tenant" });
  const navigate = useNavigate();
  const queries = useQueryClient();
  const draft = useDraftName(fn.app_slug, fn.slug);
  const [isOpen, setOpen] = useState(false);
  const remove = useMutation({
    mutationFn: () => call("deleteFunction", { params: { app: fn.app_slug, fn: fn.slug } }),
    onSuccess: async () => {
      keepDraft(draft, undefined);
      await navigate({ to: "/t/$tenant/functions", params: { tenant } });
      queries.removeQueries({ queryKey: ["getFunction", fn.app_slug, fn.slug] });
      await queries.invalidateQueries({ queryKey: ["listFunctions"] });
    },
  });
  return (
    <Row>
      <Button look="danger" onClick={() => setOpen(true)}>
        Delete this function…
      </Button>
      <Confirm
        title={`Delete ${fn.name}?`}
        action="Delete"
        typed={fn.slug}
        open={isOpen}
        busy={remove.isPending}
        onConfirm={() => remove.mutate()}
        onClose={() => setOpen(false)}
      >
        <p>Its versions, secrets and triggers go with it. There is no way back.</p>
        {remove.isError && <Problem error={remove.error} />}
      </Confirm>
    </Row>
  );
}
