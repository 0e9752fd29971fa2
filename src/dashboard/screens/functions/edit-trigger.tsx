import { useQueryClient } from "@tanstack/react-query";
import type { AppFunction, Subscription } from "../../../client/operations.ts";
import { call, see } from "../../api/client.ts";
import { useEdit } from "../../api/edit.ts";
import { useRequest } from "../../api/request.ts";
import { ConflictDialog } from "../../parts/conflict.tsx";
import { Loaded } from "../../parts/loaded.tsx";
import { changesOf, draftOf, newBody, newTrigger, partsOf, type TriggerDraft } from "./trigger-draft.ts";
import { TriggerForm } from "./trigger-form.tsx";
import type { Trigger } from "./use-triggers.ts";

interface NewTriggerProps {
  readonly fn: AppFunction;
  /** That is chosen at first. */
  readonly event: string;
  /** Events that it is attached to already. */
  readonly taken: readonly string[];
  readonly onDone: () => void;
}

/** Attaches a function to an event. */
export function NewTrigger({ fn, event, taken, onDone }: NewTriggerProps) {
  const queries = useQueryClient();
  const making = useRequest({
    mutationFn: (draft: TriggerDraft) =>
      call("subscribeToEvent", { params: { event: draft.event }, body: { function_id: fn.id, ...newBody(draft) } }),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ["triggers"] });
      onDone();
    },
  });
  return (
    <TriggerForm
      start={newTrigger(event)}
      isEdited={false}
      taken={taken}
      busy={making.isPending}
      error={making.error}
      onSave={(draft) => making.mutate(draft)}
      onCancel={onDone}
    />
  );
}

interface EditTriggerProps {
  readonly trigger: Trigger;
  readonly onDone: () => void;
}

/** Changes how a function is attached: for the state that was opened, or its editor decides. */
export function EditTrigger({ trigger: { uuid, event, subscriber_id: number }, onDone }: EditTriggerProps) {
  const queries = useQueryClient();
  const edit = useEdit<Subscription, TriggerDraft, unknown>({
    queryKey: ["getSubscription", uuid],
    look: (signal) => see("getSubscription", { params: { id: uuid } }, { signal }),
    save: async (draft, { opened, ifMatch }) => {
      const body = changesOf(draft, draftOf(opened));
      if (Object.keys(body).length === 0) return;
      await call("updateEventSubscriber", { params: { event, id: String(number) }, body }, { ifMatch });
    },
    onSaved: async () => {
      await queries.invalidateQueries({ queryKey: ["triggers"] });
      onDone();
    },
  });
  return (
    <>
      <Loaded state={edit.opened}>
        {({ data }) => (
          <TriggerForm
            key={edit.round}
            start={draftOf(data)}
            isEdited
            taken={[]}
            busy={edit.isSaving}
            error={edit.error}
            onSave={edit.save}
            onCancel={() => {
              edit.forget();
              onDone();
            }}
          />
        )}
      </Loaded>
      <ConflictDialog edit={edit} partsOf={partsOf} draftOf={draftOf} />
    </>
  );
}
