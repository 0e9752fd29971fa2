import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { type ReactNode, useState } from "react";
import { call } from "../../api/client.ts";
import type { Rule } from "../../api/operations.ts";
import { Button, buttonClass } from "../../parts/button.tsx";
import { Confirm } from "../../parts/dialog.tsx";
import { Problem } from "../../parts/notice.tsx";
import { Card, Fact, Facts, Row } from "../../parts/page.tsx";
import { Status, type Tone } from "../../parts/status.tsx";
import { Text } from "../../parts/text.tsx";
import { Time } from "../../parts/time.tsx";

interface RuleCardProps {
  readonly rule: Rule;
  readonly tenant: string;
  readonly onEdit: () => void;
  readonly onTest: () => void;
  /** A new secret, shown once. */
  readonly onSecret: (secret: string) => void;
  readonly children: ReactNode;
}

type Asked = "delete" | "rotate";

/** One notification of a bucket: where it goes, what it wants, how it is, and what can be done with it. */
export function RuleCard({ rule, tenant, onEdit, onTest, onSecret, children }: RuleCardProps) {
  const queries = useQueryClient();
  const [asked, setAsked] = useState<Asked>();
  const params = { bucket: rule.bucket, id: rule.id };
  const act = useMutation({
    mutationFn: async (what: Asked | "resume" | "enable" | "disable") => {
      if (what === "delete") await call("deleteRule", { params });
      else if (what === "rotate") onSecret((await call("rotateRuleSecret", { params })).signing_secret);
      else if (what === "resume") await call("resumeRule", { params });
      else await call("updateRule", { params, body: { enabled: what === "enable" } });
    },
    onSettled: async () => {
      setAsked(undefined);
      await queries.invalidateQueries({ queryKey: ["listRules"] });
    },
  });
  const { tone, word } = stateOf(rule);
  return (
    <Card>
      <Row>
        <Status tone={tone}>{word}</Status>
        <strong>
          <Text mono>{rule.url}</Text>
        </strong>
      </Row>
      <Facts>
        <Fact name="Filter">{rule.filter === null ? "Every event" : <Text mono>{rule.filter}</Text>}</Fact>
        <Fact name="Authentication">{rule.auth === null ? "None" : authNames[rule.auth.type]}</Fact>
        <Fact name="Acknowledged by">{rule.ack === "200" ? "200" : "any 2xx"}</Fact>
        <Fact name="Changed">
          <Time at={rule.updated_at} />
        </Fact>
      </Facts>
      {children}
      {act.isError && <Problem error={act.error} />}
      <Row>
        <Button onClick={onTest}>Send a test event</Button>
        <Link className={buttonClass()} to="/t/$tenant/deliveries" params={{ tenant }} search={{ rule: rule.id }}>
          Deliveries
        </Link>
        <Button onClick={onEdit}>Edit</Button>
        {rule.paused !== null && (
          <Button busy={act.isPending} onClick={() => act.mutate("resume")}>
            Resume
          </Button>
        )}
        <Button busy={act.isPending} onClick={() => act.mutate(rule.enabled ? "disable" : "enable")}>
          {rule.enabled ? "Disable" : "Enable"}
        </Button>
        <Button onClick={() => setAsked("rotate")}>New secret</Button>
        <Button look="danger" onClick={() => setAsked("delete")}>
          Delete
        </Button>
      </Row>
      <Confirm
        title={asked === "delete" ? "Delete this notification?" : "Make a new signing secret?"}
        action={asked === "delete" ? "Delete" : "Make a new one"}
        open={asked !== undefined}
        busy={act.isPending}
        onConfirm={() => asked !== undefined && act.mutate(asked)}
        onClose={() => setAsked(undefined)}
      >
        {asked === "delete"
          ? "What waits for it is never sent, and it cannot be brought back. Its deliveries stay listed."
          : "The present one goes on for a while beside it, so that the receiver can be changed without a gap."}
      </Confirm>
    </Card>
  );
}

const authNames = { basic: "Basic", bearer: "Token", header: "Authorization header" };

function stateOf({ enabled, paused }: Rule): { readonly tone: Tone; readonly word: string } {
  if (!enabled) return { tone: "quiet", word: "disabled" };
  if (paused === null) return { tone: "good", word: "on" };
  return { tone: "bad", word: paused.reason === "gone" ? "paused: the receiver said 410 Gone" : "paused: the filter" };
}
