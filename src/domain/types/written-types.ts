import { invalidField } from "../../errors.ts";
import { type DescribedTypes, describeTypes, type TypesInput } from "./described-types.ts";
import { jsonSchemaPieces } from "./json-schema-text.ts";
import { pythonPieces } from "./python.ts";
import { typescriptPieces } from "./typescript.ts";

/** Types of everything that is sent to a tenant, in the language of who receives it. */

export const typesLanguages = ["typescript", "python", "json-schema"] as const;
export type TypesLanguage = (typeof typesLanguages)[number];

/** Of the text: what may be answered at once. */
const mostCharacters = 4_194_304;

const about = "Types of the events of Signalbox, as they were when `signalbox types` wrote them.";

/**
 * Yields where it may be interrupted.
 *
 * @throws SignalboxError `invalid_request` about `event` for what comes to more than 4 Mi characters.
 */
export function* writeTypes(language: TypesLanguage, input: TypesInput): Generator<void, string, void> {
  const described = yield* describeTypes(input);
  yield;
  const written: string[] = [];
  let characters = 0;
  for (const piece of piecesOf[language](described)) {
    written.push(piece);
    characters += piece.length;
    if (characters > mostCharacters) {
      const { types } = input;
      throw invalidField(
        "event",
        `the types of all ${types.length} event types come to more than ${mostCharacters} characters: name those that you need`,
      );
    }
    yield;
  }
  return written.join("");
}

const piecesOf = {
  typescript: function* (described) {
    yield `// ${about}\n`;
    for (const piece of typescriptPieces(described)) yield `\n${piece}`;
  },
  python: function* (described) {
    yield `"""${about}"""\n\n`;
    yield* pythonPieces(described);
  },
  "json-schema": (described) => jsonSchemaPieces(described, about),
} satisfies Record<TypesLanguage, (described: DescribedTypes) => Generator<string, void, void>>;
