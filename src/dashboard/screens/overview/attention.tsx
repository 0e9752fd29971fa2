import { useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { type Answer, call } from "../../api/client.ts";
import { useRequest } from "../../api/request.ts";
import { Button, buttonClass } from "../../parts/button.tsx";
import { Problem } from "../../parts/notice.tsx";
import { Card, Row } from "../../parts/page.tsx";
import { Table } from "../../parts/table.tsx";
import { HealthReason, HealthStatus, openFigure } from "../subscriptions/health.tsx";
import { TargetLink } from "../subscriptions/target.tsx";

type Overview = Answer<"getOverview">;
type Troubled = Overview["needs_attention"][number];

interface AttentionProps {
  readonly tenant: string;
  readonly troubled: readonly Troubled[];
}

/** Subscriptions that need attention, with what can be done beside them. */
export function Attention({ tenant, troubled }: AttentionProps) {
  const queries = useQueryClient();
  const resume = useRequest({
    mutationFn: (id: string) => call("resumeSubscription", { params: { id } }),
    alongside: true,
    onSettled: () => queries.invalidateQueries({ queryKey: ["getOverview"] }),
  });
  return (
    <Card title="Needs attention">
      {resume.isError && <Problem error={resume.error} />}
      {troubled.length === 0 ? (
        <p>Nothing does.</p>
      ) : (
        <Table
          label="Needs attention"
          items={troubled}
          keyOf={({ subscription: { id } }) => id}
          columns={[
            { name: "State", cell: ({ health }) => <HealthStatus health={health} /> },
            {
              name: "Target",
              wide: true,
              cell: ({ subscription }) => <TargetLink subscription={subscription} tenant={tenant} />,
            },
            { name: "Why", cell: (one) => <Why troubled={one} /> },
            { name: "Dead", isNumber: true, cell: ({ health: { dead } }) => openFigure(dead) },
            {
              name: "Actions",
              cell: ({ subscription: { id }, health: { state, dead } }) => (
                <Row>
                  {state === "paused" && (
                    <Button busy={resume.isPending && resume.variables === id} onClick={() => resume.mutate(id)}>
                      Resume
                    </Button>
                  )}
                  <Link
                    className={buttonClass()}
                    to="/t/$tenant/deliveries"
                    params={{ tenant }}
                    search={{ rule: id, ...(dead > 0 ? { status: "dead" } : { status: "waiting" }) }}
                  >
                    {dead > 0 ? "Dead letters" : "What waits"}
                  </Link>
                </Row>
              ),
            },
          ]}
        />
      )}
    </Card>
  );
}

const pauses = {
  gone: "410 Gone",
  disabled: "function disabled",
  owner_ended: "owner has ended",
  owner_role: "owner's role changed",
  filter: "filter cannot be read",
  destination: "destination deleted",
} as const;

function Why({ troubled: { subscription, health } }: { readonly troubled: Troubled }) {
  return subscription.paused === null ? <HealthReason health={health} /> : pauses[subscription.paused.reason];
}
