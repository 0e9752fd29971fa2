import { useMutation, useQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { type Answer, ApiError, call } from "../../api/client.ts";
import type { User } from "../../api/operations.ts";
import { reaches, useSelf } from "../../api/session.ts";
import { Button } from "../../parts/button.tsx";
import { TextField } from "../../parts/field.tsx";
import { Loaded } from "../../parts/loaded.tsx";
import { Problem } from "../../parts/notice.tsx";
import { Row, Stack } from "../../parts/page.tsx";
import { type AttributeField, attributeFields, draftOf, patchOf, shownFields } from "./attribute-draft.ts";
import { Attributes } from "./attributes.tsx";

type Changed = Answer<"updateUser">;
const none = { username: "", email: "", first_name: "", last_name: "", attributes: {} } as const;

interface UserFormProps {
  /** A new one without. */
  readonly user?: User;
  readonly onDone: (changed: Changed) => Promise<void>;
  readonly onCancel?: () => void;
}

/** A user's fields, and the attributes by the tenant's schema. */
export function UserForm(props: UserFormProps) {
  const self = useSelf();
  const schema = useQuery({
    queryKey: ["getUserSchema"],
    queryFn: ({ signal }) => call("getUserSchema", {}, { signal }),
    enabled: reaches(self, "developer"),
  });
  if (!reaches(self, "developer")) return <Fields {...props} described={[]} />;
  return (
    <Loaded state={schema}>{({ schema: said }) => <Fields {...props} described={attributeFields(said)} />}</Loaded>
  );
}

function Fields({
  user,
  onDone,
  onCancel,
  described,
}: UserFormProps & { readonly described: readonly AttributeField[] }) {
  const self = useSelf();
  const isAdmin = reaches(self, "admin");
  // As it was when it was opened: what others change meanwhile is not sent back.
  const [before] = useState<Pick<User, keyof typeof none>>(user ?? none);
  const [fields] = useState(() => shownFields(described, before.attributes));
  const [draft, setDraft] = useState(before);
  const [attributes, setAttributes] = useState(() => draftOf(before.attributes, fields));
  const read = patchOf(before.attributes, fields, attributes);
  const save = useMutation({
    mutationFn: (): Promise<Changed> => {
      const patch = read.kind === "patch" && Object.keys(read.patch).length > 0 ? { attributes: read.patch } : {};
      const changed = (["username", "email", "first_name", "last_name"] as const).filter(
        (name) => draft[name] !== before[name],
      );
      const said = { ...Object.fromEntries(changed.map((name) => [name, draft[name]])), ...patch };
      if (user !== undefined) return call("updateUser", { params: { id: user.uuid }, body: said });
      return call("createUser", { body: { ...said, username: draft.username } });
    },
    onSuccess: onDone,
  });
  const refused = (path: string): string | undefined =>
    save.error instanceof ApiError ? save.error.field(path) : undefined;
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (read.kind === "patch") save.mutate();
  };
  const text = (name: "username" | "email" | "first_name" | "last_name", label: string) => (
    <TextField
      label={label}
      value={draft[name]}
      onValue={(value) => setDraft({ ...draft, [name]: value })}
      error={refused(name)}
      required={name === "username"}
    />
  );
  return (
    <form onSubmit={submit}>
      <Stack>
        {isAdmin && text("username", "Username")}
        {text("email", "Email")}
        {text("first_name", "First name")}
        {text("last_name", "Last name")}
        {isAdmin && (
          <Attributes
            fields={fields}
            draft={attributes}
            problem={(name) =>
              read.kind === "wrong" ? read.problems[name] : refused(name === "" ? "attributes" : `attributes.${name}`)
            }
            onDraft={setAttributes}
          />
        )}
        {save.isError && <Problem error={save.error} />}
        <Row>
          <Button look="primary" type="submit" busy={save.isPending} disabled={read.kind === "wrong"}>
            {user === undefined ? "Make the user" : "Save"}
          </Button>
          {onCancel !== undefined && <Button onClick={onCancel}>Cancel</Button>}
        </Row>
      </Stack>
    </form>
  );
}
