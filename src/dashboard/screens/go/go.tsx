import { useQuery } from "@tanstack/react-query";
import { Link, Navigate, useParams } from "@tanstack/react-router";
import { type Answer, ApiError, call } from "../../api/client.ts";
import { reaches, useSelf } from "../../api/session.ts";
import { idPlace, isBareId } from "../../parts/id-place.ts";
import { Empty, Loading, Problem } from "../../parts/notice.tsx";
import { Page, Stack } from "../../parts/page.tsx";
import { Text } from "../../parts/text.tsx";

/** Whatever an id stands for: leads there, or says what it is not. */
export function Go() {
  const { tenant, id } = useParams({ from: "/t/$tenant/go/$id" });
  const root = `/t/${encodeURIComponent(tenant)}/`;
  const place = idPlace(id);
  const isDeveloper = reaches(useSelf(), "developer");
  const looked = useQuery({
    queryKey: ["go", id],
    queryFn: ({ signal }) => (isBareId(id) ? eventOrOperation(id, isDeveloper, signal) : lookUp(id, signal)),
    enabled: place?.path === `go/${id}`,
  });
  if (place === undefined)
    return <NoPlace id={id}>It is no id: those are uuids, most of which end in three digits.</NoPlace>;
  if (place.path !== `go/${id}`) return <Navigate to={`${root}${place.path}`} replace />;
  if (looked.isError) {
    return (
      <Page title="Open an id">
        <Problem error={looked.error} onRetry={() => void looked.refetch()} />
      </Page>
    );
  }
  if (looked.data === undefined) {
    return (
      <Page title="Open an id">
        <Loading />
      </Page>
    );
  }
  if ("to" in looked.data) return <Navigate to={`${root}${looked.data.to}`} replace />;
  return <NoPlace id={id}>{looked.data.why}</NoPlace>;
}

type Found = { readonly to: string } | { readonly why: string };

/** Most pages of names that are looked through for an id that only its name leads to. */
const mostPages = 20;

async function lookUp(id: string, signal: AbortSignal): Promise<Found> {
  switch (id.slice(-3)) {
    case "002": {
      const { systemId, path } = await call("getFile", { params: { uuid: id } }, { signal });
      return { to: `buckets/${encodeURIComponent(systemId)}/explain?key=${encodeURIComponent(path)}` };
    }
    case "005":
      await call("getApp", { params: { app: id } }, { signal });
      return { to: "functions" };
    case "101":
      return bucketOf(id, signal);
    case "102":
      return functionOf(id, signal);
    case "900":
      return {
        why: "It is a resource of your platform, which keeps it: here are only subscriptions to what becomes of it.",
      };
    default:
      return { why: `Its last three digits, ${id.slice(-3)}, are of no kind that is known here.` };
  }
}

async function eventOrOperation(id: string, isDeveloper: boolean, signal: AbortSignal): Promise<Found> {
  try {
    await call("getLoggedEvent", { params: { id } }, { signal });
    return { to: `events/${id}` };
  } catch (thrown) {
    if ((thrown as Partial<ApiError>).code !== "not_found") throw thrown;
  }
  const why =
    "There is no event with this id, and no operation with hooks; or it is not yours to see, or kept no longer.";
  if (!isDeveloper) return { why };
  try {
    await call("getOperation", { params: { operation_id: id } }, { signal });
    return { to: `operations/${id}` };
  } catch (thrown) {
    if ((thrown as Partial<ApiError>).code !== "not_found") throw thrown;
    return { why };
  }
}

async function bucketOf(id: string, signal: AbortSignal): Promise<Found> {
  let cursor: string | undefined;
  for (let page = 0; page < mostPages; page += 1) {
    const query = { limit: 100, ...(cursor === undefined ? {} : { cursor }) };
    const { buckets, next_cursor: next }: Answer<"listBuckets"> = await call("listBuckets", { query }, { signal });
    const found = buckets.find(({ uuid }) => uuid === id);
    if (found !== undefined) return { to: `buckets/${encodeURIComponent(found.name)}/settings` };
    if (next === undefined) return { why: "It is the id of a bucket, which does not exist, or is not yours to see." };
    cursor = next;
  }
  return { why: "It is the id of a bucket that is not among the first 2,000: open it by its name." };
}

/** A function's address names its app. */
async function functionOf(id: string, signal: AbortSignal): Promise<Found> {
  try {
    const { app_slug: app, slug } = await call("findFunction", { params: { id } }, { signal });
    return { to: `functions/${encodeURIComponent(app)}/${encodeURIComponent(slug)}/code` };
  } catch (thrown) {
    if (!(thrown instanceof ApiError) || thrown.code !== "not_found") throw thrown;
    return { why: "It is the id of a function, which does not exist, or is not yours to see." };
  }
}

function NoPlace({ id, children }: { readonly id: string; readonly children: string }) {
  const { tenant } = useParams({ from: "/t/$tenant/go/$id" });
  return (
    <Page title="Nothing to open">
      <Stack>
        <Empty
          title="This id leads nowhere"
          action={
            <Link to="/t/$tenant" params={{ tenant }}>
              Go to the overview
            </Link>
          }
        >
          <p>
            <Text mono>{id}</Text>
          </p>
          <p>{children}</p>
        </Empty>
      </Stack>
    </Page>
  );
}
