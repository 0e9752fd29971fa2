import type { Exceeded, Quotas } from "../../domain/quotas.ts";
import { limitOf, quotaOf } from "../sql/quotas.ts";
import { integer, text } from "../sql/step.ts";
import type { Statements } from "./statements.ts";

const unjudged = "SELECT tenant, name, used, judged, bound FROM quota INDEXED BY quota_unjudged WHERE used <> judged";
const settle = "UPDATE quota INDEXED BY quota_unjudged SET judged = used WHERE used <> judged";

/** What happened to the counters outside of units, which only takes away, is no unit's doing. */
export function settleQuotas(statements: Statements): void {
  statements.run({ sql: settle, params: [] });
}

/**
 * The first quota that was passed by what was written since {@link settleQuotas}; then the unit must be undone. What grows nothing
 * passes nothing, also where an operator has set the bound below what there is.
 */
export function judgeQuotas(statements: Statements, defaults: Quotas): Exceeded | undefined {
  const changed = statements.all(unjudged);
  if (changed.length === 0) return undefined;
  for (const row of changed) {
    const [used, wanted] = [integer(row, "judged"), integer(row, "used")];
    const quota = quotaOf(row);
    const limit = limitOf(row, defaults);
    if (wanted > used && wanted > limit) return { tenant: text(row, "tenant"), quota, limit, used, wanted };
  }
  settleQuotas(statements);
  return undefined;
}
