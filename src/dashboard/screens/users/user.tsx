import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate, useParams } from "@tanstack/react-router";
import { useState } from "react";
import { call } from "../../api/client.ts";
import { useRequest } from "../../api/request.ts";
import { reaches, useSelf } from "../../api/session.ts";
import { Button } from "../../parts/button.tsx";
import { Id } from "../../parts/copy.tsx";
import { Confirm } from "../../parts/dialog.tsx";
import { Loaded } from "../../parts/loaded.tsx";
import { Problem } from "../../parts/notice.tsx";
import { Card, Fact, Facts, Page, Stack } from "../../parts/page.tsx";
import { Text } from "../../parts/text.tsx";
import { Time } from "../../parts/time.tsx";
import { EditUser } from "./user-form.tsx";

/** One user: who it is, what hooks agreed to, and a way to change or delete it. */
export function UserScreen() {
  const { tenant, id } = useParams({ from: "/t/$tenant/users/$id" });
  const self = useSelf();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const [isDoomed, setDoomed] = useState(false);
  const [warnings, setWarnings] = useState<readonly string[]>();
  const user = useQuery({
    queryKey: ["getUser", id],
    queryFn: ({ signal }) => call("getUser", { params: { id } }, { signal }),
  });
  const remove = useRequest({
    mutationFn: () => call("deleteUser", { params: { id } }),
    onSuccess: async () => {
      queries.removeQueries({ queryKey: ["getUser", id] });
      await queries.invalidateQueries({ queryKey: ["listUsers"] });
      await navigate({ to: "/t/$tenant/users", params: { tenant }, search: {} });
    },
    onError: () => setDoomed(false),
  });
  const isAdmin = reaches(self, "admin");
  const mayChange = isAdmin || (user.data !== undefined && user.data.uuid === self.user);
  return (
    <Page
      title={user.data?.username ?? "User"}
      lead={
        <Link to="/t/$tenant/users" params={{ tenant }} search={{}}>
          All users
        </Link>
      }
      actions={
        isAdmin &&
        user.data !== undefined && (
          <Button look="danger" onClick={() => setDoomed(true)}>
            Delete
          </Button>
        )
      }
    >
      <Loaded state={user}>
        {(shown) => (
          <Stack>
            {remove.isError && <Problem error={remove.error} />}
            <Card title="User">
              <Facts>
                <Fact name="Username">
                  <Text>{shown.username}</Text>
                </Fact>
                <Fact name="Email">
                  {shown.email === "" ? "none" : <Text>{shown.email}</Text>}
                  {shown.email !== "" && (shown.email_verified ? " (confirmed)" : " (not confirmed)")}
                </Fact>
                <Fact name="Id">
                  <Id id={shown.uuid} of="user" />
                </Fact>
                <Fact name="Number">{shown.id}</Fact>
                <Fact name="Created">
                  <Time at={shown.created_at} />
                </Fact>
                <Fact name="Changed">
                  <Time at={shown.updated_at} />
                </Fact>
              </Facts>
            </Card>
            {mayChange && (
              <Card title="Edit">
                <EditUser uuid={shown.uuid} onDone={(changed) => setWarnings(changed.warnings ?? [])} />
              </Card>
            )}
            <div role="status">
              {warnings !== undefined && (
                <>
                  <p>Saved.</p>
                  {warnings.map((warning) => (
                    <p key={warning}>
                      <Text max={1_000}>{warning}</Text>
                    </p>
                  ))}
                </>
              )}
            </div>
          </Stack>
        )}
      </Loaded>
      <Confirm
        title="Delete this user?"
        action="Delete"
        open={isDoomed}
        busy={remove.isPending}
        onConfirm={() => remove.mutate()}
        onClose={() => setDoomed(false)}
      >
        <Text>{user.data?.username ?? ""}</Text>
        <p>It cannot be brought back. Hooks are asked first, and functions run afterwards.</p>
      </Confirm>
    </Page>
  );
}
