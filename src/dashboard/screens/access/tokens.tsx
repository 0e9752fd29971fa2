import { useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import type { Token } from "../../../client/operations.ts";
import { ApiError, call } from "../../api/client.ts";
import { useList } from "../../api/list.ts";
import { useRequest } from "../../api/request.ts";
import { Button } from "../../parts/button.tsx";
import { Confirm } from "../../parts/dialog.tsx";
import { SelectField, TextField, unlessTyped } from "../../parts/field.tsx";
import { List } from "../../parts/list.tsx";
import { Empty, Problem } from "../../parts/notice.tsx";
import { Card, Row } from "../../parts/page.tsx";
import { SecretOnce } from "../../parts/secret-once.tsx";
import { Status } from "../../parts/status.tsx";
import { Table } from "../../parts/table.tsx";
import { Text } from "../../parts/text.tsx";
import { Time } from "../../parts/time.tsx";
import styles from "./access.module.css";

const roles = [
  { value: "member", label: "member" },
  { value: "developer", label: "developer" },
  { value: "admin", label: "admin" },
] as const;

export function Tokens() {
  const queries = useQueryClient();
  const list = useList("listTokens", { query: { limit: 50 } });
  const [secret, setSecret] = useState<string>();
  const [revoked, setRevoked] = useState<Token>();
  const revoke = useRequest({
    mutationFn: (id: string) => call("deleteToken", { params: { id } }),
    onSuccess: () => queries.invalidateQueries({ queryKey: ["listTokens"] }),
    onSettled: () => setRevoked(undefined),
  });
  return (
    <Card title="Tokens">
      <NewToken onSecret={setSecret} />
      {revoke.isError && <Problem error={revoke.error} />}
      <List state={list} itemsOf={(page) => page.tokens} empty={<Empty title="There is no token" />}>
        {(items) => (
          <Table
            label="Tokens"
            items={items}
            keyOf={({ id }) => id}
            columns={[
              { name: "Principal", wide: true, cell: ({ principal }) => <Text>{principal}</Text> },
              { name: "Role", cell: ({ role }) => role },
              { name: "Label", cell: ({ label }) => <Text max={60}>{label}</Text> },
              {
                name: "Status",
                cell: ({ status }) => <Status tone={status === "active" ? "good" : "quiet"}>{status}</Status>,
              },
              { name: "Created", cell: ({ created_at }) => <Time at={created_at} /> },
              { name: "Ends", cell: ({ expires_at }) => (expires_at === null ? "never" : <Time at={expires_at} />) },
              {
                name: "Actions",
                cell: (token) => (
                  <Button look="ghost" disabled={token.status !== "active"} onClick={() => setRevoked(token)}>
                    Revoke
                  </Button>
                ),
              },
            ]}
          />
        )}
      </List>
      <Confirm
        title="Revoke this token?"
        action="Revoke"
        open={revoked !== undefined}
        busy={revoke.isPending}
        onConfirm={() => revoked !== undefined && revoke.mutate(revoked.id)}
        onClose={() => setRevoked(undefined)}
      >
        Programs that use it are refused from now on, and sessions that began with it end.
      </Confirm>
      {secret !== undefined && (
        <SecretOnce
          title="The new token"
          secrets={[{ name: "Token", value: secret }]}
          onClose={() => setSecret(undefined)}
        />
      )}
    </Card>
  );
}

function NewToken({ onSecret }: { readonly onSecret: (secret: string) => void }) {
  const queries = useQueryClient();
  const [principal, setPrincipal] = useState("");
  const [role, setRole] = useState<(typeof roles)[number]["value"]>("member");
  const [label, setLabel] = useState("");
  const make = useRequest({
    mutationFn: (said: { readonly principal: string; readonly label: string }) =>
      call("createToken", {
        body: { principal: said.principal, role, ...(said.label === "" ? {} : { label: said.label }) },
      }),
    onSuccess: async ({ token }, said) => {
      onSecret(token);
      setPrincipal(unlessTyped(said.principal));
      setLabel(unlessTyped(said.label));
      await queries.invalidateQueries({ queryKey: ["listTokens"] });
    },
  });
  const problem = (path: string): string | undefined =>
    make.error instanceof ApiError ? make.error.field(path) : undefined;
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    make.mutate({ principal, label });
  };
  return (
    <form onSubmit={submit}>
      <div className={styles["form"]}>
        <TextField label="Principal" required value={principal} onValue={setPrincipal} error={problem("principal")} />
        <SelectField label="Role" value={role} options={roles} onValue={setRole} error={problem("role")} />
        <TextField label="Label" value={label} onValue={setLabel} error={problem("label")} />
        <Row>
          <Button type="submit" busy={make.isPending}>
            Make a token
          </Button>
        </Row>
      </div>
      {make.isError && <Problem error={make.error} />}
    </form>
  );
}
