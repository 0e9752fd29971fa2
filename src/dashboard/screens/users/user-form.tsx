import { useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, type ReactNode, useState } from "react";
import type { User } from "../../../client/operations.ts";
import { type Answer, ApiError, call, see } from "../../api/client.ts";
import { useEdit } from "../../api/edit.ts";
import { useRequest } from "../../api/request.ts";
import { reaches, useSelf } from "../../api/session.ts";
import { Button } from "../../parts/button.tsx";
import { ConflictDialog } from "../../parts/conflict.tsx";
import { TextField } from "../../parts/field.tsx";
import { Loaded } from "../../parts/loaded.tsx";
import { Problem } from "../../parts/notice.tsx";
import { Row, Stack } from "../../parts/page.tsx";
import { type AttributeField, attributeFields, shownFields } from "./attribute-draft.ts";
import { Attributes } from "./attributes.tsx";
import {
  newUser,
  type UserBefore,
  type UserDraft,
  type UserText,
  userChanges,
  userDraft,
  userLabels,
  userParts,
} from "./user-draft.ts";

/** A user's fields, and the attributes by the tenant's schema. */

type Changed = Answer<"updateUser">;

interface NewUserProps {
  readonly onDone: (made: Answer<"createUser">) => Promise<void>;
  readonly onCancel: () => void;
}

export function NewUser({ onDone, onCancel }: NewUserProps) {
  return <Described>{(described) => <Making described={described} onDone={onDone} onCancel={onCancel} />}</Described>;
}

function Making({ described, onDone, onCancel }: NewUserProps & { readonly described: readonly AttributeField[] }) {
  const make = useRequest({
    mutationFn: (draft: UserDraft) =>
      call("createUser", { body: { ...bodyOf(draft, newUser, described), username: draft.username } }),
    onSuccess: onDone,
  });
  return (
    <Fields
      before={newUser}
      described={described}
      action="Make the user"
      isSaving={make.isPending}
      error={make.error}
      onSave={make.mutate}
      onCancel={onCancel}
    />
  );
}

interface EditUserProps {
  readonly uuid: string;
  readonly onDone: (changed: Changed) => void;
}

export function EditUser({ uuid, onDone }: EditUserProps) {
  return <Described>{(described) => <Editing described={described} uuid={uuid} onDone={onDone} />}</Described>;
}

function Editing({ uuid, onDone, described }: EditUserProps & { readonly described: readonly AttributeField[] }) {
  const queries = useQueryClient();
  const edit = useEdit<User, UserDraft, Changed>({
    queryKey: ["getUser", uuid],
    look: (signal) => see("getUser", { params: { id: uuid } }, { signal }),
    save: (draft, { opened, ifMatch }) =>
      call("updateUser", { params: { id: uuid }, body: bodyOf(draft, opened, described) }, { ifMatch }),
    onSaved: async (changed) => {
      onDone(changed);
      await queries.invalidateQueries({ queryKey: ["getUser", uuid] });
      await queries.invalidateQueries({ queryKey: ["listUsers"] });
    },
  });
  return (
    <>
      <Loaded state={edit.opened}>
        {({ data }) => (
          <Fields
            key={edit.round}
            before={data}
            described={described}
            action="Save"
            isSaving={edit.isSaving}
            error={edit.error}
            onSave={edit.save}
          />
        )}
      </Loaded>
      <ConflictDialog edit={edit} partsOf={userParts} draftOf={(user) => userDraft(user, described)} />
    </>
  );
}

/** The attributes that the tenant's schema describes, for those who may read it. */
function Described({ children }: { readonly children: (described: readonly AttributeField[]) => ReactNode }) {
  const self = useSelf();
  const schema = useQuery({
    queryKey: ["getUserSchema"],
    queryFn: ({ signal }) => call("getUserSchema", {}, { signal }),
    enabled: reaches(self, "developer"),
  });
  if (!reaches(self, "developer")) return children([]);
  return <Loaded state={schema}>{({ schema: said }) => children(attributeFields(said))}</Loaded>;
}

/** The form saves nothing that cannot be read. */
function bodyOf(draft: UserDraft, before: UserBefore, described: readonly AttributeField[]) {
  const changes = userChanges(draft, before, described);
  if (changes.kind === "wrong") throw new Error(Object.values(changes.problems).join(", "));
  return changes.body;
}

interface FieldsProps {
  readonly before: UserBefore;
  readonly described: readonly AttributeField[];
  readonly action: string;
  readonly isSaving: boolean;
  readonly error: Error | null;
  readonly onSave: (draft: UserDraft) => void;
  readonly onCancel?: () => void;
}

function Fields({ before, described, action, isSaving, error, onSave, onCancel }: FieldsProps) {
  const isAdmin = reaches(useSelf(), "admin");
  const [draft, setDraft] = useState(() => userDraft(before, described));
  const changes = userChanges(draft, before, described);
  const refused = (path: string): string | undefined => (error instanceof ApiError ? error.field(path) : undefined);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (changes.kind === "changes") onSave(draft);
  };
  const text = (name: UserText) => (
    <TextField
      label={userLabels[name]}
      value={draft[name]}
      onValue={(value) => setDraft({ ...draft, [name]: value })}
      error={refused(name)}
      required={name === "username"}
    />
  );
  return (
    <form onSubmit={submit}>
      <Stack>
        {isAdmin && text("username")}
        {text("email")}
        {text("first_name")}
        {text("last_name")}
        {isAdmin && (
          <Attributes
            fields={shownFields(described, before.attributes)}
            draft={draft.attributes}
            problem={(name) =>
              changes.kind === "wrong"
                ? changes.problems[name]
                : refused(name === "" ? "attributes" : `attributes.${name}`)
            }
            onDraft={(attributes) => setDraft({ ...draft, attributes })}
          />
        )}
        {error !== null && <Problem error={error} />}
        <Row>
          <Button look="primary" type="submit" busy={isSaving} disabled={changes.kind === "wrong"}>
            {action}
          </Button>
          {onCancel !== undefined && <Button onClick={onCancel}>Cancel</Button>}
        </Row>
      </Stack>
    </form>
  );
}
