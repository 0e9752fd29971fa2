import { commentOf, typeText } from "../schema/type-text.ts";
import type { DescribedTypes } from "./described-types.ts";
import { lifecycleNames } from "./lifecycle-schemas.ts";
import { nameIn } from "./named-schemas.ts";

/** A module of types alone, that imports nothing. Each piece is a part of its text. */
export function* typescriptPieces({ schemas }: DescribedTypes): Generator<string, void, void> {
  for (const { name, schema } of schemas) yield declared(name, schema);
  yield `/** The name of an event type. */\nexport type EventName = keyof ${lifecycleNames.paramsByEvent};\n`;
}

/** `export type Name = …;` with what is said of it. */
export function declared(name: string, schema: unknown): string {
  const text = typeText(schema, { refer: nameIn, spread: true });
  return `${commentOf(Object(schema) as object)}export type ${name} = ${text};\n`;
}
