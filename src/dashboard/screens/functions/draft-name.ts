import { useSelf } from "../../api/session.ts";

/** Under which a draft of a function's code is kept in this browser. */
export function useDraftName(app: string, fn: string): string {
  const { tenant, principal } = useSelf();
  return `${tenant}/${principal}/${app}/${fn}`;
}
