import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { Principal } from "../../../client/operations.ts";
import { call } from "../../api/client.ts";
import { useList } from "../../api/list.ts";
import { useRequest } from "../../api/request.ts";
import { reaches, type Self, useSelf } from "../../api/session.ts";
import { Button } from "../../parts/button.tsx";
import { Confirm, Dialog } from "../../parts/dialog.tsx";
import { Choice } from "../../parts/field.tsx";
import { List } from "../../parts/list.tsx";
import { Empty, Problem } from "../../parts/notice.tsx";
import { Page, Row, Stack } from "../../parts/page.tsx";
import { Status } from "../../parts/status.tsx";
import { Table } from "../../parts/table.tsx";
import { Text } from "../../parts/text.tsx";
import { Time } from "../../parts/time.tsx";
import { AccessNav } from "./access-nav.tsx";

/** Who tokens and keys belong to: their roles, and their end. */
export function Principals() {
  const queries = useQueryClient();
  const list = useList("listPrincipals", { query: { limit: 50 } });
  const [changed, setChanged] = useState<Principal>();
  const [ended, setEnded] = useState<Principal>();
  const refresh = (): Promise<void> => queries.invalidateQueries({ queryKey: ["listPrincipals"] });
  const end = useRequest({
    mutationFn: (name: string) => call("deletePrincipal", { params: { name } }),
    onSettled: async () => {
      setEnded(undefined);
      await refresh();
    },
  });
  const restore = useRequest({
    mutationFn: (name: string) => call("restorePrincipal", { params: { name } }),
    alongside: true,
    onSettled: refresh,
  });
  return (
    <Page title="Principals" lead="Who tokens and key pairs belong to. The first token of a name makes one.">
      <Stack>
        <AccessNav />
        {end.isError && <Problem error={end.error} />}
        {restore.isError && <Problem error={restore.error} />}
        <List state={list} itemsOf={(page) => page.principals} empty={<Empty title="There is no principal" />}>
          {(items) => (
            <Table
              label="Principals"
              items={items}
              keyOf={({ name }) => name}
              columns={[
                { name: "Name", wide: true, cell: ({ name }) => <Text>{name}</Text> },
                { name: "Role", cell: ({ role }) => role },
                {
                  name: "Status",
                  cell: ({ status }) => <Status tone={status === "active" ? "good" : "quiet"}>{status}</Status>,
                },
                { name: "Tokens", isNumber: true, cell: ({ tokens }) => tokens },
                { name: "S3 keys", isNumber: true, cell: ({ access_keys }) => access_keys },
                { name: "Created", cell: ({ created_at }) => <Time at={created_at} /> },
                {
                  name: "Actions",
                  cell: (principal) =>
                    principal.status === "active" ? (
                      <Row>
                        {principal.role !== "host" && (
                          <Button look="ghost" onClick={() => setChanged(principal)}>
                            Change role
                          </Button>
                        )}
                        <Button look="ghost" onClick={() => setEnded(principal)}>
                          End
                        </Button>
                      </Row>
                    ) : (
                      <Button
                        look="ghost"
                        busy={restore.isPending && restore.variables === principal.name}
                        onClick={() => restore.mutate(principal.name)}
                      >
                        Restore
                      </Button>
                    ),
                },
              ]}
            />
          )}
        </List>
      </Stack>
      {changed !== undefined && (
        <RoleDialog principal={changed} onDone={refresh} onClose={() => setChanged(undefined)} />
      )}
      <Confirm
        title="End this principal?"
        action="End"
        open={ended !== undefined}
        busy={end.isPending}
        onConfirm={() => ended !== undefined && end.mutate(ended.name)}
        onClose={() => setEnded(undefined)}
      >
        <Text>{ended?.name ?? ""}</Text>
        <p>
          Its tokens, keys and sessions end at once. What it owns stays, and its subscriptions to webhooks and addresses
          pause. It can be restored.
        </p>
      </Confirm>
    </Page>
  );
}

const hints: Readonly<Record<Self["role"], string>> = {
  member: "What it owns or was given.",
  developer: "Functions, all buckets and deliveries.",
  admin: "All of the tenant, its tokens and users.",
  operator: "All tenants.",
};

interface RoleDialogProps {
  readonly principal: Principal;
  readonly onDone: () => Promise<void>;
  readonly onClose: () => void;
}

function RoleDialog({ principal: { name, role: before }, onDone, onClose }: RoleDialogProps) {
  const self = useSelf();
  // The role host is for good.
  const [role, setRole] = useState(before === "host" ? "member" : before);
  const change = useRequest({
    mutationFn: () => call("updatePrincipal", { params: { name }, body: { role } }),
    onSuccess: async () => {
      await onDone();
      onClose();
    },
  });
  const roles = (["member", "developer", "admin", "operator"] as const).filter((one) => reaches(self, one));
  return (
    <Dialog title="Change the role" open onClose={onClose}>
      <p>
        Of <Text>{name}</Text>, from the next request on; of its tokens, keys and functions alike.
      </p>
      <Choice
        label="Role"
        value={role}
        options={roles.map((value) => ({ value, label: value, hint: hints[value] }))}
        onValue={setRole}
      />
      {change.isError && <Problem error={change.error} />}
      <Row>
        <Button look="primary" busy={change.isPending} disabled={role === before} onClick={() => change.mutate()}>
          Change
        </Button>
        <Button onClick={onClose}>Cancel</Button>
      </Row>
    </Dialog>
  );
}
