import { Choice } from "../../parts/field.tsx";

interface HookChoicesProps {
  readonly stage: "prepare" | "validate";
  readonly policy: "closed" | "open";
  readonly onStage: (stage: "prepare" | "validate") => void;
  readonly onPolicy: (policy: "closed" | "open") => void;
}

/** What a hook may do to an operation, and what its failure does: of a subscription and of a trigger alike. */
export function HookChoices({ stage, policy, onStage, onPolicy }: HookChoicesProps) {
  return (
    <>
      <Choice
        label="Stage"
        value={stage}
        options={[
          { value: "prepare", label: "Prepare", hint: "may change what is proposed" },
          { value: "validate", label: "Validate", hint: "sees what was prepared, and only allows or refuses" },
        ]}
        onValue={onStage}
      />
      <Choice
        label="If it fails"
        value={policy}
        options={[
          { value: "closed", label: "Refuse the operation" },
          { value: "open", label: "Let it go on" },
        ]}
        onValue={onPolicy}
      />
    </>
  );
}
