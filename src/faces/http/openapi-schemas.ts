/** JSON Schema, as routes have it, translated to OpenAPI: what has a name once, as a component. */
import { defined } from "../../domain/defined.ts";

export type OpenApiSchema = Readonly<Record<string, unknown>>;

/** The named schemas that the document refers to. */
export class Components {
  readonly #texts = new Map<string, string>();

  /** As `"name":schema`, by name. */
  texts(): string[] {
    return [...this.#texts]
      .toSorted(([one], [other]) => (one < other ? -1 : 1))
      .map(([name, text]) => `${JSON.stringify(name)}:${text}`);
  }

  /**
   * JSON Schema is OpenAPI 3.1's own, but generators of clients know neither `const` nor names given by a pattern. What has a name is referred
   * to; a description of its own stays beside the reference. @throws TypeError for a second schema of one name.
   */
  translate(schema: object): OpenApiSchema {
    const { title, description, ...rest }: OpenApiSchema = { ...schema };
    if (typeof title !== "string") return this.#translated({ ...schema });
    const text = JSON.stringify(this.#translated(rest));
    const known = this.#texts.get(title);
    if (known !== undefined && known !== text) throw new TypeError(`two schemas are named ${title}`);
    this.#texts.set(title, text);
    return { $ref: `#/components/schemas/${title}`, ...defined({ description }) };
  }

  #translated(schema: OpenApiSchema): OpenApiSchema {
    return Object.fromEntries(
      Object.entries(schema).map(([keyword, value]) => {
        if (keyword === "patternProperties") {
          return ["additionalProperties", this.#value(Object.values(value as Readonly<Record<string, unknown>>)[0])];
        }
        if (keyword === "const") return ["enum", [value]];
        // Their names are no keywords.
        if (keyword === "properties") return [keyword, this.#each(value as Readonly<Record<string, unknown>>)];
        return [keyword, this.#value(value)];
      }),
    );
  }

  #each(properties: Readonly<Record<string, unknown>>): OpenApiSchema {
    return Object.fromEntries(Object.entries(properties).map(([name, value]) => [name, this.#value(value)]));
  }

  #value(value: unknown): unknown {
    if (Array.isArray(value)) return value.map((one) => this.#value(one));
    return typeof value === "object" && value !== null ? this.translate(value) : value;
  }
}
