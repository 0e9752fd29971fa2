import { type ComponentProps, type ReactNode, useId, useState } from "react";
import styles from "./field.module.css";

/** Fields of forms: a label, the control, what it means, and what is wrong with it, tied together for screen readers. */

interface FieldProps {
  readonly label: string;
  /** What it means, below it. */
  readonly hint?: ReactNode;
  /** What is wrong with it. */
  readonly error?: ReactNode;
}

/** What ties a control to its field. */
export interface Ties {
  readonly id: string;
  readonly "aria-describedby": string | undefined;
  readonly "aria-invalid": boolean | undefined;
}

export function Field({ label, hint, error, children }: FieldProps & { readonly children: (ties: Ties) => ReactNode }) {
  const ties = useTies({ hint, error });
  return (
    <div className={styles["field"]}>
      <label htmlFor={ties.id}>{label}</label>
      {children(ties)}
      <Told id={ties.id} hint={hint} error={error} />
    </div>
  );
}

type ToldProps = Pick<FieldProps, "hint" | "error">;

function useTies({ hint, error }: ToldProps): Ties {
  const id = useId();
  const described = [hint === undefined ? "" : `${id}-hint`, error === undefined ? "" : `${id}-error`].filter(Boolean);
  return {
    id,
    "aria-describedby": described.length === 0 ? undefined : described.join(" "),
    "aria-invalid": error === undefined ? undefined : true,
  };
}

function Told({ id, hint, error }: ToldProps & { readonly id: string }) {
  return (
    <>
      {error !== undefined && (
        <div id={`${id}-error`} className={styles["error"]} role="alert">
          {error}
        </div>
      )}
      {hint !== undefined && (
        <p id={`${id}-hint`} className={styles["hint"]}>
          {hint}
        </p>
      )}
    </>
  );
}

/** For a field whose text was sent: it is emptied, unless another was typed meanwhile. */
export function unlessTyped(sent: string): (now: string) => string {
  return (now) => (now === sent ? "" : now);
}

type TextFieldProps = FieldProps &
  Omit<ComponentProps<"input">, "onChange" | "value"> & {
    readonly value: string;
    readonly onValue: (value: string) => void;
    readonly mono?: boolean;
  };

export function TextField({ label, hint, error, onValue, mono = false, type = "text", ...rest }: TextFieldProps) {
  return (
    <Field label={label} hint={hint} error={error}>
      {(ties) => (
        <input
          spellCheck={false}
          autoComplete={type === "password" ? "new-password" : "off"}
          {...rest}
          {...ties}
          type={type}
          className={`${styles["input"]} ${mono ? styles["mono"] : ""}`}
          onChange={(event) => onValue(event.target.value)}
        />
      )}
    </Field>
  );
}

interface SearchFieldProps {
  readonly label: string;
  readonly value: string;
  readonly mono?: boolean;
  /** Called with what was typed once it is left, or Enter is pressed: not for each letter. */
  readonly onSearch: (value: string) => void;
}

/** What narrows a list. */
export function SearchField({ value, onSearch, ...rest }: SearchFieldProps) {
  const [draft, setDraft] = useState({ of: value, text: value });
  const text = draft.of === value ? draft.text : value;
  const search = (): void => {
    if (text.trim() !== value) onSearch(text.trim());
  };
  return (
    <TextField
      {...rest}
      type="search"
      value={text}
      onValue={(next) => setDraft({ of: value, text: next })}
      onBlur={search}
      onKeyDown={(event) => {
        if (event.key === "Enter") search();
      }}
    />
  );
}

type TextAreaProps = FieldProps &
  Omit<ComponentProps<"textarea">, "onChange" | "value"> & {
    readonly value: string;
    readonly onValue: (value: string) => void;
  };

export function TextArea({ label, hint, error, onValue, ...rest }: TextAreaProps) {
  return (
    <Field label={label} hint={hint} error={error}>
      {(ties) => (
        <textarea
          spellCheck={false}
          rows={3}
          {...rest}
          {...ties}
          className={`${styles["input"]} ${styles["mono"]}`}
          onChange={(event) => onValue(event.target.value)}
        />
      )}
    </Field>
  );
}

interface Option<Value extends string> {
  readonly value: Value;
  readonly label: string;
  readonly hint?: string;
}

interface ChoiceProps<Value extends string> {
  readonly label: string;
  readonly value: Value;
  readonly options: readonly Option<Value>[];
  readonly onValue: (value: Value) => void;
}

/** One of a few, all in view. */
export function Choice<Value extends string>({ label, value, options, onValue }: ChoiceProps<Value>) {
  const name = useId();
  return (
    <fieldset className={styles["choice"]}>
      <legend>{label}</legend>
      <div className={styles["options"]}>
        {options.map((option) => (
          <label key={option.value}>
            <input type="radio" name={name} checked={option.value === value} onChange={() => onValue(option.value)} />
            <span>
              {option.label}
              {option.hint !== undefined && <small>{option.hint}</small>}
            </span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}

interface SelectFieldProps<Value extends string> extends FieldProps {
  readonly value: Value;
  readonly options: readonly Option<Value>[];
  readonly onValue: (value: Value) => void;
}

/** One of many. */
export function SelectField<Value extends string>({
  label,
  hint,
  error,
  value,
  options,
  onValue,
}: SelectFieldProps<Value>) {
  return (
    <Field label={label} hint={hint} error={error}>
      {(ties) => (
        <select
          {...ties}
          className={styles["input"]}
          value={value}
          onChange={(event) => {
            const chosen = options.find((option) => option.value === event.target.value);
            if (chosen !== undefined) onValue(chosen.value);
          }}
        >
          {options.map((option) => (
            <option key={option.value} value={option.value}>
              {option.label}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}

interface ChecksProps<Value extends string> {
  readonly label: string;
  readonly options: readonly Value[];
  /** In the order in which they were chosen. */
  readonly values: readonly Value[];
  readonly onValues: (values: readonly Value[]) => void;
}

/** Any of a few, all in view. */
export function Checks<Value extends string>({ label, options, values, onValues }: ChecksProps<Value>) {
  return (
    <fieldset className={styles["choice"]}>
      <legend>{label}</legend>
      <div className={styles["options"]}>
        {options.map((option) => (
          <Check
            key={option}
            label={option}
            checked={values.includes(option)}
            onChecked={(checked) =>
              onValues(checked ? [...values, option] : values.filter((value) => value !== option))
            }
          />
        ))}
      </div>
    </fieldset>
  );
}

interface CheckProps {
  readonly label: string;
  readonly checked: boolean;
  readonly disabled?: boolean;
  readonly onChecked: (checked: boolean) => void;
  readonly ties?: Ties;
}

export function Check({ label, checked, disabled = false, onChecked, ties }: CheckProps) {
  return (
    <label className={styles["check"]}>
      <input
        {...ties}
        type="checkbox"
        checked={checked}
        disabled={disabled}
        onChange={(event) => onChecked(event.target.checked)}
      />
      {label}
    </label>
  );
}

/** The same, with what it means, and what is wrong with it. */
export function CheckField({ hint, error, ...rest }: ToldProps & Omit<CheckProps, "ties">) {
  const ties = useTies({ hint, error });
  return (
    <div className={styles["checkField"]}>
      <Check {...rest} ties={ties} />
      <Told id={ties.id} hint={hint} error={error} />
    </div>
  );
}
