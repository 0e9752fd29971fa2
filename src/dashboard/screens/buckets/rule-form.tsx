import { type FormEvent, useState } from "react";
import { problemOf } from "../../api/client.ts";
import { curlOf } from "../../api/curl.ts";
import { Advanced } from "../../parts/advanced.tsx";
import { AsCurl } from "../../parts/as-curl.tsx";
import { Button } from "../../parts/button.tsx";
import { FilterEditor } from "../../parts/editor/filter-editor.tsx";
import { Check, Choice, TextField } from "../../parts/field.tsx";
import { Problem } from "../../parts/notice.tsx";
import { Card, Row, Stack } from "../../parts/page.tsx";
import { AuthFields } from "../subscriptions/auth-fields.tsx";
import { DestinationField } from "../subscriptions/destination-field.tsx";
import { CaptureField, RequestFields } from "../subscriptions/request-fields.tsx";
import { withoutSecrets } from "../subscriptions/requests.ts";
import { PaceFields, RetryFields } from "../subscriptions/sending-fields.tsx";
import { newBody, type RuleDraft } from "./rule-draft.ts";

interface RuleFormProps {
  readonly bucket: string;
  readonly start: RuleDraft;
  readonly isEdited: boolean;
  /** Whether credentials were given before. */
  readonly hasAuth: boolean;
  readonly busy: boolean;
  readonly error: unknown;
  readonly onSave: (draft: RuleDraft, then: { readonly test: boolean }) => void;
  readonly onCancel: () => void;
}

/** The fields of an object notification, as they are documented; what has good defaults stands under Advanced. */
export function RuleForm({ bucket, start, isEdited, hasAuth, busy, error, onSave, onCancel }: RuleFormProps) {
  const [draft, setDraft] = useState(start);
  const set = (change: Partial<RuleDraft>): void => setDraft({ ...draft, ...change });
  const problem = (path: string): string | undefined => problemOf(error, path);
  // Who chooses where it goes is at that choice.
  const isFirst = draft === start;
  // A destination has its own.
  const hasUrl = draft.goesTo === "webhook";
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    onSave(draft, { test: true });
  };
  return (
    <Card title={isEdited ? "Edit the notification" : "New notification"}>
      <form onSubmit={submit}>
        <Stack>
          {!isEdited && (
            <Choice
              label="Sends to"
              value={draft.goesTo}
              options={[
                { value: "webhook", label: "A webhook" },
                { value: "destination", label: "A named destination" },
              ]}
              onValue={(goesTo) => set({ goesTo })}
            />
          )}
          {hasUrl ? (
            <>
              <TextField
                label="Webhook URL"
                type="url"
                required
                placeholder="https://hooks.example.com/objects"
                value={draft.url}
                onValue={(url) => set({ url })}
                error={problem("url")}
                autoFocus={isFirst}
              />
              <AuthFields draft={draft} set={set} problem={problem} hasAuth={hasAuth} />
            </>
          ) : (
            <DestinationField
              value={draft.destination}
              onValue={(destination) => set({ destination })}
              error={problem("target.name")}
              autoFocus={isFirst}
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
          <Advanced error={error}>
            {hasUrl && (
              <>
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
                  label="Time limit of an attempt, in ms"
                  inputMode="numeric"
                  pattern="\d*"
                  value={draft.timeoutMs}
                  onValue={(timeoutMs) => set({ timeoutMs })}
                  error={problem("timeout_ms")}
                />
              </>
            )}
            <RetryFields draft={draft} set={set} problem={problem} isEdited={isEdited} />
            <PaceFields draft={draft} set={set} problem={problem} />
            {hasUrl && (
              <>
                <RequestFields draft={draft} set={set} problem={problem} isOfObjects />
                <CaptureField draft={draft} set={set} />
              </>
            )}
          </Advanced>
          {error !== null && error !== undefined && <Problem error={error} />}
          {!isEdited && (
            <AsCurl command={curlOf("createRule", { params: { bucket }, body: newBody(withoutSecrets(draft)) })} />
          )}
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
