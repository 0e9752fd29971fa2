import { useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate, useParams } from "@tanstack/react-router";
import type { Subscription } from "../../../client/operations.ts";
import { call, see } from "../../api/client.ts";
import { curlOf } from "../../api/curl.ts";
import { useEdit } from "../../api/edit.ts";
import { ConflictDialog } from "../../parts/conflict.tsx";
import { Id } from "../../parts/copy.tsx";
import { Loaded } from "../../parts/loaded.tsx";
import { Page } from "../../parts/page.tsx";
import { Text } from "../../parts/text.tsx";
import { draftOf, type SubscriptionDraft } from "./draft.ts";
import { SubscriptionForm } from "./form.tsx";
import { changesOf, partsOf } from "./requests.ts";

/** The settings of one subscription of any face. */
export function SubscriptionSettings() {
  const { tenant, id } = useParams({ from: "/t/$tenant/subscriptions/$id/settings" });
  const navigate = useNavigate({ from: "/t/$tenant/subscriptions/$id/settings" });
  const queries = useQueryClient();
  const back = (): void => void navigate({ to: "/t/$tenant/subscriptions/$id", params: { tenant, id } });
  const edit = useEdit<Subscription, SubscriptionDraft, Subscription>({
    queryKey: ["getSubscription", id],
    look: (signal) => see("getSubscription", { params: { id } }, { signal }),
    save: async (draft, { opened, ifMatch }) => {
      const body = changesOf(draft, draftOf(opened));
      if (Object.keys(body).length === 0) return opened;
      return call("updateSubscription", { params: { id }, body }, { ifMatch });
    },
    onSaved: async () => {
      back();
      await queries.invalidateQueries({ queryKey: ["getSubscription", id] });
    },
  });
  return (
    <Page title="Settings of a subscription" lead={<Id id={id} of="subscription" />}>
      <Loaded state={edit.opened}>
        {({ data, etag }) => (
          <SubscriptionForm
            key={edit.round}
            title="Settings"
            start={draftOf(data)}
            isEdited
            bucket={data.bucket ?? undefined}
            hasAuth={data.target.type === "webhook" && data.target.auth !== null}
            busy={edit.isSaving}
            error={edit.error}
            curlOf={(draft) =>
              curlOf("updateSubscription", { params: { id }, body: changesOf(draft, draftOf(data)), ifMatch: etag })
            }
            onSave={edit.save}
            onCancel={() => {
              edit.forget();
              back();
            }}
          >
            <p>
              {data.event === "*" ? "Every event" : <Text>{data.event}</Text>} of{" "}
              {data.bucket === null ? (
                <Text mono>{data.resource === "*" ? "everything" : data.resource}</Text>
              ) : (
                <Link to="/t/$tenant/buckets/$bucket/settings" params={{ tenant, bucket: data.bucket }}>
                  <Text>{data.bucket}</Text>
                </Link>
              )}
              ; that stays.
            </p>
          </SubscriptionForm>
        )}
      </Loaded>
      <ConflictDialog edit={edit} partsOf={partsOf} draftOf={draftOf} />
    </Page>
  );
}
