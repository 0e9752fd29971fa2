import { useLayoutEffect, useRef, useSyncExternalStore } from "react";

/**
 * Single keys that do something wherever the focus is; never while one types or a dialog is open, and not at all for who has switched them
 * off, because those who speak to their computer press keys that they do not mean (WCAG 2.1.4).
 */

export interface Shortcut {
  /** `/`, or two in a row with a space between: `g b`; `Space` and `Enter` by these names. */
  readonly keys: string;
  /** What it does, for the sheet: `Go to Buckets`. */
  readonly label: string;
  readonly run: () => void;
  /** Whether it goes on while the key is held down. */
  readonly repeats?: boolean;
}

/** Where keys mean letters, or what the element does with them. */
const typing =
  "input:not([type=checkbox],[type=radio],[type=button]),textarea,select,[contenteditable=true],.cm-editor";
/** What these do themselves when one of the keys is pressed that have a name. */
const pressed = "a,button,summary,input,[role=button]";
const names: Readonly<Record<string, string>> = { " ": "Space", Enter: "Enter" };
const dialogs = "[role=dialog],[role=alertdialog],dialog[open]";
/** Between two keys in a row. */
const patienceMs = 1_500;

const groups = new Set<{ current: readonly Shortcut[] }>();
const listeners = new Set<() => void>();
let known: readonly Shortcut[] = [];
let before = { key: "", atMs: 0 };

function changed(): void {
  known = [...groups].flatMap(({ current }) => current);
  for (const listener of listeners) listener();
}

/** While the component is there. The later of two with the same keys counts. */
export function useShortcuts(shortcuts: readonly Shortcut[]): void {
  const group = useRef(shortcuts);
  useLayoutEffect(() => {
    const before = group.current;
    group.current = shortcuts;
    // What they do may be another with each frame that is scrolled; the sheet is drawn anew only for what it shows.
    if (!isSameSheet(before, shortcuts)) changed();
  }, [shortcuts]);
  useLayoutEffect(() => {
    groups.add(group);
    changed();
    return () => {
      groups.delete(group);
      changed();
    };
  }, []);
}

function isSameSheet(some: readonly Shortcut[], others: readonly Shortcut[]): boolean {
  return (
    some.length === others.length &&
    some.every(({ keys, label }, index) => keys === others[index]?.keys && label === others[index]?.label)
  );
}

/** All that can be pressed now. */
export function useKnownShortcuts(): readonly Shortcut[] {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    () => known,
  );
}

/** Listens to the keyboard; once, for the whole page. */
export function useKeyboard(isOn: boolean): void {
  // Before the page is drawn: a key is heard as soon as there is something to see.
  useLayoutEffect(() => {
    if (!isOn) return undefined;
    window.addEventListener("keydown", press);
    return () => window.removeEventListener("keydown", press);
  }, [isOn]);
}

function press(event: KeyboardEvent): void {
  const { target, defaultPrevented, ctrlKey, metaKey, altKey, repeat } = event;
  const name = names[event.key];
  const key = name ?? event.key;
  if (defaultPrevented || ctrlKey || metaKey || altKey || (name === undefined && key.length !== 1)) return;
  if (!(target instanceof Element) || target.closest(typing) !== null || document.querySelector(dialogs) !== null)
    return;
  if (name !== undefined && target.closest(pressed) !== null) return;
  const first = Date.now() - before.atMs < patienceMs ? before.key : "";
  before = { key, atMs: Date.now() };
  const pressable = [...groups].flatMap(({ current }) => current);
  const wanted = first === "" ? key : `${first} ${key}`;
  const found = pressable.findLast(({ keys }) => keys === wanted) ?? pressable.findLast(({ keys }) => keys === key);
  if (found === undefined || (repeat && found.repeats !== true)) return;
  event.preventDefault();
  before = { key: "", atMs: 0 };
  found.run();
}
