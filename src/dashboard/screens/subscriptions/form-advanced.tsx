import { Advanced } from "../../parts/advanced.tsx";
import { Check, Choice } from "../../parts/field.tsx";
import { isHook } from "./draft.ts";
import type { FormPartProps } from "./form-part.ts";
import { PolicyFields } from "./policy-fields.tsx";
import { CaptureField, RequestFields } from "./request-fields.tsx";
import { hasRetries } from "./requests.ts";
import { PaceFields, RetryFields, TimeLimitField } from "./sending-fields.tsx";

/** Limits, retries, pace, order, headers and the like: what has good defaults. */
export function AdvancedFields({ draft, set, problem, isEdited, error }: FormPartProps & { readonly error: unknown }) {
  const hook = isHook(draft);
  return (
    <Advanced error={error}>
      {draft.kind === "webhook" && (
        <Choice
          label="Acknowledged by"
          value={draft.ack}
          options={[
            { value: "200", label: "200" },
            { value: "2xx", label: "any 2xx" },
          ]}
          onValue={(ack) => set({ ack })}
        />
      )}
      {draft.kind !== "email" && (
        <TimeLimitField
          draft={draft}
          set={set}
          problem={(path) => problem(`target.${path}`)}
          {...(draft.kind === "function" ? { label: "Time limit of a run, in ms" } : {})}
        />
      )}
      {hasRetries(draft) && <RetryFields draft={draft} set={set} problem={problem} isEdited={isEdited} />}
      {draft.face === "notifications" && (
        <PolicyFields
          draft={draft.policy}
          set={(change) => set({ policy: { ...draft.policy, ...change } })}
          problem={problem}
        />
      )}
      {!hook && (
        <>
          <PaceFields draft={draft} set={set} problem={problem} />
          <Check
            label="For the first event only"
            checked={!draft.persistent}
            onChecked={(once) => set({ persistent: !once })}
          />
        </>
      )}
      {draft.kind === "webhook" && (
        <>
          <RequestFields
            draft={draft}
            set={set}
            problem={(path) => problem(`target.${path}`) ?? problem(path)}
            isOfObjects={draft.face === "objects"}
          />
          <CaptureField draft={draft} set={set} />
        </>
      )}
    </Advanced>
  );
}
