import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { useState } from "react";
import { type Answer, call, see } from "../../api/client.ts";
import { useRequest } from "../../api/request.ts";
import { reaches, useSelf } from "../../api/session.ts";
import { Button } from "../../parts/button.tsx";
import { CopyButton } from "../../parts/copy.tsx";
import { Countdown } from "../../parts/countdown.tsx";
import { Loaded } from "../../parts/loaded.tsx";
import { Card, Fact, Facts, Page, Row, Stack } from "../../parts/page.tsx";
import { Text } from "../../parts/text.tsx";
import { Time } from "../../parts/time.tsx";
import { TestResult, type Tried } from "../buckets/test-result.tsx";
import { authNames } from "../subscriptions/auth-draft.ts";
import { requestParts } from "../subscriptions/request-draft.ts";
import { retryParts } from "../subscriptions/sending-draft.ts";
import { DestinationActions } from "./actions.tsx";
import { ackTexts, draftOf } from "./draft.ts";
import { DestinationStatus } from "./status.tsx";
import { GoingThere } from "./users.tsx";

type Shown = Answer<"getDestination">;

/** One destination: where it goes and with what, what goes there, and what can be done with it. */
export function DestinationScreen() {
  const { tenant, name } = useParams({ from: "/t/$tenant/destinations/$name" });
  const destination = useQuery({
    queryKey: ["getDestination", name, "seen"],
    queryFn: ({ signal }) => see("getDestination", { params: { name } }, { signal }),
  });
  return (
    <Page
      title="Destination"
      lead={
        <Link to="/t/$tenant/destinations" params={{ tenant }} search={{}}>
          All destinations
        </Link>
      }
    >
      <Loaded state={destination} rows={12}>
        {({ data, etag }) => (
          <Stack>
            <Summary key={data.name} data={data} etag={etag} tenant={tenant} />
            <GoingThere name={data.name} users={data.users} tenant={tenant} />
          </Stack>
        )}
      </Loaded>
    </Page>
  );
}

interface SummaryProps {
  readonly data: Shown;
  readonly etag: string | undefined;
  readonly tenant: string;
}

function Summary({ data, etag, tenant }: SummaryProps) {
  const mayChange = reaches(useSelf(), "developer");
  const queries = useQueryClient();
  const { name } = data;
  const [tried, setTried] = useState<Tried>();
  const testing = useRequest({
    mutationFn: () => call("testDestination", { params: { name } }),
    onMutate: () => setTried({ id: name, state: "sending" }),
    onSuccess: (result) => setTried({ id: name, state: "sent", result }),
    onError: (error) => setTried({ id: name, state: "failed", error }),
  });
  return (
    <Card>
      <Row>
        <DestinationStatus destination={data} />
        <strong>
          <Text>{name}</Text>
        </strong>
        <Text mono max={160}>
          {data.target.url}
        </Text>
      </Row>
      {data.previous_secret_until !== null && (
        <p>
          The signing secret before the present one signs too until <Time at={data.previous_secret_until} exact />:{" "}
          <Countdown until={data.previous_secret_until} over="it is over" />
        </p>
      )}
      <Settings data={data} />
      {mayChange && (
        <>
          <DestinationActions
            name={name}
            etag={etag}
            tenant={tenant}
            onChanged={() => queries.invalidateQueries({ queryKey: ["getDestination", name] })}
          >
            <Button busy={testing.isPending} onClick={() => testing.mutate()}>
              Send a test
            </Button>
          </DestinationActions>
          {tried !== undefined && <TestResult tried={tried} />}
        </>
      )}
    </Card>
  );
}

function Settings({ data }: { readonly data: Shown }) {
  const { target, tags, arn } = data;
  const draft = draftOf(data);
  const facts = [
    ["Acknowledged by", ackTexts[draft.ack]],
    ["Time limit of an attempt, in ms", draft.timeoutMs],
    ...retryParts(draft).map(([part, text]) => [part, text === "" ? "as each of them has it" : text] as const),
    ["Raises alerts", draft.alerts ? "yes" : "no"],
    ...requestParts(draft).map(([part, text]) => [part, text === "" ? "none" : text] as const),
  ] as const;
  return (
    <Facts>
      <Fact name="Authentication">{target.auth === null ? "None" : authNames[target.auth.type]}</Fact>
      {facts.map(([part, text]) => (
        <Fact key={part} name={part}>
          <Text max={400}>{text}</Text>
        </Fact>
      ))}
      {Object.keys(tags).length > 0 && (
        <Fact name="Tags">
          {Object.entries(tags).map(([key, value]) => (
            <div key={key}>
              <Text>{key}</Text>: <Text>{value}</Text>
            </div>
          ))}
        </Fact>
      )}
      <Fact name="ARN, for S3's notification configuration">
        <Row>
          <Text mono>{arn}</Text>
          <CopyButton text={arn} what="the ARN" />
        </Row>
      </Fact>
      <Fact name="Created">
        <Time at={data.created_at} exact />
      </Fact>
      <Fact name="Changed">
        <Time at={data.updated_at} exact />
      </Fact>
    </Facts>
  );
}
