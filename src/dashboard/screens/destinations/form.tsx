import { type FormEvent, type ReactNode, useState } from "react";
import { problemOf } from "../../api/client.ts";
import { Advanced } from "../../parts/advanced.tsx";
import { AsCurl } from "../../parts/as-curl.tsx";
import { Check, Choice, TextField } from "../../parts/field.tsx";
import { FormButtons } from "../../parts/form-buttons.tsx";
import { Problem } from "../../parts/notice.tsx";
import { Card, Stack } from "../../parts/page.tsx";
import { AuthFields } from "../subscriptions/auth-fields.tsx";
import { RequestFields } from "../subscriptions/request-fields.tsx";
import { withoutSecrets } from "../subscriptions/requests.ts";
import { RetryFields, TimeLimitField } from "../subscriptions/sending-fields.tsx";
import { ackTexts, type DestinationDraft } from "./draft.ts";

interface DestinationFormProps {
  readonly title: string;
  readonly start: DestinationDraft;
  readonly isEdited: boolean;
  /** Whether credentials were given before. */
  readonly hasAuth: boolean;
  readonly busy: boolean;
  readonly error: unknown;
  /** The request as a command. */
  readonly curlOf: (draft: DestinationDraft) => string;
  readonly onSave: (draft: DestinationDraft) => void;
  readonly onCancel: () => void;
  /** What stands above the fields. */
  readonly children?: ReactNode;
}

/** The fields of a destination; what has good defaults stands under Advanced. */
export function DestinationForm(props: DestinationFormProps) {
  const { title, start, isEdited, hasAuth, busy, error, curlOf, onSave, onCancel, children } = props;
  const [draft, setDraft] = useState(start);
  const set = (change: Partial<DestinationDraft>): void => setDraft({ ...draft, ...change });
  const problem = (path: string): string | undefined => problemOf(error, path);
  const ofTarget = (path: string): string | undefined => problem(`target.${path}`);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    onSave(draft);
  };
  return (
    <Card title={title}>
      {children}
      <form onSubmit={submit}>
        <Stack>
          {!isEdited && (
            <TextField
              label="Name"
              required
              maxLength={100}
              placeholder="orders"
              value={draft.name}
              onValue={(name) => set({ name })}
              error={problem("name")}
              hint="Letters, digits, - and _. Subscriptions go there by it, so it stays."
              autoFocus
            />
          )}
          <TextField
            label="Webhook URL"
            type="url"
            required
            placeholder="https://hooks.example.com/orders"
            value={draft.url}
            onValue={(url) => set({ url })}
            error={ofTarget("url")}
          />
          <AuthFields draft={draft} set={set} problem={ofTarget} hasAuth={hasAuth} />
          <Advanced error={error}>
            <Choice
              label="Acknowledged by"
              value={draft.ack}
              options={(["face", "200", "2xx"] as const)
                .filter((value) => value !== "face" || start.ack === "face")
                .map((value) => ({ value, label: ackTexts[value] }))}
              onValue={(ack) => set({ ack })}
            />
            <TimeLimitField draft={draft} set={set} problem={ofTarget} />
            <RetryFields draft={draft} set={set} problem={problem} isEdited={isEdited} isForOthers />
            <Check
              label="What goes wrong there raises alerts"
              checked={draft.alerts}
              onChecked={(alerts) => set({ alerts })}
            />
            <RequestFields draft={draft} set={set} problem={ofTarget} isOfObjects />
          </Advanced>
          {error !== null && error !== undefined && <Problem error={error} />}
          <AsCurl command={curlOf(withoutSecrets(draft))} />
          <FormButtons busy={busy} onCancel={onCancel} />
        </Stack>
      </form>
    </Card>
  );
}
