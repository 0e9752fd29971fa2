import { type FormEvent, useState } from "react";
import { ApiError } from "../../api/client.ts";
import { Button } from "../../parts/button.tsx";
import { FilterEditor } from "../../parts/editor/filter-editor.tsx";
import { Check, Choice, TextField } from "../../parts/field.tsx";
import { Problem } from "../../parts/notice.tsx";
import { Card, Row, Stack } from "../../parts/page.tsx";
import type { RuleDraft } from "./rule-draft.ts";

interface RuleFormProps {
  readonly bucket: string;
  readonly start: RuleDraft;
  /** Whether credentials were given before. */
  readonly hasAuth: boolean;
  readonly busy: boolean;
  readonly error: unknown;
  readonly onSave: (draft: RuleDraft, then: { readonly test: boolean }) => void;
  readonly onCancel: () => void;
}

const authTypes = [
  { value: "none", label: "None" },
  { value: "basic", label: "Basic" },
  { value: "bearer", label: "Token" },
] as const;

/** The fields of an object notification, as they are documented; what has good defaults stands under Advanced. */
export function RuleForm({ bucket, start, hasAuth, busy, error, onSave, onCancel }: RuleFormProps) {
  const [draft, setDraft] = useState(start);
  const set = (change: Partial<RuleDraft>): void => setDraft({ ...draft, ...change });
  const problem = (path: string): string | undefined => (error instanceof ApiError ? error.field(path) : undefined);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    onSave(draft, { test: true });
  };
  return (
    <Card title={hasAuth || start.url !== "" ? "Edit the notification" : "New notification"}>
      <form onSubmit={submit}>
        <Stack>
          <TextField
            label="Webhook URL"
            type="url"
            required
            placeholder="https://hooks.example.com/objects"
            value={draft.url}
            onValue={(url) => set({ url })}
            error={problem("url")}
            autoFocus
          />
          <Choice
            label="Authentication type"
            value={draft.auth}
            options={hasAuth ? [{ value: "keep", label: "Keep the present one" }, ...authTypes] : authTypes}
            onValue={(auth) => set({ auth })}
          />
          {draft.auth === "basic" && (
            <TextField
              label="Username"
              value={draft.username}
              onValue={(username) => set({ username })}
              error={problem("auth.username")}
            />
          )}
          {(draft.auth === "basic" || draft.auth === "bearer") && (
            <TextField
              label={draft.auth === "basic" ? "Password" : "Token"}
              type="password"
              required
              value={draft.credential}
              onValue={(credential) => set({ credential })}
              error={problem(draft.auth === "basic" ? "auth.password" : "auth.token")}
              hint="It is sent with each notification, and never shown again."
            />
          )}
          <FilterEditor
            label="Filter"
            face="objects"
            bucket={bucket}
            placeholder={'WHERE key REGEXP "^images/"'}
            hint="Which objects' events are sent; empty for all. SQL-like: key, size, Event-Type, metadata and tags. Ctrl Space shows what can be written."
            value={draft.filter}
            onValue={(filter) => set({ filter })}
            error={problem("filter")}
          />
          <Check label="Enabled" checked={draft.enabled} onChecked={(enabled) => set({ enabled })} />
          <details>
            <summary>Advanced</summary>
            <Stack>
              <Choice
                label="Acknowledged by"
                value={draft.ack}
                options={[
                  { value: "200", label: "200" },
                  { value: "2xx", label: "any 2xx" },
                ]}
                onValue={(ack) => set({ ack })}
              />
              <TextField
                label="Retries"
                inputMode="numeric"
                pattern="\d*"
                value={draft.maxRetries}
                onValue={(maxRetries) => set({ maxRetries })}
                error={problem("max_retries")}
                hint="After the first attempt; empty for the default."
              />
              <TextField
                label="Time limit of an attempt, in ms"
                inputMode="numeric"
                pattern="\d*"
                value={draft.timeoutMs}
                onValue={(timeoutMs) => set({ timeoutMs })}
                error={problem("timeout_ms")}
              />
            </Stack>
          </details>
          {error !== null && error !== undefined && <Problem error={error} />}
          <Row>
            <Button look="primary" type="submit" busy={busy}>
              Save and send a test event
            </Button>
            <Button busy={busy} onClick={() => onSave(draft, { test: false })}>
              Save
            </Button>
            <Button look="ghost" onClick={onCancel}>
              Cancel
            </Button>
          </Row>
        </Stack>
      </form>
    </Card>
  );
}
