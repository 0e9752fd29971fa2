import { useQuery } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { call } from "../../api/client.ts";
import { useLiveState, useNews } from "../../api/live.ts";
import { Button } from "../../parts/button.tsx";
import type { DeliveryQuery } from "./delivery-search.ts";

/** So often is counted at the most, and only when something has happened. */
const countEveryMs = 2_000;

interface NewerProps {
  readonly query: DeliveryQuery;
  /** Where what is newer than the list begins. */
  readonly newer: string;
  readonly onShow: () => void;
}

/** How many came since the list was read. They come into it only when they are asked for. */
export function Newer({ query, newer, onShow }: NewerProps) {
  const { data, refetch } = useQuery({
    queryKey: ["countDeliveries", "newer", query, newer],
    queryFn: ({ signal }) =>
      call("countDeliveries", { query: { ...query, order: "oldest", cursor: newer } }, { signal }),
    enabled: false,
  });
  // Something may have come between the list and the stream.
  const isDue = useRef(true);
  const state = useLiveState();
  useEffect(() => {
    isDue.current = true;
  }, [state, newer]);
  useNews(["deliveries"], () => {
    isDue.current = true;
  });
  useEffect(() => {
    const timer = setInterval(() => {
      if (!isDue.current || document.hidden) return;
      isDue.current = false;
      void refetch();
    }, countEveryMs);
    return () => clearInterval(timer);
  }, [refetch]);
  const number = data?.count ?? 0;
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
