import { autocompletion } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
import { type Diagnostic, lintKeymap, setDiagnostics } from "@codemirror/lint";
import { Compartment, EditorState, type Extension } from "@codemirror/state";
import { drawSelection, EditorView, highlightSpecialChars, keymap, placeholder } from "@codemirror/view";
import { pageNonce } from "../nonce.ts";
import type { EditorProblem, MountedEditor, MountOptions } from "./mounted.ts";
import { editorTheme } from "./theme.ts";

/** Puts an editor into the page. What a language needs besides comes as extensions. */
export function mountEditor(options: MountOptions, extensions: Extension): MountedEditor {
  const { parent, value, selection, onValue, keys = {} } = options;
  const ties = new Compartment();
  const access = new Compartment();
  const tied = (attributes: MountOptions["attributes"]): Extension => [
    EditorView.contentAttributes.of({ ...attributes, spellcheck: "false", tabindex: "0" }),
    EditorView.editorAttributes.of(attributes["aria-invalid"] === "true" ? { "data-invalid": "" } : {}),
  ];
  const permitted = (isReadOnly: boolean): Extension => EditorState.readOnly.of(isReadOnly);
  const view = new EditorView({
    parent,
    state: EditorState.create({
      doc: value,
      extensions: [
        EditorView.cspNonce.of(pageNonce()),
        keymap.of(
          Object.entries(keys).map(([key, run]) => ({
            key,
            run: () => {
              run();
              return true;
            },
          })),
        ),
        extensions,
        highlightSpecialChars(),
        history(),
        drawSelection(),
        EditorView.domEventHandlers({ beforeinput: replaceSelected }),
        // What Enter does must not depend on how long a list has been there.
        autocompletion({ icons: false, interactionDelay: 0 }),
        keymap.of([...defaultKeymap, ...historyKeymap, ...lintKeymap]),
        EditorState.lineSeparator.of("\n"),
        ties.of(tied(options.attributes)),
        access.of(permitted(options.isReadOnly ?? false)),
        options.placeholder === undefined ? [] : placeholder(options.placeholder),
        EditorView.updateListener.of((update) => {
          if (update.docChanged) onValue(update.state.doc.toString());
        }),
        editorTheme,
      ],
    }),
  });
  if (selection !== undefined) {
    const at = (offset: number): number => Math.min(offset, view.state.doc.length);
    view.dispatch({ selection: { anchor: at(selection.anchor), head: at(selection.head) }, scrollIntoView: true });
    view.focus();
  }
  return {
    setValue: (next) => {
      const { doc } = view.state;
      if (doc.toString() === next) return;
      view.dispatch({ changes: { from: 0, to: doc.length, insert: next } });
    },
    setProblems: (problems) => {
      view.dispatch(setDiagnostics(view.state, diagnosticsOf(problems, view.state.doc.length)));
    },
    setTies: (attributes) => view.dispatch({ effects: ties.reconfigure(tied(attributes)) }),
    setReadOnly: (isReadOnly) => view.dispatch({ effects: access.reconfigure(permitted(isReadOnly)) }),
    goTo: (offset) => {
      view.dispatch({ selection: { anchor: Math.min(offset, view.state.doc.length) }, scrollIntoView: true });
      view.focus();
    },
    focus: () => view.focus(),
    destroy: () => view.destroy(),
  };
}

/**
 * Where a browser itself replaces text that has colours, it would carry them over as inline styles, which the page's policy refuses with a
 * report: so that is done here.
 */
function replaceSelected(event: InputEvent, view: EditorView): boolean {
  const { state } = view;
  const { main } = state.selection;
  const text = event.inputType === "insertText" ? event.data : null;
  if (text === null || main.empty || view.composing || state.readOnly) return false;
  event.preventDefault();
  const insert = () => state.update(state.replaceSelection(text), { userEvent: "input.type", scrollIntoView: true });
  const isTaken = state.facet(EditorView.inputHandler).some((take) => take(view, main.from, main.to, text, insert));
  if (!isTaken) view.dispatch(insert());
  return true;
}

/** Of problems that were found in an older text some may lie behind the end of this one. */
function diagnosticsOf(problems: readonly EditorProblem[], length: number): Diagnostic[] {
  return problems.map(({ from, to, message, severity = "error" }) => {
    const start = Math.min(from, length);
    return { from: start, to: Math.max(start, Math.min(to, length)), message, severity };
  });
}
