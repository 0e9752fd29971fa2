import { type ReactNode, useState } from "react";
import { Button } from "./button.tsx";
import { CopyButton } from "./copy.tsx";
import { Dialog } from "./dialog.tsx";
import { Row } from "./page.tsx";

interface SecretOnceProps {
  readonly title: string;
  /** Each with its name: an S3 key has two parts. */
  readonly secrets: readonly { readonly name: string; readonly value: string }[];
  /** What it is for, and how to check it. */
  readonly children?: ReactNode;
  /** The secret is forgotten by the page then. */
  readonly onClose: () => void;
}

/** A secret that the server shows only now: closed by saying that it is kept, or once it was copied. */
export function SecretOnce({ title, secrets, children, onClose }: SecretOnceProps) {
  const [copied, setCopied] = useState(false);
  return (
    <Dialog title={title} open onClose={() => (copied ? onClose() : undefined)}>
      <p>It is shown only now. Keep it where your secrets are.</p>
      {secrets.map(({ name, value }) => (
        <div key={name}>
          <p>{name}</p>
          <Row>
            <code>{value}</code>
            <CopyButton text={value} what={name} onCopied={() => setCopied(true)} />
          </Row>
        </div>
      ))}
      {children}
      <Row>
        <Button look="primary" onClick={onClose}>
          I have stored it
        </Button>
      </Row>
    </Dialog>
  );
}
