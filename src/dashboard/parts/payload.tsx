import { useEffect, useMemo } from "react";
import { buttonClass } from "./button.tsx";
import { CopyButton } from "./copy.tsx";
import { Row } from "./page.tsx";
import { TextBlock } from "./text.tsx";
import { bytes } from "./time.tsx";

interface PayloadProps {
  /** Said to screen readers: `The request's body`. */
  readonly label: string;
  readonly children: string;
  /** Of the file that it can be saved as. */
  readonly fileName: string;
}

/** Shown at once; the rest is in the file. */
const shownCharacters = 262_144;

/** A body as it went over the wire: its size, its beginning as text, and all of it to be copied or saved. */
export function Payload({ label, children, fileName }: PayloadProps) {
  const blob = useMemo(() => new Blob([children], { type: "application/octet-stream" }), [children]);
  const url = useMemo(() => URL.createObjectURL(blob), [blob]);
  useEffect(() => () => URL.revokeObjectURL(url), [url]);
  return (
    <>
      <TextBlock label={label} max={shownCharacters}>
        {children === "" ? "(empty)" : children}
      </TextBlock>
      <Row>
        <span>{bytes(blob.size)}</span>
        {children.includes("\ufffd") && <span>What is no UTF-8 stands as �</span>}
        <CopyButton text={children} what={label.toLowerCase()} />
        <a className={buttonClass("ghost")} href={url} download={fileName}>
          Save as a file
        </a>
      </Row>
    </>
  );
}
