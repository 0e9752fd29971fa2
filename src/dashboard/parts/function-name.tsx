import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { call } from "../api/client.ts";
import { reaches, useSelf } from "../api/session.ts";
import { Text } from "./text.tsx";

/** Names change seldom, and the function's own page has the present one. */
const freshMs = 300_000;

/** A function by the number that subscriptions and deliveries have of it; the page of a viewer who may not see functions shows the number alone. */
function useFunction(id: number) {
  const mayKnow = reaches(useSelf(), "developer");
  const known = useQuery({
    queryKey: ["findFunction", id],
    queryFn: ({ signal }) => call("findFunction", { params: { id: String(id) } }, { signal }),
    enabled: mayKnow,
    staleTime: freshMs,
    // One that was deleted has no name any more.
    retry: false,
  });
  return known.data;
}

interface FunctionProps {
  /** Its number. */
  readonly id: number;
}

/** Its name; its number until that is known. */
export function FunctionName({ id }: FunctionProps) {
  const fn = useFunction(id);
  return fn === undefined ? <>function {id}</> : <Text max={80}>{fn.name}</Text>;
}

/** The same, leading to the function. */
export function FunctionLink({ id }: FunctionProps) {
  const { tenant } = useParams({ from: "/t/$tenant" });
  const fn = useFunction(id);
  if (fn === undefined) return <>function {id}</>;
  return (
    <Link
      to="/t/$tenant/functions/$app/$fn/$tab"
      params={{ tenant, app: fn.app_slug, fn: fn.slug, tab: "code" }}
      search={{}}
    >
      <Text max={80}>{fn.name}</Text>
    </Link>
  );
}
