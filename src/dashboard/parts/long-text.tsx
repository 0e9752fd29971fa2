import { useState } from "react";
import { Button } from "./button.tsx";
import { Text } from "./text.tsx";

/** Characters that are shown until all of them are asked for. */
const shownAtFirst = 200;

/** A key or a name that may be a page long: its head and tail, and by one button all of it. */
export function LongText({ children }: { readonly children: string }) {
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <Text mono max={isOpen ? children.length * 8 : shownAtFirst}>
        {children}
      </Text>
      {children.length > shownAtFirst && (
        <>
          {" "}
          <Button look="link" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
            {isOpen ? "Show less" : `Show all ${children.length.toLocaleString("en")} characters`}
          </Button>
        </>
      )}
    </>
  );
}
