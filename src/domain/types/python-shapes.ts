import type { JsonSchema } from "../catalog.ts";
import { type ShapeField, type TypeShape, typeShapeOf } from "../schema/type-shape.ts";
import { saidIn } from "../schema/type-text.ts";
import { capitalized, type NamedSchema, nameIn, SchemaNames } from "./named-schemas.ts";

/**
 * Schemas with names as Python: each object a TypedDict of its own, and every other type an alias. Python has no intersections, so that what
 * must be several objects at once is one with the fields of all.
 */

/** What annotations are made of, which a field of a class of the same name would hide from type checkers. */
const inAnnotations = ["Any", "Literal", "NotRequired", "Union", "bool", "dict", "float", "int", "list", "str"];
const keywords =
  "False None True and as assert async await break class continue def del elif else except finally for from global if import in is lambda nonlocal not or pass raise return try while with yield".split(
    " ",
  );
const notInClasses: ReadonlySet<string> = new Set([...inAnnotations, ...keywords]);

export class PythonShapes {
  readonly #names: SchemaNames;
  readonly #schemas: ReadonlyMap<string, JsonSchema>;
  readonly #shapes = new Map<string, TypeShape>();
  /** Definitions of what the one at hand holds, that come before it. */
  #before: string[] = [];

  constructor(schemas: readonly NamedSchema[]) {
    this.#names = new SchemaNames([...schemas.map(({ name }) => name), "EventName", "PARAMS"]);
    this.#schemas = new Map(schemas.map(({ name, schema }) => [name, schema]));
  }

  /** Its definitions, those that it needs first. */
  define({ name, schema }: NamedSchema): readonly string[] {
    const shape = this.#shape(name);
    this.#before = [];
    const fields = shape.kind === "object" || shape.kind === "all of" ? this.#fields(shape) : undefined;
    const said = comment(schema["description"]);
    const text =
      fields === undefined || fields.length === 0
        ? `${said}${name} = ${this.#type(shape, name)}\n`
        : said + this.#typedDict(name, fields);
    return [...this.#before, text];
  }

  #shape(name: string): TypeShape {
    const shape = this.#shapes.get(name) ?? typeShapeOf(this.#schemas.get(name));
    this.#shapes.set(name, shape);
    return shape;
  }

