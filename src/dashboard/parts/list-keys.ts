import { useEffect, useRef } from "react";

const typing =
  "input:not([type=checkbox]),textarea,select,[contenteditable],[role=dialog],[role=alertdialog],.cm-editor";
/** Which these do themselves when they are pressed. */
const pressed = "a,button,summary,input";

/** Single keys that move in a list, wherever the focus is, but never while one types, nor in a dialog. */
export function useListKeys(keys: Readonly<Record<string, () => void>>): void {
  const current = useRef(keys);
  useEffect(() => {
    current.current = keys;
  });
  useEffect(() => {
    const press = (event: KeyboardEvent): void => {
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
      const { target, key } = event;
      if (!(target instanceof Element) || target.closest(typing) !== null) return;
      if (key === "Enter" && target.closest(pressed) !== null) return;
      if (document.querySelector("[role=dialog],[role=alertdialog]") !== null) return;
      const act = current.current[key];
      if (act === undefined) return;
      event.preventDefault();
      act();
    };
    window.addEventListener("keydown", press);
    return () => window.removeEventListener("keydown", press);
  }, []);
}
