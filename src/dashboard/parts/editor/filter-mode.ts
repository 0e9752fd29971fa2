import { autocompletion, type CompletionContext, type CompletionResult } from "@codemirror/autocomplete";
import { type EditorState, type Extension, StateField } from "@codemirror/state";
import { Decoration, type DecorationSet, EditorView } from "@codemirror/view";
import { type CompletionCatalog, complete, type Suggestion } from "../../../domain/filter/complete.ts";
import { tokensOf } from "../../../domain/filter/highlight.ts";
import { mountEditor } from "./mount.ts";
import type { MountedEditor, MountOptions } from "./mounted.ts";

/** The editor of filters: colours by the parser's own tokens, and what could be written next. */

/** `catalog` is asked each time: what is known of a place comes later. */
export function mountFilterEditor(options: MountOptions, catalog: () => CompletionCatalog): MountedEditor {
  return mountEditor(options, [
    EditorView.lineWrapping,
    autocompletion({
      override: [(context) => completionAt(context, catalog())],
      activateOnCompletion: ({ type }) => type !== "value",
    }),
    coloured,
    colours,
  ]);
}

function completionAt(
  { state, pos, explicit }: CompletionContext,
  catalog: CompletionCatalog,
): CompletionResult | null {
  const text = state.doc.toString();
  const { from, to, suggestions } = complete(text, pos, catalog);
  const typed = text.slice(from, pos);
  // Where a condition is whole, Enter is not meant for the AND that could follow.
  const isUnasked = typed === "" && suggestions.every(({ kind }) => kind === "keyword");
  if (suggestions.length === 0 || (!explicit && isUnasked)) return null;
  return { from, to, filter: false, options: suggestions.map((suggestion) => optionOf(suggestion, text.charAt(to))) };
}

/** A blank follows what does not end a condition, so that one can go on at once. */
function optionOf({ text, kind, detail }: Suggestion, next: string) {
  const goesOn = kind === "field" || kind === "operator" || (kind === "keyword" && /[A-Z]$/.test(text));
  const apply = goesOn && !/\s/.test(next) ? `${text.trimEnd()} ` : text;
  return { label: text, type: kind, detail, apply };
}

/** Longer ones are refused, and cost too much to colour at each key. */
const mostCharacters = 16_384;

const coloured = StateField.define<DecorationSet>({
  create: coloursOf,
  update: (before, { docChanged, state }) => (docChanged ? coloursOf(state) : before),
  provide: (field) => EditorView.decorations.from(field),
});

const marks = Object.fromEntries(
  (["keyword", "field", "operator", "string", "number", "punctuation", "invalid"] as const).map((kind) => [
    kind,
    Decoration.mark({ class: `filter-${kind}` }),
  ]),
);

function coloursOf({ doc }: EditorState): DecorationSet {
  if (doc.length > mostCharacters) return Decoration.none;
  return Decoration.set(tokensOf(doc.toString()).flatMap(({ kind, from, to }) => marks[kind]?.range(from, to) ?? []));
}

const colours: Extension = EditorView.baseTheme({
  ".filter-keyword, .filter-operator": { color: "var(--code-keyword)", fontWeight: "600" },
  ".filter-field": { color: "var(--code-name)" },
  ".filter-string": { color: "var(--code-string)" },
  ".filter-number": { color: "var(--code-number)" },
  ".filter-punctuation": { color: "var(--ink-2)" },
  ".filter-invalid": { color: "var(--bad)" },
});
