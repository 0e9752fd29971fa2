import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { useCallback, useState } from "react";
import type { Delivery } from "../../../client/operations.ts";
import { Button } from "../../parts/button.tsx";
import { SearchField, SelectField } from "../../parts/field.tsx";
import { FilterBar, Toggles } from "../../parts/filter-bar.tsx";
import { FunctionName } from "../../parts/function-name.tsx";
import { Loaded } from "../../parts/loaded.tsx";
import { Empty } from "../../parts/notice.tsx";
import { Page, Row, Stack } from "../../parts/page.tsx";
import { VirtualList } from "../../parts/virtual-list.tsx";
import { deliveriesList } from "./deliveries-list.ts";
import {
  type DeliverySearch,
  deliveryStatuses,
  filterFields,
  queryOf,
  ranges,
  redriveOf,
  statusesOf,
} from "./delivery-search.ts";
import { Fit } from "./fit.tsx";
import { Newer } from "./newer.tsx";
import { RedriveAll } from "./redrive-all.tsx";
import { RedriveChosen } from "./redrive-chosen.tsx";
import { useDeliveryColumns } from "./rows.tsx";

const fields = filterFields.map((field) =>
  field.name === "function" ? { ...field, shown: (id: string) => <FunctionName id={Number(id)} /> } : field,
);
const nameOf = ({ status, event }: Delivery): string => `${status} ${event.key ?? event.name}`;

/** What became of events, newest first; every filter is in the address, and rows never move by themselves. */
export function Deliveries() {
  const { tenant } = useParams({ from: "/t/$tenant" });
  const search = useSearch({ from: "/t/$tenant/deliveries" });
  const navigate = useNavigate({ from: "/t/$tenant/deliveries" });
  const queries = useQueryClient();
  const [readAt, setReadAt] = useState(() => Date.now());
  const [chosen, setChosen] = useState<ReadonlySet<string>>(() => new Set());
  const query = queryOf(search, readAt);
  const list = useQuery(deliveriesList(query));
  const columns = useDeliveryColumns(tenant);
  const set = (change: DeliverySearch): void =>
    void navigate({ search: (before: DeliverySearch) => ({ ...before, ...change }), replace: true });
  const renew = (): void => {
    setReadAt(Date.now());
    void list.refetch();
    void queries.invalidateQueries({ queryKey: ["countDeliveries"] });
  };
  const choose = useCallback(
    ({ id }: Delivery) =>
      setChosen((before) => {
        const after = new Set(before);
        if (!after.delete(id)) after.add(id);
        return after;
      }),
    [],
  );
  const statuses = statusesOf(search);
  const isNarrowed = Object.keys(search).length > 0;
  return (
    <Page
      title="Deliveries"
      lead={<Fit query={query} />}
      actions={
        <>
          {list.data?.newer !== undefined && query.order !== "oldest" && (
            <Newer query={query} newer={list.data.newer} onShow={renew} />
          )}
          <Button busy={list.isRefetching} onClick={renew}>
            Refresh
          </Button>
          <RedriveAll tenant={tenant} narrowed={redriveOf(query)} />
        </>
      }
    >
      <Stack>
        <FilterBar
          fields={fields}
          values={search}
          onFilter={(name, value) => set({ [name]: value, ...(name === "since" ? { last: undefined } : {}) })}
        >
          <Toggles
            label="Status"
            values={deliveryStatuses}
            on={statuses}
            onToggle={(value) => {
              const on = deliveryStatuses.filter((one) => statuses.includes(one) !== (one === value));
              set({ status: on.length === 0 ? undefined : on.join(",") });
            }}
          />
          <SearchField
            label="Key begins with"
            mono
            value={search.key_prefix ?? ""}
            onSearch={(value) => set({ key_prefix: value === "" ? undefined : value })}
          />
          <SelectField
            label="Time"
            value={ranges.find(({ value }) => value === search.last)?.value ?? ""}
            options={ranges}
            onValue={(value) => {
              setReadAt(Date.now());
              set({ last: value === "" ? undefined : value, since: undefined });
            }}
          />
        </FilterBar>
        {chosen.size > 0 && <RedriveChosen ids={chosen} onClear={() => setChosen(new Set())} onSent={renew} />}
        <Loaded state={list}>
          {(shown) =>
            shown.total === 0 && !shown.hasMore ? (
              <Empty
                title={isNarrowed ? "Nothing fits" : "Nothing was sent yet"}
                action={
                  isNarrowed && (
                    <Row>
                      <Button onClick={() => void navigate({ search: {} })}>Take all filters away</Button>
                    </Row>
                  )
                }
              >
                <p>
                  {isNarrowed
                    ? "No delivery that you see is like this."
                    : "An event that a subscription wants makes a delivery. Write an object into a bucket that has one."}
                </p>
              </Empty>
            ) : (
              <VirtualList<Delivery>
                label="Deliveries"
                list={shown}
                columns={columns}
                keyOf={({ id }) => id}
                nameOf={nameOf}
                onOpen={({ id }) => void navigate({ to: "/t/$tenant/deliveries/$id", params: { tenant, id } })}
                chosen={chosen}
                onChoose={choose}
              />
            )
          }
        </Loaded>
      </Stack>
    </Page>
  );
}
