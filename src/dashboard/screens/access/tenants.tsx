import { useQueryClient } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { ApiError, call } from "../../api/client.ts";
import { useList } from "../../api/list.ts";
import { useRequest } from "../../api/request.ts";
import { Button } from "../../parts/button.tsx";
import { TextField, unlessTyped } from "../../parts/field.tsx";
import { List } from "../../parts/list.tsx";
import { Empty, Problem } from "../../parts/notice.tsx";
import { Card, Page, Row, Stack } from "../../parts/page.tsx";
import { Status } from "../../parts/status.tsx";
import { Table } from "../../parts/table.tsx";
import { Text } from "../../parts/text.tsx";
import { Time } from "../../parts/time.tsx";
import styles from "./access.module.css";
import { AccessNav } from "./access-nav.tsx";

/** All tenants of this server; for operators. */
export function Tenants() {
  const { tenant } = useParams({ from: "/t/$tenant/access/tenants" });
  const list = useList("listTenants", { query: { limit: 50 } });
  return (
    <Page title="Tenants" lead="Each has its own buckets, subscriptions, users and principals.">
      <Stack>
        <AccessNav />
        <Card title="New tenant">
          <NewTenant />
        </Card>
        <List state={list} itemsOf={(page) => page.tenants} empty={<Empty title="There is no tenant" />}>
          {(items) => (
            <Table
              label="Tenants"
              items={items}
              keyOf={({ id }) => id}
              columns={[
                {
                  name: "Id",
                  wide: true,
                  cell: ({ id }) => (
                    <Row>
                      <Link to="/t/$tenant" params={{ tenant: id }}>
                        <Text mono>{id}</Text>
                      </Link>
                      {id === tenant && <Status tone="good">you act in it</Status>}
                    </Row>
                  ),
                },
                { name: "Name", cell: ({ name }) => <Text max={60}>{name}</Text> },
                { name: "Created", cell: ({ created_at }) => <Time at={created_at} /> },
                {
                  name: "Usage",
                  cell: ({ id }) => (
                    <Link to="/t/$tenant/usage" params={{ tenant: id }}>
                      Usage and quotas
                    </Link>
                  ),
                },
              ]}
            />
          )}
        </List>
      </Stack>
    </Page>
  );
}

function NewTenant() {
  const queries = useQueryClient();
  const [id, setId] = useState("");
  const [name, setName] = useState("");
  const make = useRequest({
    mutationFn: (said: { readonly id: string; readonly name: string }) =>
      call("createTenant", { body: { id: said.id, ...(said.name === "" ? {} : { name: said.name }) } }),
    onSuccess: async (_made, said) => {
      setId(unlessTyped(said.id));
      setName(unlessTyped(said.name));
      await queries.invalidateQueries({ queryKey: ["listTenants"] });
    },
  });
  const problem = (path: string): string | undefined =>
    make.error instanceof ApiError ? make.error.field(path) : undefined;
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    make.mutate({ id, name });
  };
  return (
    <form onSubmit={submit}>
      <div className={styles["form"]}>
        <TextField label="Id" required mono value={id} onValue={setId} error={problem("id")} />
        <TextField label="Name" value={name} onValue={setName} error={problem("name")} />
        <Row>
          <Button type="submit" busy={make.isPending}>
            Make a tenant
          </Button>
        </Row>
      </div>
      {make.isError && <Problem error={make.error} />}
    </form>
  );
}
