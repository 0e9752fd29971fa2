import { useQuery } from "@tanstack/react-query";
import { call } from "../../api/client.ts";
import type { DeliveryQuery } from "./delivery-search.ts";

/** Answers that are added up; each looks through some 100,000 deliveries. */
const mostAnswers = 5;

/** How many deliveries fit. */
export function Fit({ query }: { readonly query: DeliveryQuery }) {
  const count = useQuery({
    queryKey: ["countDeliveries", query],
    queryFn: async ({ signal }) => {
      let [count, cursor]: [number, string | undefined] = [0, undefined];
      for (let asked = 0; asked < mostAnswers && (asked === 0 || cursor !== undefined); asked++) {
        const page: { readonly count: number; readonly next_cursor?: string | undefined } = await call(
          "countDeliveries",
          { query: { ...query, ...(cursor === undefined ? {} : { cursor }) } },
          { signal },
        );
        count += page.count;
        cursor = page.next_cursor;
      }
      return { count, isMore: cursor !== undefined };
    },
  });
  if (count.data === undefined) return <>One for each event that a subscription wanted.</>;
  const { count: number, isMore } = count.data;
  return (
    <>{`${number.toLocaleString("en")}${isMore ? " or more" : ""} ${number === 1 && !isMore ? "delivery" : "deliveries"}`}</>
  );
}
