import { useEffect, useState } from "react";
import { Button } from "./button.tsx";
import styles from "./copy.module.css";
import { Text } from "./text.tsx";

/** Puts `text` on the clipboard, on plain http as well, where browsers offer only the older way. */
async function copyText(text: string): Promise<boolean> {
  if (window.isSecureContext) {
    return navigator.clipboard.writeText(text).then(
      () => true,
      () => false,
    );
  }
  const area = document.createElement("textarea");
  area.value = text;
  area.setAttribute("readonly", "");
  area.style.position = "fixed";
  // In a dialog only what is inside may have the focus.
  (document.querySelector("[role=dialog],[role=alertdialog]") ?? document.body).append(area);
  const before = document.activeElement;
  area.select();
  const copied = document.execCommand("copy");
  area.remove();
  if (before instanceof HTMLElement) before.focus();
  return copied;
}

interface IdProps {
  readonly id: string;
  /** Whose: `delivery`. */
  readonly of: string;
}

/** An id, to be read and copied. */
export function Id({ id, of }: IdProps) {
  return (
    <span className={styles["id"]}>
      <Text mono>{id}</Text>
      <CopyButton text={id} what={`the ${of}'s id`} />
    </span>
  );
}

interface CopyProps {
  readonly text: string;
  /** What is copied: `id`, `secret`. */
  readonly what: string;
  /** On the button; default `Copy`. */
  readonly shown?: string;
  readonly onCopied?: () => void;
}

export function CopyButton({ text, what, shown = "Copy", onCopied }: CopyProps) {
  const [state, setState] = useState<"idle" | "done" | "failed">("idle");
  useEffect(() => {
    if (state === "idle") return undefined;
    const timer = setTimeout(() => setState("idle"), 2_000);
    return () => clearTimeout(timer);
  }, [state]);
  const copy = async (): Promise<void> => {
    const copied = await copyText(text);
    setState(copied ? "done" : "failed");
    if (copied) onCopied?.();
  };
  return (
    <Button look="ghost" aria-label={`Copy ${what}`} onClick={() => void copy()}>
      <span aria-live="polite">{{ idle: shown, done: "Copied", failed: "Select and copy it yourself" }[state]}</span>
    </Button>
  );
}
