import type { ReactNode } from "react";
import { defined } from "../../domain/defined.ts";
import { Loading, Problem } from "./notice.tsx";

interface LoadedProps<Data> {
  /** How high is what comes, in rows of a list. */
  readonly rows?: number;
  readonly state: {
    readonly data: Data | undefined;
    readonly error: unknown;
    readonly isPending: boolean;
    readonly isError: boolean;
    refetch(): Promise<unknown>;
  };
  readonly children: (data: Data) => ReactNode;
}

/** Every state of one thing: on its way, failed, shown; what is known stays when it cannot be asked again. */
export function Loaded<Data>({ rows, state, children }: LoadedProps<Data>) {
  const { data, error, isPending, isError } = state;
  if (isPending) return <Loading {...defined({ rows })} />;
  return (
    <>
      {isError && <Problem error={error} onRetry={() => void state.refetch()} />}
      {data !== undefined && children(data)}
    </>
  );
}
