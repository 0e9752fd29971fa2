import { Link } from "@tanstack/react-router";
import type { ExplainedRule } from "../../api/operations.ts";
import { FunctionName } from "../../parts/function-name.tsx";
import { Row, Stack } from "../../parts/page.tsx";
import { Status } from "../../parts/status.tsx";
import { Text } from "../../parts/text.tsx";

const kinds: Readonly<Record<ExplainedRule["target"], string>> = {
  webhook: "by webhook",
  email: "by e-mail",
  function: "run",
};

interface ExplainedRuleProps {
  readonly rule: ExplainedRule;
  readonly tenant: string;
}

/** What a subscription made of an event. */
export function ExplainedRuleText({ rule, tenant }: ExplainedRuleProps) {
  const { matched, delivery, said, reasons, to, function_id: fn } = rule;
  return (
    <Stack>
      <Row>
        <Status tone={matched === true ? "good" : "quiet"}>{matched === true ? "wanted it" : "did not"}</Status>
        <Text max={400}>{said}</Text>
        <Link to="/t/$tenant/subscriptions/$id" params={{ tenant, id: rule.rule }}>
          {fn === null ? <Text max={80}>{to}</Text> : <FunctionName id={fn} />}
        </Link>
        <span>{kinds[rule.target]}</span>
        {delivery !== null && (
          <Link to="/t/$tenant/deliveries/$id" params={{ tenant, id: delivery.id }}>
            {delivery.status}
          </Link>
        )}
      </Row>
      {rule.filter !== null && (
        <p>
          <Text mono max={200}>
            {rule.filter}
          </Text>
        </p>
      )}
      {reasons.length > 1 &&
        reasons.map((reason) => (
          <p key={reason}>
            <Text max={400}>{reason}</Text>
          </p>
        ))}
    </Stack>
  );
}
