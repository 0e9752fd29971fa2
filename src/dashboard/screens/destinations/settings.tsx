import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate, useParams } from "@tanstack/react-router";
import type { Destination } from "../../../client/operations.ts";
import { type Answer, call, see } from "../../api/client.ts";
import { curlOf } from "../../api/curl.ts";
import { useEdit } from "../../api/edit.ts";
import { reaches, useSelf } from "../../api/session.ts";
import { ConflictDialog } from "../../parts/conflict.tsx";
import { Loaded } from "../../parts/loaded.tsx";
import { Empty } from "../../parts/notice.tsx";
import { Page } from "../../parts/page.tsx";
import { DestinationLink } from "../subscriptions/target.tsx";
import { changesOf, type DestinationDraft, draftOf, partsOf } from "./draft.ts";
import { DestinationForm } from "./form.tsx";

type Shown = Answer<"getDestination">;

/** The settings of a destination, for those who may change them. */
export function DestinationSettings() {
  const { tenant, name } = useParams({ from: "/t/$tenant/destinations/$name/settings" });
  const mayChange = reaches(useSelf(), "developer");
  return (
    <Page title="Settings of a destination" lead={<DestinationLink tenant={tenant} name={name} />}>
      {mayChange ? (
        <EditDestination key={name} tenant={tenant} name={name} />
      ) : (
        <Empty title="Developers change destinations">
          <p>
            What it is stands at{" "}
            <Link to="/t/$tenant/destinations/$name" params={{ tenant, name }}>
              its own page
            </Link>
            .
          </p>
        </Empty>
      )}
    </Page>
  );
}

function EditDestination({ tenant, name }: { readonly tenant: string; readonly name: string }) {
  const navigate = useNavigate();
  const queries = useQueryClient();
  const back = (): void => void navigate({ to: "/t/$tenant/destinations/$name", params: { tenant, name } });
  const edit = useEdit<Shown, DestinationDraft, Destination>({
    queryKey: ["getDestination", name],
    look: (signal) => see("getDestination", { params: { name } }, { signal }),
    save: async (draft, { opened, ifMatch }) => {
      const body = changesOf(draft, draftOf(opened));
      if (Object.keys(body).length === 0) return opened;
      return call("updateDestination", { params: { name }, body }, { ifMatch });
    },
    onSaved: async () => {
      back();
      await queries.invalidateQueries({ queryKey: ["getDestination", name] });
      await queries.invalidateQueries({ queryKey: ["listDestinations"] });
    },
  });
  return (
    <>
      <Loaded state={edit.opened} rows={12}>
        {({ data, etag }) => (
          <DestinationForm
            key={edit.round}
            title="Settings"
            start={draftOf(data)}
            isEdited
            hasAuth={data.target.auth !== null}
            busy={edit.isSaving}
            error={edit.error}
            curlOf={(draft) =>
              curlOf("updateDestination", { params: { name }, body: changesOf(draft, draftOf(data)), ifMatch: etag })
            }
            onSave={edit.save}
            onCancel={() => {
              edit.forget();
              back();
            }}
          >
            <Concerned name={name} opened={data.users} />
          </DestinationForm>
        )}
      </Loaded>
      <ConflictDialog edit={edit} partsOf={partsOf} draftOf={draftOf} />
    </>
  );
}

interface ConcernedProps {
  readonly name: string;
  /** How many went there when the edit began. */
  readonly opened: number;
}

/** How many a change is of: others begin to go there meanwhile. */
function Concerned({ name, opened }: ConcernedProps) {
  const now = useQuery({
    queryKey: ["getDestination", name, "seen"],
    queryFn: ({ signal }) => see("getDestination", { params: { name } }, { signal }),
  });
  const users = now.data?.data.users ?? opened;
  const whose = users === 1 ? "the subscription that goes" : `all ${users.toLocaleString()} subscriptions that go`;
  return <p>{users === 0 ? "Nothing goes there yet." : `A change is one for ${whose} there.`}</p>;
}
