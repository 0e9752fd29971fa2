import { Dialog } from "@base-ui/react/dialog";
import { useNavigate } from "@tanstack/react-router";
import { type KeyboardEvent as Pressed, useLayoutEffect, useRef, useState } from "react";
import { flushSync } from "react-dom";
import { reaches, useSelf } from "../api/session.ts";
import { Button } from "../parts/button.tsx";
import { idPlace } from "../parts/id-place.ts";
import styles from "./palette.module.css";
import { places } from "./places.ts";

interface Choice {
  readonly label: string;
  readonly path: string;
}

/** Ctrl K, or ⌘ K: every page by its name, and whatever an id stands for. */
export function Palette({ tenant }: { readonly tenant: string }) {
  const [isOpen, setOpen] = useState(false);
  const [text, setText] = useState("");
  const [at, setAt] = useState(0);
  const self = useSelf();
  const navigate = useNavigate();
  const input = useRef<HTMLInputElement>(null);
  // Before the page is drawn: a key is heard as soon as there is something to see.
  useLayoutEffect(() => {
    const open = (event: KeyboardEvent): void => {
      if (event.key.toLowerCase() !== "k" || !(event.ctrlKey || event.metaKey)) return;
      event.preventDefault();
      // The dialog takes the focus a frame later: what is typed until then would be lost.
      flushSync(() => setOpen(true));
      input.current?.focus();
    };
    window.addEventListener("keydown", open);
    return () => window.removeEventListener("keydown", open);
  }, []);
  const root = `/t/${encodeURIComponent(tenant)}`;
  const wanted = text.trim();
  const named = idPlace(wanted);
  const choices: readonly Choice[] = [
    ...(named === undefined ? [] : [{ label: `Open ${named.what} ${wanted}`, path: `${root}/${named.path}` }]),
    ...places
      .filter(({ label, least }) => reaches(self, least) && label.toLowerCase().includes(wanted.toLowerCase()))
      .map(({ label, path }) => ({ label, path: path.replace("/t/$tenant", root) })),
  ];
  const chosen = Math.min(at, Math.max(0, choices.length - 1));
  const go = (choice: Choice | undefined): void => {
    if (choice === undefined) return;
    setOpen(false);
    setText("");
    void navigate({ to: choice.path });
  };
  const onKey = (event: Pressed): void => {
    if (event.key === "Enter") go(choices[chosen]);
    else if (event.key === "ArrowDown") setAt(Math.min(chosen + 1, choices.length - 1));
    else if (event.key === "ArrowUp") setAt(Math.max(chosen - 1, 0));
    else return;
    event.preventDefault();
  };
  return (
    <>
      <Button className={styles["open"]} onClick={() => setOpen(true)} aria-keyshortcuts="Control+K Meta+K">
        <span>Search or paste an id</span>
        <kbd>Ctrl K</kbd>
      </Button>
      <Dialog.Root open={isOpen} onOpenChange={setOpen}>
        <Dialog.Portal>
          <Dialog.Backdrop className={styles["backdrop"]} />
          <Dialog.Popup className={styles["popup"]} aria-label="Search">
            <input
              ref={input}
              type="text"
              role="combobox"
              aria-label="A page, or any id"
              aria-expanded="true"
              aria-controls="palette-choices"
              aria-activedescendant={choices.length === 0 ? undefined : `palette-${chosen}`}
              placeholder="A page, or any id: of a delivery, a subscription, a function …"
              spellCheck={false}
              autoComplete="off"
              value={text}
              onChange={(event) => {
                setText(event.target.value);
                setAt(0);
              }}
              onKeyDown={onKey}
            />
            <div id="palette-choices" role="listbox" aria-label="Found">
              {choices.map((choice, index) => (
                <div
                  key={choice.path}
                  id={`palette-${index}`}
                  role="option"
                  tabIndex={-1}
                  aria-selected={index === chosen}
                  onMouseEnter={() => setAt(index)}
                  onMouseDown={(event) => {
                    event.preventDefault();
                    go(choice);
                  }}
                >
                  {choice.label}
                </div>
              ))}
            </div>
            {choices.length === 0 && <p>No page is called so, and it is no id.</p>}
          </Dialog.Popup>
        </Dialog.Portal>
      </Dialog.Root>
    </>
  );
}
