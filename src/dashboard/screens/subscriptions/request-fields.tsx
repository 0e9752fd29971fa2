import { Check, Checks, Choice, TextArea } from "../../parts/field.tsx";
import { batchText, formatTexts, keptValue, payloadFields, type RequestDraft } from "./request-draft.ts";

interface RequestFieldsProps {
  readonly draft: RequestDraft;
  readonly set: (change: Partial<RequestDraft>) => void;
  /** What the server said of a field, or of a part of it. */
  readonly problem: (path: string) => string | undefined;
  /** Whether its payload is that of objects, which can have more in it. */
  readonly isOfObjects: boolean;
}

const formats = (["signalbox", "s3", "cloudevents", "cloudevents-binary"] as const).map((value) => ({
  value,
  label: formatTexts[value],
}));

/** What is sent beside the payload as it is documented, and what is kept of the answer. */
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
      <Check
        label="Post nothing before the receiver has agreed (CloudEvents' handshake)"
        checked={draft.handshake}
        onChecked={(handshake) => set({ handshake })}
      />
      {draft.batch !== null && <p>Events in a request: {batchText(draft.batch)}. The API changes that.</p>}
      {isOfObjects && draft.format !== "s3" && (
        <Checks
          label="Also in the payload"
          options={payloadFields}
          values={draft.fields}
          onValues={(fields) => set({ fields })}
        />
      )}
      <Check
        label="Keep what came back of every attempt, not of failures alone"
        checked={draft.capture === "all"}
        onChecked={(all) => set({ capture: all ? "all" : "failures" })}
      />
    </>
  );
}
