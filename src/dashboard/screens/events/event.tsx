import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate, useParams } from "@tanstack/react-router";
import { useState } from "react";
import type { ExplainedRule, WholeEvent } from "../../../client/operations.ts";
import { ApiError, call } from "../../api/client.ts";
import { useRequest } from "../../api/request.ts";
import { Button } from "../../parts/button.tsx";
import { CopyButton, Id } from "../../parts/copy.tsx";
import { Dialog } from "../../parts/dialog.tsx";
import { TextField } from "../../parts/field.tsx";
import { Loaded } from "../../parts/loaded.tsx";
import { LongText } from "../../parts/long-text.tsx";
import { Problem } from "../../parts/notice.tsx";
import { Card, Fact, Facts, Page, Row, Stack } from "../../parts/page.tsx";
import { Text, TextBlock } from "../../parts/text.tsx";
import { Time } from "../../parts/time.tsx";
import { ExplainedRuleText } from "../explain/explained-rule.tsx";
import { OutcomeStatus } from "../operations/outcome-status.tsx";
import styles from "./events.module.css";

/** So often an event is looked at again that is not dispatched yet. */
const refreshMs = 2_000;

/** One event: what it tells, who got it, and why others did not. */
export function EventScreen() {
  const { tenant, id } = useParams({ from: "/t/$tenant/events/$id" });
  const event = useQuery({
    queryKey: ["getLoggedEvent", id],
    queryFn: ({ signal }) => call("getLoggedEvent", { params: { id } }, { signal }),
    refetchInterval: ({ state }) => (state.data?.dispatch === "waiting" ? refreshMs : false),
  });
  return (
    <Page
      title={event.data === undefined ? "Event" : event.data.name}
      lead={event.data === undefined ? <Id id={id} of="event" /> : sentence(event.data)}
      actions={event.data !== undefined && <SendTo tenant={tenant} event={event.data} />}
    >
      <Loaded state={event}>
        {(data) => (
          <div className={styles["split"]}>
            <Stack>
              <Subscriptions event={data} tenant={tenant} />
            </Stack>
            <Stack>
              <Summary event={data} tenant={tenant} />
              <Told event={data} />
            </Stack>
          </div>
        )}
      </Loaded>
    </Page>
  );
}

function sentence({ dispatch, subscriptions }: WholeEvent): string {
  if (dispatch === "aside") return "Set aside: its dispatch was put off.";
  if (dispatch === "waiting") return "Waits to be dispatched.";
  if (subscriptions.length === 0) return "No subscription was there for it that you may see.";
  const wanted = subscriptions.filter(isWanted).length;
  const others = subscriptions.length - wanted;
  const by = `${wanted} ${wanted === 1 ? "subscription" : "subscriptions"}`;
  return `Wanted by ${by}${others === 0 ? "" : `, not by ${others} ${others === 1 ? "other" : "others"}: the reasons are below`}.`;
}

function isWanted({ matched, delivery }: ExplainedRule): boolean {
  return matched === true || delivery !== null;
}

interface EventProps {
  readonly event: WholeEvent;
  readonly tenant: string;
}

function Subscriptions({ event, tenant }: EventProps) {
  const wanted = event.subscriptions.filter(isWanted);
  const others = event.subscriptions.filter((rule) => !isWanted(rule));
  return (
    <>
      <Card title="Who wanted it">
        {wanted.length === 0 && <p>No subscription that you may see.</p>}
        <Stack>
          {wanted.map((rule) => (
            <ExplainedRuleText key={rule.rule} rule={rule} tenant={tenant} />
          ))}
        </Stack>
      </Card>
      {others.length > 0 && (
        <Card title="Who did not, and why">
          <Stack>
            {others.map((rule) => (
              <ExplainedRuleText key={rule.rule} rule={rule} tenant={tenant}>
                <Row>
                  <Send tenant={tenant} event={event} to={rule.rule} />
                </Row>
              </ExplainedRuleText>
            ))}
          </Stack>
        </Card>
      )}
      {event.more_subscriptions && <p>There are more subscriptions than are shown.</p>}
    </>
  );
}

