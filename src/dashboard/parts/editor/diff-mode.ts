import { javascript } from "@codemirror/lang-javascript";
import { unifiedMergeView } from "@codemirror/merge";
import { EditorState } from "@codemirror/state";
import { EditorView, highlightSpecialChars, lineNumbers } from "@codemirror/view";
import { pageNonce } from "../nonce.ts";
import { editorTheme } from "./theme.ts";

interface DiffOptions {
  readonly parent: HTMLElement;
  readonly label: string;
  readonly before: string;
  readonly after: string;
}

/** What is the same over many lines is folded away, and unfolds on a click. */
export function mountDiff({ parent, label, before, after }: DiffOptions): { destroy(): void } {
  const view = new EditorView({
    parent,
    state: EditorState.create({
      doc: after,
      extensions: [
        EditorView.cspNonce.of(pageNonce()),
        EditorState.readOnly.of(true),
        EditorView.contentAttributes.of({ "aria-label": label, "aria-readonly": "true", tabindex: "0" }),
        lineNumbers(),
        highlightSpecialChars(),
        javascript({ typescript: true }),
        unifiedMergeView({
          original: before,
          mergeControls: false,
          collapseUnchanged: { margin: 3, minSize: 6 },
          diffConfig: { timeout: 500 },
        }),
        editorTheme,
        changes,
      ],
    }),
  });
  return { destroy: () => view.destroy() };
}

const changes = EditorView.theme({
  ".cm-changedLine": { backgroundColor: "var(--good-soft)" },
  ".cm-deletedChunk": { backgroundColor: "var(--bad-soft)" },
  ".cm-changedText, .cm-insertedLine": { background: "none", textDecoration: "none" },
  ".cm-changedLine .cm-changedText": { background: "none", borderBottom: "2px solid var(--good)" },
  ".cm-deletedChunk .cm-deletedText": { background: "none", borderBottom: "2px solid var(--bad)" },
  ".cm-deletedChunk del": { textDecoration: "none" },
  ".cm-changeGutter": { width: "3px", paddingLeft: "1px" },
  ".cm-changedLineGutter": { background: "var(--good)" },
  ".cm-deletedLineGutter": { background: "var(--bad)" },
  ".cm-collapsedLines": {
    color: "var(--ink-2)",
    background: "var(--sunken)",
    padding: "var(--space-1) var(--space-2)",
  },
  ".cm-collapsedLines::before": { content: '"… "', marginInlineEnd: "0" },
  ".cm-collapsedLines::after": { content: '" …"', marginInlineStart: "0" },
});
