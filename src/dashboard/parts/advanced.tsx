import { type ReactNode, useEffect, useRef } from "react";
import { Stack } from "./page.tsx";

interface AdvancedProps {
  /** Why the last try to save was refused. */
  readonly error: unknown;
  readonly children: ReactNode;
}

/** Fields with good defaults, out of view until they are asked for, or one of them keeps the form from being sent or was refused. */
export function Advanced({ error, children }: AdvancedProps) {
  const details = useRef<HTMLDetailsElement>(null);
  useEffect(() => {
    const { current } = details;
    if (current?.querySelector("[aria-invalid]")) current.open = true;
  }, [error]);
  return (
    <details
      ref={details}
      onInvalidCapture={({ currentTarget }) => {
        currentTarget.open = true;
      }}
    >
      <summary>Advanced</summary>
      <Stack>{children}</Stack>
    </details>
  );
}
