import { useNavigate } from "@tanstack/react-router";
import { useMemo, useState } from "react";
import { reaches, useSelf } from "../api/session.ts";
import { Button, IconButton } from "../parts/button.tsx";
import { Dialog } from "../parts/dialog.tsx";
import { Check } from "../parts/field.tsx";
import { Row } from "../parts/page.tsx";
import { type Shortcut, useKeyboard, useKnownShortcuts, useShortcuts } from "../parts/shortcuts.ts";
import styles from "./keyboard.module.css";
import { places } from "./places.ts";
import { setPreferences, usePreferences } from "./preferences.ts";

/** The keys of the whole page, and the sheet that shows all that there are. */
export function Keyboard({ tenant }: { readonly tenant: string }) {
  const self = useSelf();
  const navigate = useNavigate();
  const { theme, shortcuts } = usePreferences();
  const [isOpen, setOpen] = useState(false);
  const own = useMemo(
    (): readonly Shortcut[] => [
      { keys: "/", label: "Go to the filter of the list", run: toFilter },
      ...places.flatMap(({ label, path, key, least }) =>
        key === undefined || !reaches(self, least)
          ? []
          : [{ keys: `g ${key}`, label: `Go to ${label}`, run: () => void navigate({ to: path, params: { tenant } }) }],
      ),
      {
        keys: "t",
        label: "Change the theme",
        run: () => setPreferences({ theme: theme === "dark" ? "light" : "dark" }),
      },
      { keys: "?", label: "Show the keys", run: () => setOpen(true) },
    ],
    [self, navigate, tenant, theme],
  );
  useShortcuts(own);
  useKeyboard(shortcuts === "on");
  return (
    <>
      <IconButton label="Keys" look="ghost" aria-haspopup="dialog" onClick={() => setOpen(true)}>
        ?
      </IconButton>
      <Dialog title="Keys" open={isOpen} onClose={() => setOpen(false)}>
        <Sheet />
        <Check
          label="Single keys do something"
          checked={shortcuts === "on"}
          onChecked={(isOn) => setPreferences({ shortcuts: isOn ? "on" : "off" })}
        />
        <Row>
          <Button onClick={() => setOpen(false)}>Close</Button>
        </Row>
      </Dialog>
    </>
  );
}

function Sheet() {
  const known = useKnownShortcuts();
  const last = new Map(known.map((one) => [one.keys, one.label]));
  return (
    <dl className={styles["sheet"]}>
      <div>
        <dt>
          <kbd>Ctrl K</kbd> or <kbd>⌘ K</kbd>
        </dt>
        <dd>Search, or open any id</dd>
      </div>
      {[...last].map(([keys, label]) => (
        <div key={keys}>
          <dt>
            {keys.split(" ").map((key) => (
              <kbd key={key}>{key}</kbd>
            ))}
          </dt>
          <dd>{label}</dd>
        </div>
      ))}
    </dl>
  );
}

/** What narrows the list of this screen, if there is such a field. */
function toFilter(): void {
  const field = document.querySelector<HTMLElement>(
    "main [data-filter] input, main [data-filter] .cm-content, main input[type=search], main [data-filter]",
  );
  field?.focus();
}
