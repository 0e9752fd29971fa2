import { useQueryClient } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import type { App } from "../../../client/operations.ts";
import { ApiError, call } from "../../api/client.ts";
import { useList } from "../../api/list.ts";
import { useRequest } from "../../api/request.ts";
import { Button, buttonClass } from "../../parts/button.tsx";
import { Dialog } from "../../parts/dialog.tsx";
import { draftNames } from "../../parts/drafts.ts";
import { TextField } from "../../parts/field.tsx";
import { List } from "../../parts/list.tsx";
import { Empty, Problem } from "../../parts/notice.tsx";
import { Card, Page, Row, Stack } from "../../parts/page.tsx";
import { Status } from "../../parts/status.tsx";
import { Table } from "../../parts/table.tsx";
import { Text } from "../../parts/text.tsx";
import { Time } from "../../parts/time.tsx";
import styles from "./functions.module.css";

/** All apps, each with its functions. */
export function Functions() {
  const { tenant } = useParams({ from: "/t/$tenant" });
  const apps = useList("listApps", { query: { limit: 20 } });
  return (
    <Page
      title="Functions"
      lead="Code that runs before operations, and decides, or after them, at least once."
      actions={
        <>
          <Link className={buttonClass("primary")} to="/t/$tenant/functions/new" params={{ tenant }}>
            New function
          </Link>
          <NewApp />
        </>
      }
    >
      <List
        state={apps}
        itemsOf={(page) => page.apps}
        empty={
          <Empty
            title="There is no function yet"
            action={
              <Link className={buttonClass("primary")} to="/t/$tenant/functions/new" params={{ tenant }}>
                Begin from a template
              </Link>
            }
          >
            <p>
              Or with curl: <code>POST /api/apps/</code>, then <code>POST /api/apps/&lt;app&gt;/functions/</code>.
            </p>
          </Empty>
        }
      >
        {(items) => (
          <Stack>
            {items.map((app) => (
              <AppCard key={app.uuid} app={app} tenant={tenant} />
            ))}
          </Stack>
        )}
      </List>
    </Page>
  );
}

function AppCard({ app, tenant }: { readonly app: App; readonly tenant: string }) {
  const functions = useList("listFunctions", { params: { app: app.slug }, query: { limit: 50 } });
  return (
    <Card
      title={app.name}
      actions={
        <Link to="/t/$tenant/functions/new" params={{ tenant }} search={{ app: app.slug }}>
          New function<span className={styles["hidden"]}>{` in ${app.name}`}</span>
        </Link>
      }
    >
      <List
        state={functions}
        itemsOf={(page) => page.functions}
        empty={<p className={styles["quiet"]}>It has no functions.</p>}
      >
        {(items) => (
          <Table
            label={`Functions of ${app.name}`}
            items={items}
            keyOf={({ uuid }) => uuid}
            columns={[
              {
                name: "Name",
                wide: true,
                cell: ({ name, slug }) => (
                  <Row>
                    <Link
                      to="/t/$tenant/functions/$app/$fn/$tab"
                      params={{ tenant, app: app.slug, fn: slug, tab: "code" }}
                      search={{}}
                    >
                      <Text max={80}>{name}</Text>
                    </Link>
                    {draftNames().some((draft) => draft.endsWith(`/${app.slug}/${slug}`)) && (
                      <Status tone="warn">draft</Status>
                    )}
                  </Row>
                ),
              },
              {
                name: "State",
                cell: ({ enabled }) =>
                  enabled ? <Status tone="good">on</Status> : <Status tone="quiet">disabled</Status>,
              },
              { name: "Version", isNumber: true, cell: ({ version }) => version },
              { name: "Code by", cell: ({ author }) => <Text max={40}>{author}</Text> },
              { name: "Changed", cell: ({ updated_at: at }) => <Time at={at} /> },
            ]}
          />
        )}
      </List>
    </Card>
  );
}

function NewApp() {
  const queries = useQueryClient();
  const [isOpen, setOpen] = useState(false);
  const [name, setName] = useState("");
  const make = useRequest({
    mutationFn: () => call("createApp", { body: { name } }),
    onSuccess: async () => {
      setOpen(false);
      setName("");
      await queries.invalidateQueries({ queryKey: ["listApps"] });
    },
  });
  const problem = make.error instanceof ApiError ? make.error.field("name") : undefined;
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    make.mutate();
  };
  return (
    <>
      <Button onClick={() => setOpen(true)}>New app</Button>
      <Dialog title="New app" open={isOpen} onClose={() => setOpen(false)}>
        <form onSubmit={submit}>
          <Stack>
            <TextField
              label="Name"
              required
              value={name}
              onValue={setName}
              error={problem}
              hint="It holds functions."
            />
            {make.isError && problem === undefined && <Problem error={make.error} />}
            <Row>
              <Button look="primary" type="submit" busy={make.isPending}>
                Make it
              </Button>
              <Button onClick={() => setOpen(false)}>Cancel</Button>
            </Row>
          </Stack>
        </form>
      </Dialog>
    </>
  );
}
