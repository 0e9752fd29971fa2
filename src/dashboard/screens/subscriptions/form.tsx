import { type FormEvent, type ReactNode, useState } from "react";
import { defined } from "../../../domain/defined.ts";
import { parseUuid } from "../../../domain/ids.ts";
import { ApiError, isAt, problemOf } from "../../api/client.ts";
import { reaches, useSelf } from "../../api/session.ts";
import { AsCurl } from "../../parts/as-curl.tsx";
import { FilterEditor } from "../../parts/editor/filter-editor.tsx";
import { Check } from "../../parts/field.tsx";
import { FormButtons } from "../../parts/form-buttons.tsx";
import { Problem } from "../../parts/notice.tsx";
import { Card, Stack } from "../../parts/page.tsx";
import type { SubscriptionDraft } from "./draft.ts";
import { AdvancedFields } from "./form-advanced.tsx";
import { EventFields } from "./form-event.tsx";
import type { FormPartProps } from "./form-part.ts";
import { TargetFields } from "./form-target.tsx";
import { withoutSecrets } from "./requests.ts";

interface FormProps {
  readonly title: string;
  readonly start: SubscriptionDraft;
  readonly isEdited: boolean;
  /** Whether credentials were given before. */
  readonly hasAuth: boolean;
  /** Its name, on the objects face. */
  readonly bucket?: string | undefined;
  readonly busy: boolean;
  readonly error: Error | null;
  /** The request as a command. */
  readonly curlOf: (draft: SubscriptionDraft) => string;
  readonly onSave: (draft: SubscriptionDraft) => void;
  readonly onCancel: () => void;
  /** What stands above the fields. */
  readonly children?: ReactNode;
}

/** A subscription of operations or of resources; what has good defaults stands under Advanced. */
export function SubscriptionForm(props: FormProps) {
  const { title, start, isEdited, hasAuth, bucket, busy, error, curlOf, onSave, onCancel, children } = props;
  const self = useSelf();
  const [draft, setDraft] = useState(start);
  const fields: FormPartProps = {
    draft,
    set: (change) => setDraft({ ...draft, ...change }),
    problem: (path) => problemOf(error, path),
    isEdited,
  };
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    onSave(draft);
  };
  const mayRun = reaches(self, "developer");
  return (
    <Card title={title}>
      {children}
      <form onSubmit={submit}>
        <Stack>
          <EventFields {...fields} />
          <TargetFields
            {...fields}
            hasAuth={hasAuth}
            kinds={[
              ...(mayRun ? [{ value: "function", label: "A function" } as const] : []),
              { value: "webhook", label: "A webhook" },
              { value: "destination", label: "A named destination" },
              { value: "email", label: "An e-mail address" },
            ]}
          />
          <FilterEditor
            label="Filter"
            face={draft.face}
            value={draft.filter}
            onValue={(filter) => fields.set({ filter })}
            error={fields.problem("filter")}
            hint="Which of the events; empty for all. SQL-like."
            {...placeOf(draft, bucket)}
          />
          <Check label="Enabled" checked={draft.enabled} onChecked={(enabled) => fields.set({ enabled })} />
          <AdvancedFields {...fields} error={error} />
          {error !== null && !isOfField(error) && <Problem error={error} />}
          <AsCurl command={curlOf(withoutSecrets(draft))} />
          <FormButtons busy={busy} onCancel={onCancel} />
        </Stack>
      </form>
    </Card>
  );
}

/** What the filter is held against. */
function placeOf({ face, event, resource }: SubscriptionDraft, bucket: string | undefined) {
  const named = event === "" || event === "*" ? {} : { event };
  if (face === "objects") return defined({ bucket });
  return face === "notifications" && parseUuid(resource.trim()) !== undefined
    ? { ...named, resource: resource.trim() }
    : named;
}

/** What the form shows beside a field, or beside what that is a part of; the rest stands above its buttons. */
const shown = [
  "event",
  "app",
  "resource",
  "filter",
  "max_retries",
  "backoff.schedule_ms",
  "backoff.jitter",
  "policy",
  "max_per_second",
  "max_concurrency",
  "auth",
  "headers",
  "url",
  "target",
];

function isOfField(error: Error): boolean {
  if (!(error instanceof ApiError) || error.fields.length === 0) return false;
  return error.fields.every(({ path }) => shown.some((name) => isAt(path, name)));
}