  #type(shape: TypeShape, within: string): string {
    switch (shape.kind) {
      case "anything":
      // Python's types of no value (NoReturn, Never) are none to pydantic, which then reads nothing of the event.
      case "nothing":
        return "Any";
      case "string":
        return "str";
      case "integer":
        return "int";
      case "number":
        return "float";
      case "boolean":
        return "bool";
      case "null":
        return "None";
      case "value":
        return this.#union([shape], within);
      case "one of":
        return this.#union(shape.shapes, within);
      case "list":
        return `list[${this.#type(shape.item, within)}]`;
      case "tuple": {
        const entries = [...shape.first, ...(shape.rest === undefined ? [] : [shape.rest])];
        return `list[${this.#union(entries, within)}]`;
      }
      case "map":
        return `dict[str, ${this.#type(shape.value, within)}]`;
      case "named":
        return nameIn(shape.reference);
      case "object":
      case "all of": {
        const fields = this.#fields(shape);
        if (fields === undefined) return "Any";
        if (fields.length === 0) return "dict[str, Any]";
        const name = this.#names.take(within);
        this.#before.push(this.#typedDict(name, fields));
        return name;
      }
      default:
        return shape satisfies never;
    }
  }

  #union(shapes: readonly TypeShape[], within: string): string {
    const literals = shapes.flatMap((shape) => (shape.kind === "value" ? (literal(shape.value) ?? []) : []));
    const others = shapes
      .filter((shape) => shape.kind !== "nothing" && (shape.kind !== "value" || literal(shape.value) === undefined))
      .map((shape) => (shape.kind === "value" ? plainType(shape.value) : this.#type(shape, within)));
    const all = new Set([
      ...(literals.length === 0 ? [] : [`Literal[${[...new Set(literals)].join(", ")}]`]),
      ...others,
    ]);
    if (all.size === 0 || all.has("Any")) return "Any";
    return all.size === 1 ? ([...all][0] ?? "Any") : `Union[${[...all].join(", ")}]`;
  }

  /** Of what is an object in any case; none: of an object of which nothing is known. */
  #fields(shape: TypeShape): readonly ShapeField[] | undefined {
    switch (shape.kind) {
      case "object":
        // What is never there is no field.
        return shape.fields.filter(({ needed, shape: { kind } }) => needed || kind !== "nothing");
      case "map":
        return [];
      case "named":
        return this.#fields(this.#shape(nameIn(shape.reference)));
      case "all of":
        return this.#together(shape.shapes, true);
      case "one of":
        return this.#together(shape.shapes, false);
      default:
        return undefined;
    }
  }

  /** @param all whether each of them holds, so that what one of them needs is there. */
  #together(shapes: readonly TypeShape[], all: boolean): readonly ShapeField[] | undefined {
    const known = new Map<string, { readonly field: ShapeField; readonly count: number; readonly needed: number }>();
    for (const shape of shapes) {
      const fields = this.#fields(shape);
      if (fields === undefined) return undefined;
      for (const field of fields) {
        const before = known.get(field.name);
        const merged =
          before === undefined || all
            ? field
            : { ...field, shape: { kind: "one of", shapes: [before.field.shape, field.shape] } as const };
        const count = (before?.count ?? 0) + 1;
        known.set(field.name, { field: merged, count, needed: (before?.needed ?? 0) + (field.needed ? 1 : 0) });
      }
    }
    return [...known.values()].map(({ field, needed }) => ({
      ...field,
      needed: all ? needed > 0 : needed === shapes.length,
    }));
  }

  #typedDict(name: string, fields: readonly ShapeField[]): string {
    const typed = fields.map(({ name: field, needed, shape, description }) => {
      const type = this.#type(shape, `${name}_${capitalized(field).slice(0, 64) || "Part"}`);
      return { field, type: needed ? type : `NotRequired[${type}]`, said: comment(description, "    ") };
    });
    if (fields.every(({ name: field }) => isPlain(field))) {
      const lines = typed.map(({ field, type, said }) => `${said}    ${field}: ${type}\n`);
      return `class ${name}(TypedDict):\n${lines.join("")}`;
    }
    const lines = typed.map(({ field, type, said }) => `${said}    ${literal(field)}: ${type},\n`);
    return `${name} = TypedDict("${name}", {\n${lines.join("")}})\n`;
  }
}

/** A name that can stand in a class as it is: what begins with two underscores would be read as another. */
function isPlain(name: string): boolean {
  return /^[A-Za-z_]\w*$/.test(name) && !name.startsWith("__") && !notInClasses.has(name);
}

function comment(description: unknown, before = ""): string {
  const line = saidIn(description);
  return line === "" ? "" : `${before}# ${line}\n`;
}

/** `undefined` for what Literal does not take. */
function literal(value: unknown): string | undefined {
  if (value === null) return "None";
  if (typeof value === "boolean") return value ? "True" : "False";
  if (typeof value === "number") return Number.isSafeInteger(value) ? String(value === 0 ? 0 : value) : undefined;
  return typeof value === "string" ? pythonText(value) : undefined;
}

function plainType(value: unknown): string {
  if (typeof value === "number") return "float";
  return Array.isArray(value) ? "list[Any]" : "dict[str, Any]";
}

/** In ASCII, so that nothing in it reads as what it is not. */
export function pythonText(text: string): string {
  const inside = Array.from(text, (one) => {
    const code = one.codePointAt(0) ?? 0;
    if (one === '"' || one === "\\") return `\\${one}`;
    if (code >= 0x20 && code < 0x7f) return one;
    return code > 0xffff ? `\\U${code.toString(16).padStart(8, "0")}` : `\\u${code.toString(16).padStart(4, "0")}`;
  });
  return `"${inside.join("")}"`;
}
