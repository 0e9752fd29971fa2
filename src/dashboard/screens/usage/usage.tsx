import { useQuery } from "@tanstack/react-query";
import { type Answer, call } from "../../api/client.ts";
import { Empty, Loading, Problem } from "../../parts/notice.tsx";
import { Card, Page, Stack } from "../../parts/page.tsx";
import { Table } from "../../parts/table.tsx";
import { Text } from "../../parts/text.tsx";
import { bytes } from "../../parts/time.tsx";

/** What was done day by day, and how much of the quotas is taken. */
export function Usage() {
  const usage = useQuery({
    queryKey: ["getUsage"],
    queryFn: ({ signal }) => call("getUsage", {}, { signal }),
  });
  return (
    <Page title="Usage" lead="By day and subscription, and what is left of the quotas.">
      {usage.isPending && <Loading />}
      {usage.isError && <Problem error={usage.error} onRetry={() => void usage.refetch()} />}
      {usage.data !== undefined && <Figures data={usage.data} />}
    </Page>
  );
}

function Figures({ data }: { readonly data: Answer<"getUsage"> }) {
  const figure = (resource: string, value: number): string =>
    resource === "bytes" ? bytes(value) : value.toLocaleString("en");
  return (
    <Stack>
      {data.quotas.length > 0 && (
        <Card title="Quotas">
          <Table
            label="Quotas"
            items={data.quotas}
            keyOf={({ name }) => name}
            columns={[
              { name: "Of", wide: true, cell: ({ name }) => name.replaceAll("_", " ") },
              { name: "Taken", isNumber: true, cell: ({ name, used }) => (used === null ? "–" : figure(name, used)) },
              {
                name: "At most",
                isNumber: true,
                cell: ({ name, limit }) => (limit === null ? "–" : figure(name, limit)),
              },
            ]}
          />
        </Card>
      )}
      {data.usage.length === 0 ? (
        <Empty title="Nothing was sent in this time" />
      ) : (
        <Table
          label="Usage by day"
          items={data.usage}
          keyOf={({ day, bucket_uuid, rule }) => `${day} ${bucket_uuid} ${rule ?? ""}`}
          columns={[
            { name: "Day", cell: ({ day }) => day },
            { name: "Bucket", wide: true, cell: ({ bucket, bucket_uuid }) => <Text>{bucket ?? bucket_uuid}</Text> },
            { name: "Accepted", isNumber: true, cell: ({ accepted }) => accepted.toLocaleString("en") },
            { name: "Attempts", isNumber: true, cell: ({ attempts }) => attempts.toLocaleString("en") },
            { name: "Delivered", isNumber: true, cell: ({ delivered }) => delivered.toLocaleString("en") },
            { name: "Dead", isNumber: true, cell: ({ dead }) => dead.toLocaleString("en") },
          ]}
        />
      )}
    </Stack>
  );
}
