import { useQueryClient } from "@tanstack/react-query";
import type { ReactNode } from "react";
import type { ListedRule, Rule } from "../../../client/operations.ts";
import { call } from "../../api/client.ts";
import { Button } from "../../parts/button.tsx";
import { Card, Fact, Facts, Row } from "../../parts/page.tsx";
import { Status, type Tone } from "../../parts/status.tsx";
import { Text } from "../../parts/text.tsx";
import { Time } from "../../parts/time.tsx";
import { type SubscriptionAction, SubscriptionActions } from "../subscriptions/actions.tsx";
import { authNames } from "../subscriptions/auth-draft.ts";
import { ListedHealth } from "../subscriptions/health.tsx";
import { formatTexts } from "../subscriptions/request-draft.ts";
import { DestinationLink } from "../subscriptions/target.tsx";

interface RuleCardProps {
  readonly rule: ListedRule;
  readonly tenant: string;
  readonly onEdit: () => void;
  readonly isTesting: boolean;
  readonly onTest: () => void;
  readonly children: ReactNode;
}

/** One notification of a bucket: where it goes, what it wants, how it is, and what can be done with it. */
export function RuleCard({ rule, tenant, onEdit, isTesting, onTest, children }: RuleCardProps) {
  const queries = useQueryClient();
  const { bucket, id } = rule;
  const act = async (what: SubscriptionAction): Promise<string | undefined> => {
    const params = { bucket, id };
    const at = { ifMatch: rule.etag };
    if (what === "rotate") return (await call("rotateRuleSecret", { params }, at)).signing_secret;
    if (what === "delete") await call("deleteRule", { params }, at);
    else if (what === "resume") await call("resumeRule", { params }, at);
    else await call("updateRule", { params, body: { enabled: what === "enable" } }, at);
    return undefined;
  };
  const { tone, word } = stateOf(rule);
  const acknowledged = rule.health?.last_acknowledged_at;
  return (
    <Card>
      <strong>
        {rule.destination === null ? (
          <Text mono>{rule.url}</Text>
        ) : (
          <>
            Destination{" "}
            {rule.paused?.reason === "destination" ? (
              <Text>{rule.destination}</Text>
            ) : (
              <DestinationLink name={rule.destination} tenant={tenant} />
            )}
          </>
        )}
      </strong>
      <Row>
        <Status tone={tone}>{word}</Status>
        {rule.health !== undefined && rule.enabled && rule.paused === null && <ListedHealth health={rule.health} />}
      </Row>
      <Facts>
        <Fact name="Filter">{rule.filter === null ? "Every event" : <Text mono>{rule.filter}</Text>}</Fact>
        <Fact name="Authentication">{rule.auth === null ? "None" : authNames[rule.auth.type]}</Fact>
        <Fact name="Acknowledged by">{rule.ack === "200" ? "200" : "any 2xx"}</Fact>
        <Fact name="Format">{formatTexts[rule.format]}</Fact>
        <Fact name="Last acknowledged">{typeof acknowledged === "string" ? <Time at={acknowledged} /> : "never"}</Fact>
        <Fact name="Changed">
          <Time at={rule.updated_at} />
        </Fact>
      </Facts>
      {children}
      <SubscriptionActions
        id={id}
        tenant={tenant}
        noun="notification"
        enabled={rule.enabled}
        isPaused={rule.paused !== null}
        isSigned={rule.destination === null}
        act={act}
        onSettled={() => queries.invalidateQueries({ queryKey: ["listRules"] })}
      >
        <Button busy={isTesting} onClick={onTest}>
          Send a test event
        </Button>
        <Button onClick={onEdit}>Edit</Button>
      </SubscriptionActions>
    </Card>
  );
}

const pauses = { gone: "the receiver said 410 Gone", filter: "the filter", destination: "its destination was deleted" };

function stateOf({ enabled, paused }: Rule): { readonly tone: Tone; readonly word: string } {
  if (!enabled) return { tone: "quiet", word: "disabled" };
  if (paused === null) return { tone: "good", word: "on" };
  return { tone: "bad", word: `paused: ${pauses[paused.reason]}` };
}
