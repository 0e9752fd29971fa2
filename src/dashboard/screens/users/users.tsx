import { useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import { useList } from "../../api/list.ts";
import { reaches, useSelf } from "../../api/session.ts";
import { Button } from "../../parts/button.tsx";
import { Dialog } from "../../parts/dialog.tsx";
import { SearchField } from "../../parts/field.tsx";
import { List } from "../../parts/list.tsx";
import { Empty } from "../../parts/notice.tsx";
import { Page, Stack } from "../../parts/page.tsx";
import { Status } from "../../parts/status.tsx";
import { Table } from "../../parts/table.tsx";
import { Text } from "../../parts/text.tsx";
import { Time } from "../../parts/time.tsx";
import { NewUser } from "./user-form.tsx";

/** The tenant's users, and one of them by name or address. */
export function Users() {
  const { tenant } = useParams({ from: "/t/$tenant/users" });
  const { find = "" } = useSearch({ from: "/t/$tenant/users" });
  const navigate = useNavigate({ from: "/t/$tenant/users" });
  const queries = useQueryClient();
  const self = useSelf();
  const [isMaking, setMaking] = useState(false);
  const by = find === "" ? {} : find.includes("@") ? { email: find } : { username: find };
  const list = useList("listUsers", { query: { limit: 50, ...by } });
  return (
    <Page
      title="Users"
      lead="People of your platform, with the hooks and functions that watch over them."
      actions={
        reaches(self, "admin") && (
          <Button look="primary" onClick={() => setMaking(true)}>
            New user
          </Button>
        )
      }
    >
      <Stack>
        <SearchField
          label="Username or email, all of it"
          value={find}
          onSearch={(text) => void navigate({ search: text === "" ? {} : { find: text }, replace: true })}
        />
        <List
          state={list}
          itemsOf={(page) => page.users}
          empty={
            find === "" ? (
              <Empty title="There is no user yet">
                {reaches(self, "admin")
                  ? "Make one here or by POST /api/cloud/users/: hooks are asked, functions run."
                  : "Admins make them."}
              </Empty>
            ) : (
              <Empty
                title={find.includes("@") ? "No user has this address" : "No user has this name"}
                action={<Button onClick={() => void navigate({ search: {}, replace: true })}>Show all</Button>}
              >
                Names and addresses are found whole, in any case of their letters.
              </Empty>
            )
          }
        >
          {(items) => (
            <Table
              label="Users"
              items={items}
              keyOf={({ uuid }) => uuid}
              columns={[
                {
                  name: "Username",
                  wide: true,
                  cell: ({ username, uuid }) => (
                    <Link to="/t/$tenant/users/$id" params={{ tenant, id: uuid }}>
                      <Text max={80}>{username}</Text>
                    </Link>
                  ),
                },
                {
                  name: "Name",
                  cell: ({ first_name: first, last_name: last }) => <Text max={80}>{`${first} ${last}`.trim()}</Text>,
                },
                { name: "Email", cell: ({ email }) => <Text max={80}>{email}</Text> },
                {
                  name: "Address",
                  cell: ({ email, email_verified: isVerified }) =>
                    email === "" ? (
                      ""
                    ) : (
                      <Status tone={isVerified ? "good" : "quiet"}>{isVerified ? "confirmed" : "not confirmed"}</Status>
                    ),
                },
                { name: "Changed", cell: ({ updated_at }) => <Time at={updated_at} /> },
              ]}
            />
          )}
        </List>
      </Stack>
      <Dialog title="New user" open={isMaking} onClose={() => setMaking(false)}>
        <NewUser
          onCancel={() => setMaking(false)}
          onDone={async ({ uuid }) => {
            setMaking(false);
            await queries.invalidateQueries({ queryKey: ["listUsers"] });
            await navigate({ to: "/t/$tenant/users/$id", params: { tenant, id: uuid } });
          }}
        />
      </Dialog>
    </Page>
  );
}
