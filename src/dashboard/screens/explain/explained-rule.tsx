import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import type { ExplainedRule } from "../../../client/operations.ts";
import { FunctionName } from "../../parts/function-name.tsx";
import { Row } from "../../parts/page.tsx";
import { Status, type Tone } from "../../parts/status.tsx";
import { SubscriptionName } from "../../parts/subscription-name.tsx";
import { Text } from "../../parts/text.tsx";
import { DeliveryStatus } from "../deliveries/delivery-status.tsx";
import styles from "./explained-rule.module.css";

interface ExplainedRuleProps {
  readonly rule: ExplainedRule;
  readonly tenant: string;
  /** What can be done with it. */
  readonly children?: ReactNode;
}

/** What a subscription made of an event: whether it matched, where it sends to, and why. */
export function ExplainedRuleText({ rule, tenant, children }: ExplainedRuleProps) {
  const { delivery, reasons, function_id: fn, to } = rule;
  const { tone, word } = verdictOf(rule);
  return (
    <div className={styles["rule"]}>
      <Row>
        <Status tone={tone}>{word}</Status>
        <Link to="/t/$tenant/subscriptions/$id" params={{ tenant, id: rule.rule }}>
          {fn === null ? <SubscriptionName id={rule.rule} or={to} /> : <FunctionName id={fn} />}
        </Link>
        {delivery !== null && (
          <Link to="/t/$tenant/deliveries/$id" params={{ tenant, id: delivery.id }}>
            <DeliveryStatus status={delivery.status} />
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
      {word === "did not match" ? (
        <ul className={styles["reasons"]}>
          {reasons.map((reason) => (
            <li key={reason}>
              <Text max={400}>{reason}</Text>
            </li>
          ))}
        </ul>
      ) : (
        <p className={styles["quiet"]}>
          <Text max={400}>{capital(rule.said)}</Text>
        </p>
      )}
      {children}
    </div>
  );
}

function verdictOf({ matched, delivery }: ExplainedRule): { readonly tone: Tone; readonly word: string } {
  if (matched === true) return { tone: "good", word: "matched" };
  if (delivery !== null) return { tone: "quiet", word: "sent on request" };
  return matched === null ? { tone: "quiet", word: "not known" } : { tone: "quiet", word: "did not match" };
}

function capital(sentence: string): string {
  return `${sentence.slice(0, 1).toUpperCase()}${sentence.slice(1)}.`;
}
