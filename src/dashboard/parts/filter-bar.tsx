import { Popover } from "@base-ui/react/popover";
import { type ReactNode, useState } from "react";
import { Button, buttonClass } from "./button.tsx";
import { SelectField, TextField } from "./field.tsx";
import styles from "./filter-bar.module.css";
import { Text } from "./text.tsx";

/** What narrows a list: each filter that is set is a chip, and the rest waits behind `+ filter`. */

export interface FilterField<Name extends string> {
  readonly name: Name;
  /** What it narrows by: `Bucket`. */
  readonly label: string;
  readonly hint?: string;
  /** One of these; any text where absent. */
  readonly options?: readonly string[];
  /** How a value is shown, where not as it stands in the address. */
  readonly shown?: (value: string) => ReactNode;
}

type Filters<Name extends string> = { readonly [Key in Name]?: string | undefined };

interface FilterBarProps<Name extends string> {
  readonly fields: readonly FilterField<Name>[];
  readonly values: Filters<Name>;
  /** `undefined` takes the filter away. */
  readonly onFilter: (name: Name, value: string | undefined) => void;
  /** Controls that are always in view. */
  readonly children?: ReactNode;
}

export function FilterBar<Name extends string>({ fields, values, onFilter, children }: FilterBarProps<Name>) {
  const [open, setOpen] = useState<Name | undefined>(undefined);
  const set = fields.filter(({ name }) => values[name] !== undefined);
  return (
    <div className={styles["bar"]}>
      {children}
      {set.map((field) => (
        <span key={field.name} className={styles["chip"]}>
          <FilterForm
            fields={[field]}
            values={values}
            open={open === field.name}
            onOpen={(isOpen) => setOpen(isOpen ? field.name : undefined)}
            onFilter={onFilter}
            trigger={
              <>
                {field.label}:{" "}
                {field.shown?.(values[field.name] ?? "") ?? <Text max={40}>{values[field.name] ?? ""}</Text>}
              </>
            }
            look={styles["value"] ?? ""}
          />
          <button
            type="button"
            className={styles["off"]}
            aria-label={`Take away the filter ${field.label}`}
            onClick={() => onFilter(field.name, undefined)}
          >
            <span aria-hidden="true">✕</span>
          </button>
        </span>
      ))}
      <AddFilter fields={fields.filter(({ name }) => values[name] === undefined)} values={values} onFilter={onFilter} />
    </div>
  );
}

function AddFilter<Name extends string>(props: Pick<FilterBarProps<Name>, "fields" | "values" | "onFilter">) {
  const [isOpen, setOpen] = useState(false);
  if (props.fields.length === 0) return null;
  return <FilterForm {...props} open={isOpen} onOpen={setOpen} trigger="+ filter" look={buttonClass("ghost")} />;
}

interface FilterFormProps<Name extends string> extends Omit<FilterBarProps<Name>, "children"> {
  readonly open: boolean;
  readonly onOpen: (isOpen: boolean) => void;
  readonly trigger: ReactNode;
  readonly look: string;
}

function FilterForm<Name extends string>({ open, onOpen, trigger, look, ...rest }: FilterFormProps<Name>) {
  return (
    <Popover.Root open={open} onOpenChange={(next) => onOpen(next)}>
      <Popover.Trigger className={look}>{trigger}</Popover.Trigger>
      <Popover.Portal>
        <Popover.Positioner sideOffset={6} align="start">
          <Popover.Popup className={styles["popup"]} aria-label="Filter">
            <Fields {...rest} onDone={() => onOpen(false)} />
          </Popover.Popup>
        </Popover.Positioner>
      </Popover.Portal>
    </Popover.Root>
  );
}

interface FieldsProps<Name extends string> extends Omit<FilterBarProps<Name>, "children"> {
  readonly onDone: () => void;
}

function Fields<Name extends string>({ fields, values, onFilter, onDone }: FieldsProps<Name>) {
  const [name, setName] = useState<Name | undefined>(fields[0]?.name);
  const field = fields.find((one) => one.name === name) ?? fields[0];
  const present = field === undefined ? "" : (values[field.name] ?? field.options?.[0] ?? "");
  const [draft, setDraft] = useState({ of: name, text: present });
  if (field === undefined) return null;
  const text = draft.of === field.name ? draft.text : present;
  const type = (next: string): void => setDraft({ of: field.name, text: next });
  return (
    <form
      className={styles["form"]}
      onSubmit={(event) => {
        event.preventDefault();
        onFilter(field.name, text.trim() === "" ? undefined : text.trim());
        onDone();
      }}
    >
      {fields.length > 1 && (
        <SelectField
          label="Narrow by"
          value={field.name}
          options={fields.map((one) => ({ value: one.name, label: one.label }))}
          onValue={setName}
        />
      )}
      {field.options === undefined ? (
        <TextField label={field.label} hint={field.hint} value={text} onValue={type} />
      ) : (
        <SelectField
          label={field.label}
          hint={field.hint}
          value={text}
          options={field.options.map((value) => ({ value, label: value }))}
          onValue={type}
        />
      )}
      <Button type="submit" look="primary">
        Apply
      </Button>
    </form>
  );
}

interface TogglesProps<Value extends string> {
  readonly label: string;
  readonly values: readonly Value[];
  readonly on: readonly Value[];
  readonly onToggle: (value: Value) => void;
}

/** Several of a few, each a button that stays down. */
export function Toggles<Value extends string>({ label, values, on, onToggle }: TogglesProps<Value>) {
  return (
    <div role="group" aria-label={label} className={styles["toggles"]}>
      {values.map((value) => (
        <button key={value} type="button" aria-pressed={on.includes(value)} onClick={() => onToggle(value)}>
          {value}
        </button>
      ))}
    </div>
  );
}
