import { useQuery } from "@tanstack/react-query";
import { call } from "../../api/client.ts";
import { Button } from "../../parts/button.tsx";
import type { DeliveryQuery } from "./delivery-search.ts";

/** So often is asked what came since, while the page is looked at. */
const refreshMs = 10_000;

interface NewerProps {
  readonly query: DeliveryQuery;
  /** Where what is newer than the list begins. */
  readonly newer: string;
  readonly onShow: () => void;
}

/** How many came since the list was read. They come into it only when they are asked for. */
export function Newer({ query, newer, onShow }: NewerProps) {
  const count = useQuery({
    queryKey: ["countDeliveries", "newer", query, newer],
    queryFn: ({ signal }) =>
      call("countDeliveries", { query: { ...query, order: "oldest", cursor: newer } }, { signal }),
    refetchInterval: refreshMs,
  });
  const number = count.data?.count ?? 0;
  return (
    <span role="status">
      {number > 0 && (
        <Button look="primary" onClick={onShow}>
          ↑ {number.toLocaleString("en")} new
        </Button>
      )}
    </span>
  );
}
