import type { Decision } from "../../../client/operations.ts";
import { Status } from "../../parts/status.tsx";

const tones = { allowed: "good", denied: "bad", failed: "warn" } as const;

export function OutcomeStatus({ outcome }: Pick<Decision, "outcome">) {
  return <Status tone={tones[outcome]}>{outcome}</Status>;
}
