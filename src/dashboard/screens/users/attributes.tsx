import { SelectField, TextArea, TextField } from "../../parts/field.tsx";
import type { AttributeDraft, AttributeField } from "./attribute-draft.ts";

interface AttributesProps {
  readonly fields: readonly AttributeField[];
  readonly draft: AttributeDraft;
  /** What is wrong, by the attribute's name; of the text by none. */
  readonly problem: (name: string) => string | undefined;
  readonly onDraft: (draft: AttributeDraft) => void;
}

/** The tenant's own words about a user. */
export function Attributes({ fields, draft, problem, onDraft }: AttributesProps) {
  return (
    <>
      {fields.map((field) => (
        <AttributeInput
          key={field.name}
          field={field}
          value={draft.fields[field.name] ?? ""}
          error={problem(field.name)}
          onValue={(value) => onDraft({ ...draft, fields: { ...draft.fields, [field.name]: value } })}
        />
      ))}
      <TextArea
        label={fields.length === 0 ? "Attributes" : "Other attributes"}
        hint="A JSON object. What you do not touch stays as it is."
        rows={5}
        value={draft.rest}
        onValue={(rest) => onDraft({ ...draft, rest })}
        error={problem("")}
      />
    </>
  );
}

interface AttributeInputProps {
  readonly field: AttributeField;
  readonly value: string;
  readonly error: string | undefined;
  readonly onValue: (value: string) => void;
}

function AttributeInput({ field, value, error, onValue }: AttributeInputProps) {
  const { name, kind, hint, isRequired, options } = field;
  const about = { label: isRequired ? `${name} (needed)` : name, error, ...(hint === undefined ? {} : { hint }) };
  if (kind === "text" || kind === "number") {
    const mode = kind === "number" ? ({ inputMode: "decimal" } as const) : {};
    return <TextField {...about} {...mode} value={value} onValue={onValue} />;
  }
  const values = kind === "check" ? ["true", "false"] : options;
  // One that the schema does not allow any more is still what the user has.
  const all = values.includes(value) || value === "" ? values : [value, ...values];
  return (
    <SelectField
      {...about}
      value={value}
      options={[{ value: "", label: "none" }, ...all.map((one) => ({ value: one, label: one }))]}
      onValue={onValue}
    />
  );
}
