import type { ReactNode } from "react";
import { Stack } from "./page.tsx";

/** Fields with good defaults, out of view until they are asked for, or one of them keeps the form from being sent. */
export function Advanced({ children }: { readonly children: ReactNode }) {
  return (
    <details
      onInvalidCapture={({ currentTarget }) => {
        currentTarget.open = true;
      }}
    >
      <summary>Advanced</summary>
      <Stack>{children}</Stack>
    </details>
  );
}
