import { Check, CheckField, Checks, Choice, TextArea } from "../../parts/field.tsx";
import { BatchFields } from "./batch-fields.tsx";
import { formatTexts, keptValue, type PostedDraft, payloadFields, type RequestDraft } from "./request-draft.ts";

interface RequestFieldsProps {
  readonly draft: PostedDraft;
  readonly set: (change: Partial<PostedDraft>) => void;
  /** What the server said of a field, or of a part of it. */
  readonly problem: (path: string) => string | undefined;
  /** Whether its payload is that of objects, which can have more in it. */
  readonly isOfObjects: boolean;
}

const formats = (["signalbox", "s3", "cloudevents", "cloudevents-binary"] as const).map((value) => ({
  value,
  label: formatTexts[value],
}));

/** What is sent beside the payload as it is documented. */
export function RequestFields({ draft, set, problem, isOfObjects }: RequestFieldsProps) {
  return (
    <>
      <TextArea
        label="Headers"
        rows={2}
        placeholder="X-Environment: production"
        value={draft.headers}
        onValue={(headers) => set({ headers })}
        error={problem("headers")}
        hint={`One a line, sent with each event. Values are never shown again: ${keptValue} leaves one as it is.`}
      />
      <Choice
        label="Format"
        value={draft.format}
        options={formats.filter(({ value }) => isOfObjects || value !== "s3")}
        onValue={(format) => set(format === "s3" ? { format, fields: [] } : { format })}
      />
      <Choice
        label="Compression"
        value={draft.compression}
        options={[
          { value: "none", label: "none" },
          { value: "gzip", label: "gzip" },
        ]}
        onValue={(compression) => set({ compression })}
      />
      <CheckField
        label="Post nothing before the receiver has agreed (CloudEvents' handshake)"
        checked={draft.handshake}
        onChecked={(handshake) => set({ handshake })}
        error={problem("handshake")}
      />
      <BatchFields
        draft={draft.batch}
        set={(change) => set({ batch: { ...draft.batch, ...change } })}
        problem={problem}
      />
      {isOfObjects && draft.format !== "s3" && (
        <Checks
          label="Also in the payload"
          options={payloadFields}
          values={draft.fields}
          onValues={(fields) => set({ fields })}
        />
      )}
    </>
  );
}

interface CaptureFieldProps {
  readonly draft: Pick<RequestDraft, "capture">;
  readonly set: (change: Pick<RequestDraft, "capture">) => void;
}

/** What is kept of the answer. */
export function CaptureField({ draft: { capture }, set }: CaptureFieldProps) {
  return (
    <Check
      label="Keep what came back of every attempt, not of failures alone"
      checked={capture === "all"}
      onChecked={(all) => set({ capture: all ? "all" : "failures" })}
    />
  );
}
