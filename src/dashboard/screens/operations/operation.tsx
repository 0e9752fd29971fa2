import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { useState } from "react";
import type { DecidedHook, Operation } from "../../../client/operations.ts";
import { call } from "../../api/client.ts";
import { Button } from "../../parts/button.tsx";
import { Id } from "../../parts/copy.tsx";
import { FunctionLink } from "../../parts/function-name.tsx";
import { Loaded } from "../../parts/loaded.tsx";
import { Card, Fact, Facts, Page, Row, Stack } from "../../parts/page.tsx";
import { Status } from "../../parts/status.tsx";
import { Text, TextBlock } from "../../parts/text.tsx";
import { duration, Time } from "../../parts/time.tsx";
import { hookSaid } from "./hook-said.ts";
import { OutcomeStatus } from "./outcome-status.tsx";

/** One operation: which hook said what, why, its logs, and what came of it. */
export function OperationScreen() {
  const { tenant, id } = useParams({ from: "/t/$tenant/operations/$id" });
  const operation = useQuery({
    queryKey: ["getOperation", id],
    queryFn: ({ signal }) => call("getOperation", { params: { operation_id: id } }, { signal }),
  });
  return (
    <Page
      title="Operation"
      lead={operation.data === undefined ? <Id id={id} of="operation" /> : sentence(operation.data)}
    >
      <Loaded state={operation}>
        {(data) => (
          <Stack>
            <Summary operation={data} tenant={tenant} />
            {(["prepare", "validate"] as const).map((stage) => (
              <Wave
                key={stage}
                stage={stage}
                hooks={data.hooks.filter((hook) => hook.stage === stage)}
                tenant={tenant}
              />
            ))}
            {data.conflicts.length > 0 && <Conflicts operation={data} />}
          </Stack>
        )}
      </Loaded>
    </Page>
  );
}

function nameOf({ function_name: name, function_id: id }: DecidedHook): string {
  return name ?? `function ${id}`;
}

function sentence({ outcome, hooks, duration_ms: took }: Operation) {
  const against = hooks.find((hook) => ["bad", "warn"].includes(hookSaid(hook).tone));
  if (outcome === "allowed" || against === undefined) {
    return `Allowed: ${hooks.length} ${hooks.length === 1 ? "hook" : "hooks"} in ${duration(took)}.`;
  }
  const { word, why } = hookSaid(against);
  return (
    <Text max={400}>
      {`${outcome === "denied" ? "Denied" : "Failed"}: ${nameOf(against)} ${word}${why === undefined ? "" : `, ${why}`}`}
    </Text>
  );
}

function Summary({ operation, tenant }: { readonly operation: Operation; readonly tenant: string }) {
  const { events, state } = operation;
  return (
    <Card title={operation.event}>
      <Facts>
        <Fact name="Outcome">
          <OutcomeStatus outcome={operation.outcome} />
        </Fact>
        <Fact name="Asked">
          <Time at={operation.decided_at} exact />, for {duration(operation.duration_ms)}
        </Fact>
        <Fact name="Who asked">
          <Text>{operation.actor ?? "unknown"}</Text> ({operation.origin})
        </Fact>
        {state !== "over" && (
          <Fact name="State">
            <Status tone={state === "open" ? "busy" : "warn"}>
              {state === "open" ? "carried out by its host" : "what came of it is not known"}
            </Status>
          </Fact>
        )}
        <Fact name="Raised">
          {events.length === 0
            ? "no event"
            : events.map(({ id, name }) => (
                <Link key={id} to="/t/$tenant/events/$id" params={{ tenant, id }}>
                  {name}
                </Link>
              ))}
        </Fact>
        {operation.resource !== null && (
          <Fact name="About">
            <Link to="/t/$tenant/events" params={{ tenant }} search={{ resource: operation.resource }}>
              <Text mono>{operation.resource}</Text>
            </Link>
          </Fact>
        )}
        <Fact name="Id">
          <Id id={operation.operation_id} of="operation" />
        </Fact>
      </Facts>
    </Card>
  );
}

const waves = {
  prepare: "Prepare: may change what is proposed",
  validate: "Validate: may only agree, or not",
} as const;

