import { useQueryClient } from "@tanstack/react-query";
import { useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import type { MadeDestination } from "../../../client/operations.ts";
import { call } from "../../api/client.ts";
import { curlOf } from "../../api/curl.ts";
import { useList } from "../../api/list.ts";
import { useRequest } from "../../api/request.ts";
import { reaches, useSelf } from "../../api/session.ts";
import { Button } from "../../parts/button.tsx";
import { List } from "../../parts/list.tsx";
import { Empty } from "../../parts/notice.tsx";
import { Page, Stack } from "../../parts/page.tsx";
import { Table } from "../../parts/table.tsx";
import { Text } from "../../parts/text.tsx";
import { Time } from "../../parts/time.tsx";
import { SigningSecret } from "../subscriptions/actions.tsx";
import { formatTexts } from "../subscriptions/request-draft.ts";
import { DestinationLink } from "../subscriptions/target.tsx";
import { type DestinationDraft, emptyDraft, newBody } from "./draft.ts";
import { DestinationForm } from "./form.tsx";
import { DestinationStatus } from "./status.tsx";

/** The tenant's named destinations, and a new one. */
export function Destinations() {
  const { tenant } = useParams({ from: "/t/$tenant/destinations" });
  const { edit } = useSearch({ from: "/t/$tenant/destinations" });
  const navigate = useNavigate({ from: "/t/$tenant/destinations" });
  const queries = useQueryClient();
  const mayMake = reaches(useSelf(), "developer");
  const list = useList("listDestinations", { query: { limit: 50 } });
  const [made, setMade] = useState<MadeDestination>();
  const making = useRequest({
    mutationFn: (draft: DestinationDraft) => call("createDestination", { body: newBody(draft) }),
    onSuccess: async (saved) => {
      setMade(saved);
      await queries.invalidateQueries({ queryKey: ["listDestinations"] });
    },
  });
  const open = (what: "new" | undefined): void => {
    making.reset();
    void navigate({ search: what === undefined ? {} : { edit: what } });
  };
  const isMaking = mayMake && edit === "new";
  const makeOne = mayMake && !isMaking && (
    <Button look="primary" onClick={() => open("new")}>
      New destination
    </Button>
  );
  return (
    <Page
      title="Destinations"
      lead="Webhooks with a name: where many go, by one URL with one set of credentials."
      actions={makeOne}
    >
      <Stack>
        {isMaking && (
          <DestinationForm
            title="New destination"
            start={emptyDraft}
            isEdited={false}
            hasAuth={false}
            busy={making.isPending}
            error={making.error}
            curlOf={(draft) => curlOf("createDestination", { body: newBody(draft) })}
            onSave={(draft) => making.mutate(draft)}
            onCancel={() => open(undefined)}
          />
        )}
        <List
          state={list}
          itemsOf={(page) => page.destinations}
          empty={
            isMaking ? null : (
              <Empty title="There is no destination yet">
                <p>
                  Subscriptions and notifications of buckets go to a destination by its name: a change of it is a change
                  for all of them. {mayMake ? "" : "Developers make them."}
                </p>
              </Empty>
            )
          }
        >
          {(items) => (
            <Table
              label="Destinations"
              items={items}
              keyOf={({ name }) => name}
              columns={[
                { name: "Name", cell: ({ name }) => <DestinationLink tenant={tenant} name={name} /> },
                {
                  name: "Goes to",
                  wide: true,
                  cell: ({ target: { url } }) => (
                    <Text mono max={80}>
                      {url}
                    </Text>
                  ),
                },
                { name: "Format", cell: ({ target: { format } }) => formatTexts[format] },
                { name: "State", cell: (one) => <DestinationStatus destination={one} /> },
                { name: "Subscriptions", isNumber: true, cell: ({ users }) => users.toLocaleString() },
                { name: "Changed", cell: ({ updated_at: at }) => <Time at={at} /> },
              ]}
            />
          )}
        </List>
      </Stack>
      {made !== undefined && (
        <SigningSecret
          secret={made.signing_secret}
          onClose={() => {
            setMade(undefined);
            making.reset();
            void navigate({ to: "/t/$tenant/destinations/$name", params: { tenant, name: made.name }, search: {} });
          }}
        />
      )}
    </Page>
  );
}
