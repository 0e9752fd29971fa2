import {
  type CompletionContext,
  type CompletionResult,
  closeBrackets,
  closeBracketsKeymap,
} from "@codemirror/autocomplete";
import { indentWithTab } from "@codemirror/commands";
import { javascript, typescriptLanguage } from "@codemirror/lang-javascript";
import { json } from "@codemirror/lang-json";
import { bracketMatching, indentOnInput, indentUnit } from "@codemirror/language";
import { lintGutter } from "@codemirror/lint";
import { highlightSelectionMatches, searchKeymap } from "@codemirror/search";
import type { Extension } from "@codemirror/state";
import { EditorView, highlightActiveLine, highlightActiveLineGutter, keymap, lineNumbers } from "@codemirror/view";
import type { CodeHints } from "./code-hints.ts";
import { hintsFor } from "./code-hints.ts";
import { mountEditor } from "./mount.ts";
import type { MountedEditor, MountOptions } from "./mounted.ts";

/** The editors of code and of JSON. */

/** Tab indents; Escape and then Tab leaves, which the field says. */
const common: Extension = [
  indentUnit.of("  "),
  indentOnInput(),
  bracketMatching(),
  closeBrackets(),
  highlightActiveLine(),
  highlightSelectionMatches(),
  keymap.of([...closeBracketsKeymap, ...searchKeymap, indentWithTab]),
];

/** `hints` is asked each time: what an event holds is known later than the code is shown. */
export function mountCodeEditor(options: MountOptions, hints: () => CodeHints): MountedEditor {
  const offered = (context: CompletionContext): CompletionResult | null => {
    const line = context.state.doc.lineAt(context.pos);
    const found = hintsFor(line.text.slice(0, context.pos - line.from), hints());
    return found === undefined ? null : { from: context.pos - found.typed.length, options: [...found.options] };
  };
  return mountEditor(options, [
    common,
    lineNumbers(),
    highlightActiveLineGutter(),
    lintGutter(),
    javascript({ typescript: true }),
    typescriptLanguage.data.of({ autocomplete: offered }),
  ]);
}

export function mountJsonEditor(options: MountOptions): MountedEditor {
  return mountEditor(options, [common, json(), EditorView.lineWrapping]);
}