interface WaveProps {
  readonly stage: keyof typeof waves;
  readonly hooks: readonly DecidedHook[];
  readonly tenant: string;
}

function Wave({ stage, hooks, tenant }: WaveProps) {
  if (hooks.length === 0) return undefined;
  return (
    <Card title={waves[stage]}>
      <Stack>
        {hooks.map((hook) => (
          <Hook key={hook.subscriber_id} hook={hook} tenant={tenant} />
        ))}
      </Stack>
    </Card>
  );
}

/** The logs of one that stood in the way are open. */
function Hook({ hook, tenant }: { readonly hook: DecidedHook; readonly tenant: string }) {
  const { word, tone, why } = hookSaid(hook);
  const [isOpen, setOpen] = useState(tone === "bad" || tone === "warn");
  const { invocation_id: invocation, verdict } = hook;
  return (
    <section aria-label={nameOf(hook)}>
      <Stack>
        <Row>
          <Status tone={tone}>{word}</Status>
          <strong>
            <FunctionLink id={hook.function_id} />
          </strong>
          <span>version {hook.version}</span>
          {hook.skipped === null && <span>{duration(hook.duration_ms)}</span>}
          {invocation !== null && (
            <Button aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
              {isOpen ? "Hide its logs" : "Show its logs"}
            </Button>
          )}
        </Row>
        {why !== undefined && (
          <p>
            <Text max={1_000}>{why}</Text>
          </p>
        )}
        {verdict?.fields?.map(({ path, message }) => (
          <p key={path}>
            <Text mono max={120}>
              {path}
            </Text>
            : <Text max={400}>{message}</Text>
          </p>
        ))}
        {verdict?.patch !== undefined && (
          <TextBlock label={`What ${nameOf(hook)} changed`}>{JSON.stringify(verdict.patch, null, 2)}</TextBlock>
        )}
        {verdict?.notes?.map((note) => (
          <p key={note}>
            <Text max={400}>{note}</Text>
          </p>
        ))}
        {isOpen && invocation !== null && <Logs invocation={invocation} of={nameOf(hook)} tenant={tenant} />}
      </Stack>
    </section>
  );
}

interface LogsProps {
  /** Number of the run. */
  readonly invocation: number;
  /** The function's name. */
  readonly of: string;
  readonly tenant: string;
}

function Logs({ invocation, of, tenant }: LogsProps) {
  const run = useQuery({
    queryKey: ["getInvocation", invocation],
    queryFn: ({ signal }) => call("getInvocation", { params: { id: String(invocation) } }, { signal }),
  });
  return (
    <Loaded state={run}>
      {({ logs, logs_cut: cut, error, app_slug: app, function_slug: fn }) => (
        <Stack>
          {logs.length === 0 ? (
            <p>It logged nothing.</p>
          ) : (
            <TextBlock label={`Logs of ${of}`}>
              {logs.map(({ at_ms, level, message }) => `${at_ms.toFixed(0)} ms  ${level}  ${message}`).join("\n")}
            </TextBlock>
          )}
          {cut && <p>There were more lines, or longer ones, than are kept.</p>}
          <Link
            to="/t/$tenant/functions/$app/$fn/$tab"
            params={{ tenant, app, fn, tab: "runs" }}
            search={{ run: String(invocation) }}
          >
            Open the run
          </Link>
          {error !== null && (
            <TextBlock label={`Error of ${of}`}>
              {error.stack ?? `${error.name}: ${error.message} (${error.reason})`}
            </TextBlock>
          )}
        </Stack>
      )}
    </Loaded>
  );
}

function Conflicts({ operation: { conflicts, hooks } }: { readonly operation: Operation }) {
  const named = (id: number): string => {
    const hook = hooks.find(({ subscriber_id }) => subscriber_id === id);
    return hook === undefined ? `subscriber ${id}` : nameOf(hook);
  };
  return (
    <Card title="Where hooks wanted different things">
      {conflicts.map(({ path, subscriber_ids: ids }) => (
        <p key={path}>
          <Text mono max={200}>
            {path}
          </Text>
          : <Text max={400}>{ids.map(named).join(", then ")}</Text>; the last had its way.
        </p>
      ))}
    </Card>
  );
}
