import { useEffect, useRef, useState } from "react";
import { Loading } from "../notice.tsx";
import { Text } from "../text.tsx";

interface DiffProps {
  readonly label: string;
  readonly before: string;
  readonly after: string;
}

/** What differs between two texts of code, line by line. */
export function Diff({ label, before, after }: DiffProps) {
  const host = useRef<HTMLDivElement>(null);
  const [state, setState] = useState<"loading" | "shown" | "failed">("loading");
  useEffect(() => {
    let isWanted = true;
    let shown: { destroy(): void } | undefined;
    import("./diff-mode.ts").then(
      ({ mountDiff }) => {
        if (!isWanted || host.current === null) return;
        shown = mountDiff({ parent: host.current, label, before, after });
        setState("shown");
      },
      () => {
        if (isWanted) setState("failed");
      },
    );
    return () => {
      isWanted = false;
      shown?.destroy();
    };
  }, [label, before, after]);
  if (before === after) return <p>There is no difference.</p>;
  return (
    <>
      {state === "loading" && <Loading />}
      {state === "failed" && (
        <p role="alert">
          <Text>The difference cannot be shown: the page could not load what shows it.</Text>
        </p>
      )}
      <div ref={host} />
    </>
  );
}
