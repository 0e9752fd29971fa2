import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import type { MadeSubscription } from "../../../client/operations.ts";
import { call } from "../../api/client.ts";
import { curlOf } from "../../api/curl.ts";
import { useRequest } from "../../api/request.ts";
import { reaches, useSelf } from "../../api/session.ts";
import { Choice } from "../../parts/field.tsx";
import { Loaded } from "../../parts/loaded.tsx";
import { Empty } from "../../parts/notice.tsx";
import { Card, Page, Stack } from "../../parts/page.tsx";
import { Text } from "../../parts/text.tsx";
import { SigningSecret } from "./actions.tsx";
import { emptyDraft, type SubscriptionDraft } from "./draft.ts";
import { SubscriptionForm } from "./form.tsx";
import { newBody } from "./requests.ts";

const faces = [
  { value: "notifications", label: "What happens to a resource", hint: "Of any kind that you see." },
  { value: "lifecycle", label: "Operations", hint: "A function before them, or whatever comes after." },
  { value: "objects", label: "Objects of a bucket", hint: "In the bucket's settings." },
] as const;

/** A new subscription, of whichever face. */
export function NewSubscription() {
  const { tenant } = useParams({ from: "/t/$tenant" });
  const search = useSearch({ from: "/t/$tenant/subscriptions/new" });
  const navigate = useNavigate({ from: "/t/$tenant/subscriptions/new" });
  const queries = useQueryClient();
  const self = useSelf();
  const [made, setMade] = useState<MadeSubscription>();
  const offered = faces.filter(({ value }) => value !== "lifecycle" || reaches(self, "developer"));
  const face = offered.find(({ value }) => value === search.face)?.value ?? "notifications";
  const lead = (id: string): void =>
    void navigate({ to: "/t/$tenant/subscriptions/$id", params: { tenant, id }, search: {} });
  const making = useRequest({
    mutationFn: (draft: SubscriptionDraft) => call("createSubscription", { body: newBody(draft) }),
    onSuccess: async (saved) => {
      await queries.invalidateQueries({ queryKey: ["listSubscriptions"] });
      if (saved.signing_secret === undefined) lead(saved.id);
      else setMade(saved);
    },
  });
  return (
    <Page title="New subscription" lead="Who is notified of what, and how.">
      <Stack>
        <Card>
          <Choice
            label="What of"
            value={face}
            options={offered}
            onValue={(next) => {
              making.reset();
              void navigate({ search: { face: next }, replace: true });
            }}
          />
        </Card>
        {face === "objects" ? (
          <BucketList tenant={tenant} />
        ) : (
          <SubscriptionForm
            key={face}
            title={face === "lifecycle" ? "Of operations" : "Of a resource"}
            start={emptyDraft(face)}
            isEdited={false}
            hasAuth={false}
            busy={making.isPending}
            error={making.error}
            curlOf={(draft) => curlOf("createSubscription", { body: newBody(draft) })}
            onSave={(draft) => making.mutate(draft)}
            onCancel={() => void navigate({ to: "/t/$tenant/subscriptions", params: { tenant }, search: {} })}
          />
        )}
      </Stack>
      {made?.signing_secret !== undefined && (
        <SigningSecret
          secret={made.signing_secret}
          onClose={() => {
            setMade(undefined);
            making.reset();
            lead(made.id);
          }}
        />
      )}
    </Page>
  );
}

/** Notifications of objects are made where the bucket is set up. */
function BucketList({ tenant }: { readonly tenant: string }) {
  const buckets = useQuery({
    queryKey: ["listBuckets", "picker"],
    queryFn: ({ signal }) => call("listBuckets", { query: { limit: 100 } }, { signal }),
  });
  return (
    <Card title="Of which bucket?">
      <Loaded state={buckets}>
        {({ buckets: found }) =>
          found.length === 0 ? (
            <Empty title="There is no bucket yet">
              <Link to="/t/$tenant/buckets" params={{ tenant }}>
                Make one
              </Link>
            </Empty>
          ) : (
            <ul>
              {found.map(({ name }) => (
                <li key={name}>
                  <Link
                    to="/t/$tenant/buckets/$bucket/settings"
                    params={{ tenant, bucket: name }}
                    search={{ edit: "new" }}
                  >
                    <Text>{name}</Text>
                  </Link>
                </li>
              ))}
            </ul>
          )
        }
      </Loaded>
    </Card>
  );
}
