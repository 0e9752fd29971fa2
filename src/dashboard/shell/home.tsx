import { Navigate } from "@tanstack/react-router";
import { useSession } from "../api/session.ts";
import { Loading, Problem } from "../parts/notice.tsx";
import { Login } from "../screens/login/login.tsx";

/** Leads to the tenant of the principal that is logged in. */
export function Home() {
  const session = useSession();
  if (session.isPending) return <Loading />;
  if (session.isError) return <Problem error={session.error} onRetry={() => void session.refetch()} />;
  if (session.data === null) return <Login />;
  return <Navigate to="/t/$tenant" params={{ tenant: session.data.tenant }} replace />;
}
