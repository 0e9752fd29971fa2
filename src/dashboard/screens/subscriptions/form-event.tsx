import { useQuery } from "@tanstack/react-query";
import { call } from "../../api/client.ts";
import { SelectField, TextField } from "../../parts/field.tsx";
import { Problem } from "../../parts/notice.tsx";
import type { FormPartProps } from "./form-part.ts";

/** What it is notified of: an operation's event, or what happens to a resource. */
export function EventFields(props: FormPartProps) {
  const { draft, isEdited } = props;
  if (isEdited) return null;
  return draft.face === "lifecycle" ? <OperationFields {...props} /> : <ResourceFields {...props} />;
}

function OperationFields({ draft, set, problem }: FormPartProps) {
  const known = useQuery({
    queryKey: ["listEvents"],
    queryFn: ({ signal }) => call("listEvents", {}, { signal }),
  });
  if (known.isError) return <Problem error={known.error} onRetry={() => void known.refetch()} />;
  const names = known.data?.events ?? [];
  return (
    <>
      <SelectField
        label="Event"
        value={draft.event}
        options={[
          { value: "", label: "Choose an event" },
          ...names.map((name) => ({ value: name, label: name })),
          ...(draft.kind === "function" ? [] : [{ value: "*", label: "Every event after an operation" }]),
        ]}
        onValue={(event) => set({ event })}
        error={problem("event")}
        hint="PRE: before the operation, which waits for the function. POST: afterwards."
      />
      <TextField
        label="Only of the app"
        value={draft.app}
        onValue={(app) => set({ app })}
        error={problem("app")}
        hint="Its slug; empty for operations of the whole tenant."
      />
    </>
  );
}

function ResourceFields({ draft, set, problem }: FormPartProps) {
  const known = useQuery({
    queryKey: ["listNotificationEvents"],
    queryFn: ({ signal }) => call("listNotificationEvents", {}, { signal }),
  });
  // The last group of a uuid says its kind.
  const code = draft.resource.trim().split("-").at(-1) ?? "";
  const kinds = known.data?.result ?? [];
  const kind = kinds.find((one) => one.code === code);
  const events = kind?.events ?? [...new Set(kinds.flatMap((one) => one.events))];
  return (
    <>
      <TextField
        label="Resource"
        required
        mono
        placeholder="018f2b6e-…-002"
        value={draft.resource}
        onValue={(resource) => set({ resource })}
        error={problem("resource")}
        hint={
          kind === undefined
            ? "Its uuid: of an object, a bucket, a function, a user, a job. * for everything, which admins may."
            : `A ${kind.resource}.`
        }
      />
      <SelectField
        label="Event"
        value={draft.event}
        options={[
          { value: "*", label: "Whatever happens to it" },
          ...events.filter((name) => name !== "*").map((name) => ({ value: name, label: name })),
        ]}
        onValue={(event) => set({ event })}
        error={problem("event")}
      />
    </>
  );
}
