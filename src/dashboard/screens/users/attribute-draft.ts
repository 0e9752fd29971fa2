/** A user's attributes as a form has them: a field for each that the tenant's schema describes plainly, and text for the rest. */

type Attributes = Readonly<Record<string, unknown>>;
type Schema = Readonly<Record<string, unknown>>;

export interface AttributeField {
  readonly name: string;
  readonly kind: "text" | "number" | "choice" | "check";
  readonly hint: string | undefined;
  readonly isRequired: boolean;
  /** Of a choice. */
  readonly options: readonly string[];
}

export interface AttributeDraft {
  /** By name; what is left empty is taken away. */
  readonly fields: Readonly<Record<string, string>>;
  /** The attributes without a field, as JSON. */
  readonly rest: string;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

const kinds = { string: "text", integer: "number", number: "number", boolean: "check" } as const;

/** Of a schema's properties those that one field can show. */
export function attributeFields(schema: Schema | null): readonly AttributeField[] {
  const { properties, required } = schema ?? {};
  if (!isObject(properties)) return [];
  const needed = Array.isArray(required) ? required : [];
  return Object.entries(properties).flatMap(([name, said]): readonly AttributeField[] => {
    if (!isObject(said)) return [];
    const { type, title, description } = said;
    const isChoice = Array.isArray(said["enum"]) && said["enum"].every((one) => typeof one === "string");
    if (!isChoice && !(typeof type === "string" && Object.hasOwn(kinds, type))) return [];
    const hints = [title, description].filter((one) => typeof one === "string").join(". ");
    return [
      {
        name,
        kind: isChoice ? "choice" : kinds[type as keyof typeof kinds],
        hint: hints === "" ? undefined : hints,
        isRequired: needed.includes(name),
        options: isChoice ? (said["enum"] as readonly string[]) : [],
      },
    ];
  });
}

function fits({ kind }: AttributeField, value: unknown): boolean {
  const type = { text: "string", choice: "string", number: "number", check: "boolean" }[kind];
  return value === undefined || typeof value === type;
}

/** The fields that show what these attributes hold: another type than the schema's is left to the text. */
export function shownFields(fields: readonly AttributeField[], attributes: Attributes): readonly AttributeField[] {
  return fields.filter((field) => fits(field, own(attributes, field.name)));
}

function own(attributes: Attributes, name: string): unknown {
  return Object.hasOwn(attributes, name) ? attributes[name] : undefined;
}

function textOf(value: unknown): string {
  if (typeof value === "string") return value;
  return typeof value === "number" || typeof value === "boolean" ? String(value) : "";
}

export function draftOf(attributes: Attributes, fields: readonly AttributeField[]): AttributeDraft {
  const names = new Set(fields.map(({ name }) => name));
  const rest = Object.entries(attributes).filter(([name]) => !names.has(name));
  const values = fields.map(({ name }) => [name, textOf(own(attributes, name))]);
  return {
    fields: Object.fromEntries(values) as AttributeDraft["fields"],
    rest: rest.length === 0 ? "" : JSON.stringify(Object.fromEntries(rest), null, 2),
  };
}

type Read =
  | { readonly kind: "patch"; readonly patch: Attributes }
  | { readonly kind: "wrong"; readonly problems: Readonly<Record<string, string>> };

/** What changes, as a merge patch (RFC 7396): attributes that were not touched are not sent, so that they stay digit by digit. */
export function patchOf(before: Attributes, fields: readonly AttributeField[], draft: AttributeDraft): Read {
  const first = draftOf(before, fields);
  const patch: [string, unknown][] = [];
  const problems: [string, string][] = [];
  for (const { name, kind } of fields) {
    const text = draft.fields[name] ?? "";
    if (text === (first.fields[name] ?? "")) continue;
    if (text === "") patch.push([name, null]);
    else if (kind === "check") patch.push([name, text === "true"]);
    else if (kind !== "number") patch.push([name, text]);
    else if (!Number.isFinite(Number(text))) problems.push([name, "is no number"]);
    else if (/^-?\d+$/.test(text) && !Number.isSafeInteger(Number(text)))
      problems.push([name, "has too many digits to be kept exactly"]);
    else patch.push([name, Number(text)]);
  }
  if (draft.rest !== first.rest) {
    const rest = readObject(draft.rest);
    if (rest === undefined) problems.push(["", 'is no JSON object: { "name": value, … }']);
    else {
      const old = readObject(first.rest) ?? {};
      for (const name of Object.keys(old)) if (!Object.hasOwn(rest, name)) patch.push([name, null]);
      for (const [name, value] of Object.entries(rest)) {
        if (JSON.stringify(value) !== JSON.stringify(own(old, name)))
          patch.push([name, replacing(own(old, name), value)]);
      }
    }
  }
  if (problems.length > 0) return { kind: "wrong", problems: Object.fromEntries(problems) };
  return { kind: "patch", patch: Object.fromEntries(patch) };
}

/** A merge patch keeps members of objects that it does not name: those that are gone are named. */
function replacing(before: unknown, after: unknown): unknown {
  if (!isObject(before) || !isObject(after)) return after;
  const gone = Object.keys(before).filter((name) => !Object.hasOwn(after, name));
  return Object.fromEntries([
    ...gone.map((name) => [name, null]),
    ...Object.entries(after).map(([name, value]) => [name, replacing(own(before, name), value)]),
  ]);
}

function readObject(text: string): Attributes | undefined {
  if (text.trim() === "") return {};
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
