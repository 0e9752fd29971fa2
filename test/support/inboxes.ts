/** A host's database with an inbox, and a Signalbox that moves its events. */
import { Client } from "pg";
import { installInbox } from "../../src/inbox/postgres/install.ts";
import { defineEvent, EventService, type Host, type Signalbox } from "../../src/index.ts";
import { type RunningServer, runServer } from "./in-process.ts";
import type { PostgresServer } from "./postgres.ts";
import { until } from "./until.ts";

export const orderPlaced = defineEvent({
  name: "POST_ORDER_PLACE",
  phase: "post",
  resource: "order",
  schema: {
    type: "object",
    properties: { id: { type: "integer" }, uuid: { type: "string" }, note: { type: "string" }, card: {} },
    required: ["id"],
  },
  sensitive: ["card"],
});

/** As the API shows it in the log. */
export interface LoggedEvent {
  readonly id: string;
  readonly sequence: string;
  readonly resource: string;
  readonly names: Readonly<Record<string, string>>;
  readonly actor?: string;
  readonly time: string;
}

export interface Shop extends AsyncDisposable {
  readonly url: string;
  readonly server: RunningServer;
  readonly signalbox: Signalbox;
  readonly events: EventService;
  /** A connection of the host's own. Ends with the shop. */
  connect(user?: string): Promise<Client>;
  /** One statement, on a connection of the host's own. */
  sql<Row extends object>(text: string, values?: readonly unknown[]): Promise<Row[]>;
  /** The events of the log, the oldest first. */
  logged(tenant?: string): Promise<LoggedEvent[]>;
  /** The whole of one of them. */
  params(event: LoggedEvent | undefined): Promise<unknown>;
  /** Waits until nothing waits in the inbox. */
  drained(): Promise<void>;
}

export async function connected(url: string): Promise<Client> {
  const client = new Client({ connectionString: url });
  client.on("error", () => {});
  await client.connect();
  return client;
}

export async function loggedEvents(
  api: <T>(method: string, path: string) => Promise<T>,
  query = "limit=100",
): Promise<LoggedEvent[]> {
  const found: LoggedEvent[] = [];
  let cursor = "";
  for (;;) {
    const page = await api<{ events: LoggedEvent[]; next_cursor?: string }>(
      "GET",
      `/api/cloud/event-log/?${query}${cursor === "" ? "" : `&cursor=${cursor}`}`,
    );
    found.push(...page.events);
    if (page.next_cursor === undefined) return found.reverse();
    cursor = page.next_cursor;
  }
}

/** With events of orders. @param host what the program brings beside them. */
export async function openShop(
  postgres: PostgresServer,
  { host = {}, env = {} }: { readonly host?: Host; readonly env?: Readonly<Record<string, string>> } = {},
): Promise<Shop> {
  await using started = new AsyncDisposableStack();
  const url = await postgres.database();
  await installInbox({ url, grants: [] });
  const server = started.use(
    await runServer({ SIGNALBOX_INBOX: url, ...env }, { ...host, events: [orderPlaced, ...(host.events ?? [])] }),
  );
  const { signalbox } = server;
  const events = new EventService({ signalbox });
  const clients = started.use(new AsyncDisposableStack());
  const connect = async (user?: string): Promise<Client> => {
    const client = await connected(user === undefined ? url : url.replace(/\/\/[^@]+@/, `//${user}@`));
    clients.defer(() => client.end());
    return client;
  };
  const own = await connect();
  const sql = async <Row extends object>(text: string, values: readonly unknown[] = []): Promise<Row[]> =>
    (await own.query<Row>(text, [...values])).rows;
  const owned = started.move();
  return {
    url,
    server,
    signalbox,
    events,
    connect,
    sql,
    logged: () => loggedEvents((method, path) => server.api(method, path)),
    params: async (event) => (await server.api<{ data: unknown }>("GET", `/api/cloud/event-log/${event?.id}/`)).data,
    drained: () =>
      until("the inbox has nothing that waits", async () => {
        const [row] = await sql<{ waiting: boolean }>(
          "SELECT EXISTS (SELECT FROM signalbox.inbox WHERE aside_at IS NULL) AS waiting",
        );
        return row?.waiting === false;
      }),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}
