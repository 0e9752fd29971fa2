import { Choice, TextField } from "../../parts/field.tsx";
import { AuthFields } from "./auth-fields.tsx";
import { DestinationField } from "./destination-field.tsx";
import { isHook, type SubscriptionDraft } from "./draft.ts";
import type { FormPartProps } from "./form-part.ts";
import { FunctionPicker } from "./function-picker.tsx";
import { HookChoices } from "./hook-choices.tsx";

interface TargetProps extends FormPartProps {
  /** Which kinds the caller may choose among. */
  readonly kinds: readonly { readonly value: SubscriptionDraft["kind"]; readonly label: string }[];
  readonly hasAuth: boolean;
}

/** Where it sends to. */
export function TargetFields({ kinds, hasAuth, ...props }: TargetProps) {
  const { draft, set, isEdited } = props;
  return (
    <>
      {!isEdited && kinds.length > 1 && (
        <Choice label="Sends to" value={draft.kind} options={kinds} onValue={(kind) => set({ kind })} />
      )}
      {draft.kind === "webhook" && <WebhookFields {...props} hasAuth={hasAuth} />}
      {draft.kind === "destination" && (
        <DestinationField
          value={draft.destination}
          onValue={(destination) => set({ destination })}
          error={props.problem("target.name")}
        />
      )}
      {draft.kind === "email" && (
        <TextField
          label="Address"
          value={draft.address}
          onValue={(address) => set({ address })}
          error={props.problem("target.address")}
          hint="Empty for your own. The owner of another address is asked first, and nothing is sent before they agree."
        />
      )}
      {draft.kind === "function" && (
        <>
          <FunctionPicker
            value={draft.functionId}
            isFixed={isEdited}
            onValue={(functionId) => set({ functionId })}
            error={props.problem("target.function_id")}
          />
          {isHook(draft) && <HookFields {...props} />}
        </>
      )}
    </>
  );
}

function WebhookFields({ draft, set, problem, hasAuth }: FormPartProps & { readonly hasAuth: boolean }) {
  return (
    <>
      <TextField
        label="Webhook URL"
        type="url"
        required
        placeholder="https://hooks.example.com/events"
        value={draft.url}
        onValue={(url) => set({ url })}
        error={problem("target.url") ?? problem("url")}
      />
      <AuthFields
        draft={draft}
        set={set}
        problem={(path) => problem(`target.${path}`) ?? problem(path)}
        hasAuth={hasAuth}
      />
    </>
  );
}

function HookFields({ draft, set, problem }: FormPartProps) {
  return (
    <>
      <HookChoices
        stage={draft.stage}
        policy={draft.failurePolicy}
        onStage={(stage) => set({ stage })}
        onPolicy={(failurePolicy) => set({ failurePolicy })}
      />
      <TextField
        label="Priority"
        inputMode="numeric"
        pattern="-?\d+"
        value={draft.priority}
        onValue={(priority) => set({ priority })}
        error={problem("target.priority")}
        hint="Lower is asked first; −1,000 to 1,000."
      />
    </>
  );
}
