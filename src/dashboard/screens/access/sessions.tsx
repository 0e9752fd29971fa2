import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { Session } from "../../../client/operations.ts";
import { call } from "../../api/client.ts";
import { useList } from "../../api/list.ts";
import { useRequest } from "../../api/request.ts";
import { reaches, useSelf } from "../../api/session.ts";
import { Button } from "../../parts/button.tsx";
import { Confirm } from "../../parts/dialog.tsx";
import { List } from "../../parts/list.tsx";
import { Empty, Problem } from "../../parts/notice.tsx";
import { Page, Stack } from "../../parts/page.tsx";
import { Status } from "../../parts/status.tsx";
import { Table } from "../../parts/table.tsx";
import { Text } from "../../parts/text.tsx";
import { Time } from "../../parts/time.tsx";
import { AccessNav } from "./access-nav.tsx";

/** Who is logged in by a browser, and a way to end that. */
export function Sessions() {
  const queries = useQueryClient();
  const self = useSelf();
  const list = useList("listSessions", { query: { limit: 50 } });
  const [ended, setEnded] = useState<Session>();
  const end = useRequest({
    mutationFn: (id: string) => call("deleteSession", { params: { id } }),
    onSettled: async () => {
      setEnded(undefined);
      await queries.invalidateQueries({ queryKey: ["listSessions"] });
    },
  });
  return (
    <Page
      title="Sessions"
      lead={reaches(self, "admin") ? "Logins of browsers in this tenant, newest first." : "Your logins, newest first."}
    >
      <Stack>
        <AccessNav />
        {end.isError && <Problem error={end.error} />}
        <List
          state={list}
          itemsOf={(page) => page.sessions}
          empty={<Empty title="No browser is logged in to this tenant" />}
        >
          {(items) => (
            <Table
              label="Sessions"
              items={items}
              keyOf={({ id }) => id}
              columns={[
                { name: "Principal", wide: true, cell: ({ principal }) => <Text>{principal}</Text> },
                { name: "Role", cell: ({ role }) => role },
                {
                  name: "Which",
                  cell: ({ current }) => (current ? <Status tone="good">this one</Status> : "another"),
                },
                { name: "Logged in at", cell: ({ issuer }) => (issuer === null ? "here" : <Text>{issuer}</Text>) },
                { name: "Began", cell: ({ created_at }) => <Time at={created_at} /> },
                { name: "Last used", cell: ({ seen_at }) => <Time at={seen_at} /> },
                { name: "Ends unless used", cell: ({ idle_until }) => <Time at={idle_until} /> },
                { name: "Ends", cell: ({ expires_at }) => <Time at={expires_at} /> },
                {
                  name: "Actions",
                  cell: (session) => (
                    <Button
                      look="ghost"
                      aria-label={`End the session of ${session.principal}`}
                      onClick={() => setEnded(session)}
                    >
                      End
                    </Button>
                  ),
                },
              ]}
            />
          )}
        </List>
      </Stack>
      <Confirm
        title={ended?.current === true ? "End your own session?" : "End this session?"}
        action="End it"
        open={ended !== undefined}
        busy={end.isPending}
        onConfirm={() => ended !== undefined && end.mutate(ended.id)}
        onClose={() => setEnded(undefined)}
      >
        <Text>{ended?.principal ?? ""}</Text>
        <p>{ended?.current === true ? "You have to log in again." : "That browser has to log in again."}</p>
      </Confirm>
    </Page>
  );
}
