import type { Json } from "../event.ts";
import { plainText, shortened } from "../plain-text.ts";
import { type ShapeField, type TypeShape, typeShapeOf } from "./type-shape.ts";

/** JSON Schema as TypeScript: for authors of functions, and for the types of the API's answers. */

interface TypePrinting {
  /** What a `$ref` is called. */
  readonly refer: (reference: string) => string;
  /** Whether properties stand on lines of their own, with their descriptions. Default: no. */
  readonly spread?: boolean;
}

/** A type that every value that fits has; what a schema says beyond types is left out. */
export function typeText(schema: unknown, printing: TypePrinting): string {
  return shapeText(typeShapeOf(schema), printing);
}

function shapeText(shape: TypeShape, printing: TypePrinting): string {
  const print = (inner: TypeShape): string => shapeText(inner, printing);
  switch (shape.kind) {
    case "anything":
      return "unknown";
    case "nothing":
      return "never";
    case "integer":
      return "number";
    case "string":
    case "number":
    case "boolean":
    case "null":
      return shape.kind;
    case "value":
      return literalText(shape.value);
    case "one of": {
      // Literals need no brackets, and stand in fields more often than anything else.
      const text = shape.shapes.map(print).join(" | ");
      return shape.shapes.every(({ kind }) => kind === "value") ? text : `(${text})`;
    }
    case "all of":
      return `(${shape.shapes.map((one) => bracketed(one, print(one))).join(" & ")})`;
    case "list":
      return `readonly (${print(shape.item)})[]`;
    case "tuple": {
      const first = shape.first.map((one, index) => {
        const text = print(one);
        return index < shape.needed ? text : `(${text})?`;
      });
      const rest = shape.rest === undefined ? [] : [`...(${print(shape.rest)})[]`];
      return `readonly [${[...first, ...rest].join(", ")}]`;
    }
    case "map":
      return `Readonly<Record<string, ${print(shape.value)}>>`;
    case "object":
      return objectText(shape.fields, printing);
    case "named":
      return printing.refer(shape.reference);
    default:
      return shape satisfies never;
  }
}

/** `"a" | "b"` within an intersection. */
function bracketed({ kind }: TypeShape, text: string): string {
  return kind === "one of" ? `(${text})` : text;
}

function objectText(known: readonly ShapeField[], printing: TypePrinting): string {
  const { spread = false } = printing;
  const fields = known.map(({ name, needed, shape, description }) => {
    const text = shapeText(shape, printing);
    const field = `readonly ${propertyName(name)}${needed ? `: ${text}` : `?: ${orUndefined(text)}`}`;
    return spread ? `${commentOf({ description })}${field};` : field;
  });
  return spread ? `{\n${indented(fields.join("\n"))}\n}` : `{ ${fields.join("; ")} }`;
}

function indented(text: string): string {
  return text.replaceAll(/^/gm, "  ");
}

function propertyName(name: string): string {
  return /^[A-Za-z_]\w*$/.test(name) ? name : literalText(name);
}

const longestComment = 300;
/** Of what is said; blanks are left out of it. */
const longestRead = 3_000;

/** A value as a literal in one line, in which everything can be seen. */
function literalText(value: Json): string {
  return plainText(JSON.stringify(value));
}

/** What is said of a schema, in one line in which everything can be seen; empty where nothing is said. */
export function saidIn(description: unknown): string {
  if (typeof description !== "string") return "";
  const line = description.slice(0, longestRead).toWellFormed().replaceAll(/\s+/g, " ").trim();
  return plainText(shortened(line, longestComment));
}

/** A line before what it is about; empty where nothing is said. */
export function commentOf({ description }: { readonly description?: unknown }): string {
  const line = saidIn(description).replaceAll("*/", "*\\/").trim();
  return line === "" ? "" : `/** ${line} */\n`;
}

/** `unknown` is every value, and that one too. */
function orUndefined(text: string): string {
  return text === "unknown" ? text : `${text} | undefined`;
}
