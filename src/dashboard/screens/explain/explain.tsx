import { Link, useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { useList } from "../../api/list.ts";
import { Button } from "../../parts/button.tsx";
import { TextField } from "../../parts/field.tsx";
import { List } from "../../parts/list.tsx";
import { Empty } from "../../parts/notice.tsx";
import { Card, Page, Stack } from "../../parts/page.tsx";
import { Time } from "../../parts/time.tsx";
import { BucketNav } from "../buckets/bucket-nav.tsx";
import { ExplainedRuleText } from "./explained-rule.tsx";

/** Why an object was announced, or was not: its events, and what each rule made of them. */
export function Explain() {
  const { bucket, tenant } = useParams({ from: "/t/$tenant/buckets/$bucket/explain" });
  const { key = "" } = useSearch({ from: "/t/$tenant/buckets/$bucket/explain" });
  const navigate = useNavigate({ from: "/t/$tenant/buckets/$bucket/explain" });
  const [typed, setTyped] = useState(key);
  const ask = (event: FormEvent): void => {
    event.preventDefault();
    void navigate({ search: { key: typed } });
  };
  return (
    <Page title={`${bucket} › Why was an object not announced?`} lead={<BucketNav tenant={tenant} bucket={bucket} />}>
      <Stack>
        <Card>
          <form onSubmit={ask}>
            <Stack>
              <TextField label="Key of the object" mono required value={typed} onValue={setTyped} autoFocus />
              <div>
                <Button look="primary" type="submit">
                  Explain
                </Button>
              </div>
            </Stack>
          </form>
        </Card>
        {key !== "" && <Explained bucket={bucket} name={key} tenant={tenant} />}
      </Stack>
    </Page>
  );
}

interface ExplainedProps {
  readonly bucket: string;
  /** The object's key. */
  readonly name: string;
  readonly tenant: string;
}

function Explained({ bucket, name, tenant }: ExplainedProps) {
  const list = useList("explainObject", { query: { bucket, key: name, limit: 10 } });
  return (
    <List
      state={list}
      itemsOf={(page) => page.events}
      empty={
        <Empty title="Nothing has happened to an object of this key">
          <p>Keys are compared letter by letter, upper and lower case apart. Old events are forgotten after a while.</p>
        </Empty>
      }
    >
      {(events) =>
        events.map(({ event, dispatch, rules, more_rules: more }) => (
          <Card key={event.id} title={event.name}>
            <p>
              <Link to="/t/$tenant/events/$id" params={{ tenant, id: event.id }}>
                <Time at={event.time} exact />
              </Link>
              {dispatch === "waiting" && ", waits to be dispatched"}
              {dispatch === "aside" && ", set aside: dispatching it stopped the server twice"}
            </p>
            {rules.length === 0 && <p>No subscription was there to be notified of it.</p>}
            {rules.map((rule) => (
              <ExplainedRuleText key={rule.rule} rule={rule} tenant={tenant} />
            ))}
            {more && <p>There are more subscriptions than are shown.</p>}
          </Card>
        ))
      }
    </List>
  );
}
