import { type ReactNode, type Ref, useCallback, useEffect, useRef } from "react";
import { CodeArea, type CodeAreaHandle } from "./code-area.tsx";
import type { CodeHints } from "./code-hints.ts";
import type { EditorProblem, LoadEditor } from "./mounted.ts";

/** Editors of a function's code and of JSON. */

interface TextEditorProps {
  readonly label: string;
  readonly value: string;
  readonly onValue: (value: string) => void;
  /** What Ctrl and Enter, or ⌘ and Enter, do. */
  readonly onRun?: (() => void) | undefined;
  readonly hint?: ReactNode;
  readonly error?: ReactNode;
  readonly rows?: number;
  readonly isReadOnly?: boolean;
}

interface CodeEditorProps extends TextEditorProps {
  readonly hints: CodeHints;
  readonly problems?: readonly EditorProblem[];
  readonly ref?: Ref<CodeAreaHandle>;
}

const leaving = "Tab indents; Escape, then Tab, leaves.";

export function CodeEditor({ hints, onRun, hint, ...rest }: CodeEditorProps) {
  const latest = useRef(hints);
  useEffect(() => {
    latest.current = hints;
  }, [hints]);
  const load: LoadEditor = useCallback(async () => {
    const { mountCodeEditor } = await import("./code-mode.ts");
    return (options) => mountCodeEditor(options, () => latest.current);
  }, []);
  return <CodeArea {...rest} load={load} hint={described(hint)} {...runsWith(onRun)} />;
}

const loadJson: LoadEditor = async () => {
  const { mountJsonEditor } = await import("./code-mode.ts");
  return mountJsonEditor;
};

export function JsonEditor({ onRun, hint, ...rest }: TextEditorProps) {
  return <CodeArea {...rest} load={loadJson} hint={described(hint)} {...runsWith(onRun)} />;
}

function described(hint: ReactNode): ReactNode {
  return (
    <>
      {hint} {leaving}
    </>
  );
}

function runsWith(onRun: (() => void) | undefined) {
  return onRun === undefined ? {} : { keys: { "Mod-Enter": onRun } };
}
