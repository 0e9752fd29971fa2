import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { call } from "../../api/client.ts";
import { reaches, useSelf } from "../../api/session.ts";
import { SearchField } from "../../parts/field.tsx";
import { Loaded } from "../../parts/loaded.tsx";
import { Card, Page, Stack } from "../../parts/page.tsx";
import { Table } from "../../parts/table.tsx";
import { Text } from "../../parts/text.tsx";

/** The event types of operations: what functions may be asked about before, and told of after. */
export function Catalog() {
  const { tenant } = useParams({ from: "/t/$tenant" });
  const { name = "" } = useSearch({ from: "/t/$tenant/catalog" });
  const navigate = useNavigate({ from: "/t/$tenant/catalog" });
  const types = useQuery({
    queryKey: ["listEvents"],
    queryFn: ({ signal }) => call("listEvents", {}, { signal }),
    staleTime: 60_000,
  });
  const fits = (type: string): boolean => type.toLowerCase().includes(name.toLowerCase());
  return (
    <Page
      title="Catalog"
      lead="Event types of operations: before them functions agree, change or refuse; after them functions are told."
    >
      <Stack>
        <Card>
          <SearchField
            label="Name"
            value={name}
            onSearch={(text) => void navigate({ search: text === "" ? {} : { name: text }, replace: true })}
          />
        </Card>
        <Loaded state={types}>
          {({ events }) => (
            <>
              <Types
                title="Before an operation"
                tenant={tenant}
                names={events.filter((one) => one.startsWith("PRE_") && fits(one))}
              />
              <Types
                title="After an operation"
                tenant={tenant}
                names={events.filter((one) => !one.startsWith("PRE_") && fits(one))}
              />
            </>
          )}
        </Loaded>
      </Stack>
    </Page>
  );
}

interface TypesProps {
  readonly title: string;
  readonly tenant: string;
  readonly names: readonly string[];
}

/** What one is like is for developers. */
function Types({ title, tenant, names }: TypesProps) {
  const isDeveloper = reaches(useSelf(), "developer");
  return (
    <Card title={title}>
      {names.length === 0 ? (
        <p>None is called so.</p>
      ) : (
        <Table
          label={title}
          items={names}
          keyOf={(name) => name}
          columns={[
            {
              name: "Event type",
              wide: true,
              cell: (type) =>
                isDeveloper ? (
                  <Link to="/t/$tenant/catalog/$type" params={{ tenant, type }}>
                    {type}
                  </Link>
                ) : (
                  <Text mono>{type}</Text>
                ),
            },
          ]}
        />
      )}
    </Card>
  );
}
