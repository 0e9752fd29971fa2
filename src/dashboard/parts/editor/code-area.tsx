import {
  type CSSProperties,
  type ReactNode,
  type Ref,
  useEffect,
  useEffectEvent,
  useImperativeHandle,
  useLayoutEffect,
  useRef,
  useState,
} from "react";
import { Field, TextArea, type Ties } from "../field.tsx";
import styles from "./editor.module.css";
import type { EditorProblem, LoadEditor, MountedEditor, MountOptions } from "./mounted.ts";

export interface CodeAreaHandle {
  /** Puts the caret there, and the focus into the editor. */
  goTo(offset: number): void;
}

interface CodeAreaProps {
  readonly label: string;
  readonly value: string;
  readonly onValue: (value: string) => void;
  /** Must be the same at each rendering. */
  readonly load: LoadEditor;
  readonly problems?: readonly EditorProblem[];
  readonly hint?: ReactNode;
  readonly error?: ReactNode;
  readonly placeholder?: string;
  readonly isReadOnly?: boolean;
  /** Lines that it has at least. */
  readonly rows?: number;
  /** What keys do; the same keys at each rendering. */
  readonly keys?: NonNullable<MountOptions["keys"]>;
  readonly ref?: Ref<CodeAreaHandle>;
}

interface Loaded {
  readonly mount: (options: MountOptions) => MountedEditor;
  readonly selection: MountOptions["selection"];
}

const none: readonly EditorProblem[] = [];

/**
 * A field for text in some language. It is a plain field until the editor's code is there, and stays one where it never comes; what was typed
 * into it, the place of the caret and the focus go over.
 */
export function CodeArea(props: CodeAreaProps) {
  const { label, hint, error } = props;
  const [loaded, setLoaded] = useState<Loaded>();
  if (loaded === undefined) return <Plain {...props} onLoaded={setLoaded} />;
  return (
    <Field label={label} hint={hint} error={error}>
      {(ties) => <Editor {...props} ties={ties} loaded={loaded} />}
    </Field>
  );
}

function Plain(props: CodeAreaProps & { readonly onLoaded: (loaded: Loaded) => void }) {
  const { label, hint, error, value, onValue, load, placeholder, rows = 3, keys, isReadOnly = false } = props;
  const area = useRef<HTMLTextAreaElement>(null);
  const composing = useRef(false);
  const waiting = useRef<() => void>(undefined);
  const onLoaded = useEffectEvent(props.onLoaded);
  useEffect(() => {
    let isWanted = true;
    const swap = (mount: Loaded["mount"]): void => {
      const { current } = area;
      const isActive = current !== null && document.activeElement === current;
      onLoaded({
        mount,
        selection: isActive ? { anchor: current.selectionStart, head: current.selectionEnd } : undefined,
      });
    };
    load().then(
      (mount) => {
        if (!isWanted) return;
        // What an input method has begun would be lost.
        if (composing.current) waiting.current = () => swap(mount);
        else swap(mount);
      },
      () => undefined,
    );
    return () => {
      isWanted = false;
    };
  }, [load]);
  return (
    <TextArea
      ref={area}
      label={label}
      hint={hint}
      error={error}
      rows={rows}
      readOnly={isReadOnly}
      placeholder={placeholder}
      value={value}
      onValue={onValue}
      onCompositionStart={() => {
        composing.current = true;
      }}
      onCompositionEnd={() => {
        composing.current = false;
        waiting.current?.();
      }}
      onKeyDown={(event) => {
        if (event.key !== "Enter" || event.shiftKey) return;
        const run = keys?.[event.ctrlKey || event.metaKey ? "Mod-Enter" : "Enter"];
        if (run === undefined) return;
        event.preventDefault();
        run();
      }}
    />
  );
}

function Editor(props: CodeAreaProps & { readonly ties: Ties; readonly loaded: Loaded }) {
  const { value, loaded, ties, label, problems = none, rows = 3, isReadOnly = false, ref } = props;
  const host = useRef<HTMLDivElement>(null);
  const editor = useRef<MountedEditor>(undefined);
  const { id, "aria-describedby": described, "aria-invalid": isInvalid = false } = ties;
  const attributes = (): Readonly<Record<string, string>> => ({
    id,
    "aria-label": label,
    ...(described === undefined ? {} : { "aria-describedby": described }),
    ...(isInvalid ? { "aria-invalid": "true" } : {}),
  });
  const onValue = useEffectEvent(props.onValue);
  const press = useEffectEvent((key: string) => props.keys?.[key]?.());
  const mount = useEffectEvent((parent: HTMLElement) =>
    loaded.mount({
      parent,
      value,
      isReadOnly,
      selection: loaded.selection,
      attributes: attributes(),
      placeholder: props.placeholder,
      onValue: (text) => onValue(text),
      keys: Object.fromEntries(Object.keys(props.keys ?? {}).map((key) => [key, () => press(key)])),
    }),
  );
  const tie = useEffectEvent(() => editor.current?.setTies(attributes()));
  useLayoutEffect(() => {
    if (host.current === null) return undefined;
    const mounted = mount(host.current);
    editor.current = mounted;
    const named = document.querySelector<HTMLElement>(`label[for="${id}"]`);
    const focus = (): void => mounted.focus();
    named?.addEventListener("click", focus);
    return () => {
      named?.removeEventListener("click", focus);
      mounted.destroy();
      editor.current = undefined;
    };
  }, [loaded, id]);
  useEffect(() => editor.current?.setValue(value), [value]);
  useEffect(() => editor.current?.setProblems(problems), [problems]);
  useEffect(() => editor.current?.setReadOnly(isReadOnly), [isReadOnly]);
  useEffect(() => tie(), [described, isInvalid, label]);
  useImperativeHandle(ref, () => ({ goTo: (offset) => editor.current?.goTo(offset) }), []);
  return <div ref={host} className={styles["editor"]} style={{ "--rows": rows } as CSSProperties} />;
}
