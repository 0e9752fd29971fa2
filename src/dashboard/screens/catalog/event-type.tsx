import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useParams, useSearch } from "@tanstack/react-router";
import type { ListedSubscriber } from "../../../client/operations.ts";
import { type Answer, call } from "../../api/client.ts";
import { Button, buttonClass } from "../../parts/button.tsx";
import { CopyButton } from "../../parts/copy.tsx";
import { Loaded } from "../../parts/loaded.tsx";
import { Card, Fact, Facts, Page, Stack } from "../../parts/page.tsx";
import { Status } from "../../parts/status.tsx";
import { Table } from "../../parts/table.tsx";
import { Text, TextBlock } from "../../parts/text.tsx";
import styles from "../events/events.module.css";
import { Simulate } from "./simulate.tsx";

type EventType = Answer<"getEvent">;

/** One event type: its params as schema, type and example, who is subscribed, and what its hooks would say. */
export function EventTypeScreen() {
  const { tenant, type } = useParams({ from: "/t/$tenant/catalog/$type" });
  const { simulate } = useSearch({ from: "/t/$tenant/catalog/$type" });
  const navigate = useNavigate({ from: "/t/$tenant/catalog/$type" });
  const found = useQuery({
    queryKey: ["getEvent", type],
    queryFn: ({ signal }) => call("getEvent", { params: { event: type } }, { signal }),
  });
  const types = useQuery({
    queryKey: ["declareEventTypes", type],
    queryFn: ({ signal }) => call("declareEventTypes", { params: { event: type } }, { signal }),
  });
  const isOpen = simulate !== undefined;
  return (
    <Page
      title={type}
      lead={found.data === undefined ? undefined : <Text max={400}>{found.data.description}</Text>}
      actions={
        found.data !== undefined && (
          <>
            <Link className={buttonClass()} to="/t/$tenant/events" params={{ tenant }} search={{ event: type }}>
              Its events
            </Link>
            {found.data.phase === "pre" && (
              <Button
                look={isOpen ? "plain" : "primary"}
                aria-expanded={isOpen}
                onClick={() => void navigate({ search: isOpen ? {} : { simulate: "on" }, replace: true })}
              >
                {isOpen ? "Close the simulation" : "Simulate…"}
              </Button>
            )}
          </>
        )
      }
    >
      <Loaded state={found}>
        {(data) => (
          <Stack>
            {isOpen && data.phase === "pre" && (
              <Loaded state={types}>
                {({ sample }) => <Simulate event={type} example={JSON.stringify(sample, null, 2)} />}
              </Loaded>
            )}
            <Subscribers data={data} />
            <div className={styles["split"]}>
              <Loaded state={types}>{({ declarations }) => <Params data={data} declarations={declarations} />}</Loaded>
              <Stack>
                <Loaded state={types}>{({ sample }) => <Example sample={sample} />}</Loaded>
                <Schema data={data} />
              </Stack>
            </div>
          </Stack>
        )}
      </Loaded>
    </Page>
  );
}

function Subscribers({ data }: { readonly data: EventType }) {
  const { tenant } = useParams({ from: "/t/$tenant" });
  const isPre = data.phase === "pre";
  return (
    <Card title={`Who is subscribed: ${data.total_subscribers.toLocaleString("en")}`}>
      {data.subscribers.length === 0 ? (
        <p>No function {isPre ? "is asked before such an operation" : "is told of it"}.</p>
      ) : (
        <Table<ListedSubscriber>
          label="Subscribers"
          items={data.subscribers}
          keyOf={({ uuid }) => uuid}
          columns={[
            ...(isPre
              ? [
                  { name: "Stage", cell: ({ stage }: ListedSubscriber) => stage ?? "–" },
                  { name: "Priority", isNumber: true, cell: ({ priority }: ListedSubscriber) => priority ?? "–" },
                ]
              : []),
            {
              name: "Function",
              wide: true,
              cell: ({ app_name, app_slug: app, function_name, function_slug: fn }) => (
                <Link to="/t/$tenant/functions/$app/$fn/$tab" params={{ tenant, app, fn, tab: "triggers" }} search={{}}>
                  <Text max={120}>{`${app_name} / ${function_name}`}</Text>
                </Link>
              ),
            },
            {
              name: "Filter",
              cell: ({ filter }) =>
                filter === null ? (
                  "–"
                ) : (
                  <Text mono max={80}>
                    {filter}
                  </Text>
                ),
            },
            ...(isPre
              ? [
                  {
                    name: "If it fails",
                    cell: ({ failure_policy: policy }: ListedSubscriber) => (policy === "open" ? "goes on" : "refuses"),
                  },
                ]
              : []),
            {
              name: "State",
              cell: ({ enabled, paused }) => (
                <Status tone={enabled && paused === null ? "good" : "quiet"}>
                  {enabled ? (paused === null ? "on" : "paused") : "off"}
                </Status>
              ),
            },
          ]}
        />
      )}
    </Card>
  );
}

function Params({ data, declarations }: { readonly data: EventType; readonly declarations: string }) {
  return (
    <Card title="As a type" actions={<CopyButton text={declarations} what="the types" />}>
      <Stack>
        <Facts>
          <Fact name="About">a {data.resource}</Fact>
          {data.phase === "pre" && (
            <Fact name="Hooks may change">{data.changeable.length === 0 ? "nothing" : data.changeable.join(", ")}</Fact>
          )}
          {data.sensitive.length > 0 && <Fact name="Never told">{data.sensitive.join(", ")}</Fact>}
        </Facts>
        <TextBlock label="Types of the event">{declarations}</TextBlock>
      </Stack>
    </Card>
  );
}

function Example({ sample }: { readonly sample: Readonly<Record<string, unknown>> }) {
  const example = JSON.stringify(sample, null, 2);
  return (
    <Card title="Example" actions={<CopyButton text={example} what="the example" />}>
      <TextBlock label="Example of the params">{example}</TextBlock>
    </Card>
  );
}

function Schema({ data }: { readonly data: EventType }) {
  const schema = JSON.stringify(data.schema, null, 2);
  return (
    <Card title="JSON Schema" actions={<CopyButton text={schema} what="the schema" />}>
      <details>
        <summary>Show it</summary>
        <TextBlock label="Schema of the params">{schema}</TextBlock>
      </details>
    </Card>
  );
}
