import { AlertDialog } from "@base-ui/react/alert-dialog";
import { Dialog as BaseDialog } from "@base-ui/react/dialog";
import { type ReactNode, useState } from "react";
import { Button } from "./button.tsx";
import styles from "./dialog.module.css";
import { TextField } from "./field.tsx";

interface DialogProps {
  readonly title: string;
  /** For code, which has long lines. */
  readonly wide?: boolean;
  readonly open: boolean;
  readonly onClose: () => void;
  readonly children: ReactNode;
}

export function Dialog({ title, wide = false, open, onClose, children }: DialogProps) {
  return (
    <BaseDialog.Root open={open} onOpenChange={(next) => (next ? undefined : onClose())}>
      <BaseDialog.Portal>
        <BaseDialog.Backdrop className={styles["backdrop"]} />
        <BaseDialog.Popup className={wide ? `${styles["popup"]} ${styles["wide"]}` : styles["popup"]}>
          <BaseDialog.Title className={styles["title"]}>{title}</BaseDialog.Title>
          {children}
        </BaseDialog.Popup>
      </BaseDialog.Portal>
    </BaseDialog.Root>
  );
}

interface ConfirmProps {
  readonly title: string;
  /** What will happen, and to how much. */
  readonly children: ReactNode;
  /** The verb of the button: `Delete`. */
  readonly action: string;
  readonly open: boolean;
  readonly busy?: boolean;
  /** To be typed in first, where there is no way back. */
  readonly typed?: string;
  readonly onConfirm: () => void;
  readonly onClose: () => void;
}

/** Asks before what cannot be undone. */
export function Confirm({ title, children, action, open, busy = false, typed, onConfirm, onClose }: ConfirmProps) {
  const [text, setText] = useState("");
  return (
    <AlertDialog.Root open={open} onOpenChange={(next) => (next ? undefined : onClose())}>
      <AlertDialog.Portal>
        <AlertDialog.Backdrop className={styles["backdrop"]} />
        <AlertDialog.Popup className={styles["popup"]}>
          <AlertDialog.Title className={styles["title"]}>{title}</AlertDialog.Title>
          <AlertDialog.Description render={<div />}>{children}</AlertDialog.Description>
          {typed !== undefined && <TextField label={`Type ${typed} to go on`} value={text} onValue={setText} mono />}
          <div className={styles["actions"]}>
            <Button onClick={onClose}>Cancel</Button>
            <Button look="danger" busy={busy} disabled={typed !== undefined && text !== typed} onClick={onConfirm}>
              {action}
            </Button>
          </div>
        </AlertDialog.Popup>
      </AlertDialog.Portal>
    </AlertDialog.Root>
  );
}