function Summary({ event, tenant }: EventProps) {
  const { names, operation } = event;
  return (
    <Card title="Event">
      <Facts>
        <Fact name="Time">
          <Time at={event.time} exact />
        </Fact>
        {event.bucket !== null && (
          <Fact name="Bucket">
            <Link to="/t/$tenant/buckets/$bucket/objects" params={{ tenant, bucket: event.bucket }}>
              <Text>{event.bucket}</Text>
            </Link>
          </Fact>
        )}
        {event.key !== null && (
          <Fact name="Object">
            <LongText>{event.key}</LongText>
          </Fact>
        )}
        <Fact name="By">
          <Text>{event.actor ?? "unknown"}</Text> ({event.origin})
        </Fact>
        {operation !== null && (
          <Fact name="Operation">
            <Link to="/t/$tenant/operations/$id" params={{ tenant, id: operation.id }}>
              {operation.event}
            </Link>{" "}
            <OutcomeStatus outcome={operation.outcome} />
          </Fact>
        )}
        <Fact name="Names">
          {[
            names.objects === null ? [] : [`${names.objects} to notifications of its bucket`],
            names.notifications === null ? [] : [`${names.notifications} to who watches the resource`],
            names.lifecycle === null ? [] : [`${names.lifecycle} to functions`],
          ]
            .flat()
            .join(", ")}
        </Fact>
        <Fact name="Resource">
          <Id id={event.resource} of="resource" />
        </Fact>
        <Fact name="Id">
          <Id id={event.id} of="event" />
        </Fact>
        <Fact name="Sequence">
          <Text mono>{event.sequence}</Text>
        </Fact>
      </Facts>
    </Card>
  );
}

function Told({ event: { data } }: { readonly event: WholeEvent }) {
  const json = JSON.stringify(data, null, 2);
  return (
    <Card title="Data" actions={<CopyButton text={json} what="the event's data" />}>
      <TextBlock label="Data of the event">{json}</TextBlock>
    </Card>
  );
}

interface SendProps extends EventProps {
  /** Uuid of a subscription. */
  readonly to: string;
}

/** Opens the delivery that comes of it. */
function useSend({ id }: WholeEvent, tenant: string) {
  const queries = useQueryClient();
  const navigate = useNavigate();
  return useRequest({
    mutationFn: (subscription: string) => call("sendLoggedEvent", { params: { id }, body: { subscription } }),
    onSuccess: async ({ id: delivery }) => {
      await queries.invalidateQueries({ queryKey: ["getLoggedEvent"] });
      await navigate({ to: "/t/$tenant/deliveries/$id", params: { tenant, id: delivery } });
    },
  });
}

function Send({ event, tenant, to }: SendProps) {
  const send = useSend(event, tenant);
  return (
    <>
      <Button busy={send.isPending} disabled={event.dispatch !== "done"} onClick={() => send.mutate(to)}>
        Send it there
      </Button>
      {send.isError && <Problem error={send.error} />}
    </>
  );
}

/** To any subscription, by its id. */
function SendTo({ event, tenant }: EventProps) {
  const [isOpen, setOpen] = useState(false);
  const [to, setTo] = useState("");
  const send = useSend(event, tenant);
  const field = send.error instanceof ApiError ? send.error.field("subscription") : undefined;
  return (
    <>
      <Button disabled={event.dispatch !== "done"} onClick={() => setOpen(true)}>
        Send to…
      </Button>
      <Dialog title="Send this event" open={isOpen} onClose={() => setOpen(false)}>
        <form
          onSubmit={(submitted) => {
            submitted.preventDefault();
            send.mutate(to.trim());
          }}
        >
          <Stack>
            <p>
              To a subscription that did not get it, and is about the same thing. Its filter is not asked; it becomes a
              delivery like others.
            </p>
            <TextField
              label="Subscription"
              mono
              required
              value={to}
              onValue={setTo}
              hint="Its id, as its page shows it."
              error={field}
            />
            {send.isError && field === undefined && <Problem error={send.error} />}
            <Row>
              <Button look="primary" type="submit" busy={send.isPending}>
                Send
              </Button>
              <Button look="ghost" onClick={() => setOpen(false)}>
                Cancel
              </Button>
            </Row>
          </Stack>
        </form>
      </Dialog>
    </>
  );
}
