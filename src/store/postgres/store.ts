import type { Client } from "pg";
import type { Clock } from "../../clock.ts";
import { noQuotas, type Quotas } from "../../domain/quotas.ts";
import type { Log } from "../../log.ts";
import { type Cluster, singleNode } from "../cluster.ts";
import { asideEvents } from "../sql/aside.ts";
import { blobNames } from "../sql/blob-names.ts";
import { Committer } from "../sql/committer.ts";
import { configurations } from "../sql/configurations.ts";
import { declarations } from "../sql/declarations.ts";
import { deliveries } from "../sql/deliveries.ts";
import { destinations } from "../sql/destinations.ts";
import { edits } from "../sql/edits.ts";
import { events } from "../sql/events.ts";
import { LogFeed, type Marks, readMarks } from "../sql/feed.ts";
import { figures } from "../sql/figures.ts";
import { functions } from "../sql/function-reads.ts";
import { identities } from "../sql/identities.ts";
import { issuerLinks } from "../sql/issuer-links.ts";
import { advanceBy, foldBy, reserveBy } from "../sql/jobs.ts";
import { keptMails } from "../sql/kept-mails.ts";
import { mailboxes } from "../sql/mailboxes.ts";
import { news } from "../sql/news.ts";
import { objects } from "../sql/objects.ts";
import { operations } from "../sql/operations.ts";
import { quotas } from "../sql/quotas.ts";
import { receivedEvents } from "../sql/received-events.ts";
import { registered } from "../sql/registered.ts";
import { resolvers } from "../sql/resolvers.ts";
import { sessions } from "../sql/sessions.ts";
import { StoredUnit } from "../sql/stored-unit.ts";
import { subscriptions } from "../sql/subscription-reads.ts";
import { users } from "../sql/users.ts";
import type { Store } from "../store.ts";
import { type Wake, wakeInProcess } from "../wake.ts";
import { patience as ourPatience, type Patience, type PostgresConnection } from "./connection.ts";
import { PoolReads } from "./reads.ts";
import { refusedStart } from "./refusals.ts";
import { beginRun, endRun } from "./run.ts";
import { migratePostgres, refuseUnfinished } from "./schema.ts";
import { Session } from "./session.ts";
import { timelines } from "./timeline.ts";
import { postgresUpkeep } from "./upkeep.ts";
import { PostgresWriter } from "./writer.ts";

interface PostgresStoreOptions {
  /** `postgres://user:password@host:port/database`. */
  readonly url: string;
  readonly clock: Clock;
  readonly log: Log;
  /** What a tenant may have unless its operator has said otherwise. Default: as much as numbers can count. */
  readonly quotas?: Quotas;
  /** Called first of all. */
  readonly check?: (client: Client) => Promise<void>;
  /** Called with the connection that writes once the tables are there, before anything else reads or writes. */
  readonly opened?: (client: Client, node: string) => Promise<void>;
  /** How long PostgreSQL is waited for. */
  readonly patience?: Patience;
}

interface PostgresStore extends AsyncDisposable {
  readonly store: Store;
  readonly feed: LogFeed;
  readonly cluster: Cluster;
  readonly hints: Wake;
}

/**
 * Opens the store in PostgreSQL. Throws `conflict` when another process works on the database or a newer Signalbox made its tables, and
 * `unavailable` when there is no connection; each names the remedy.
 */
export async function openPostgresStore({
  url,
  clock,
  log,
  quotas: bounds = noQuotas,
  check = async () => {},
  opened = async (client, mark) =>
    void (await beginRun(client, { mark, nowMs: clock.now(), sinceMs: 0 }, { last: undefined, complete: true })),
  patience = ourPatience,
}: PostgresStoreOptions): Promise<PostgresStore> {
  const node = Buffer.from(clock.bytes(6)).toString("hex");
  const checkTimeline = timelines();
  let isBegun = false;
  const prepare = async (connection: PostgresConnection): Promise<void> => {
    if (!isBegun) {
      await check(connection.client);
      await migratePostgres(connection.client);
      await refuseUnfinished(connection.client);
      await opened(connection.client, node);
    }
    isBegun = true;
    await checkTimeline(connection);
  };
  const session = new Session({ url, log, patience, prepare });
  const reads = new PoolReads(url, log, patience);
  let found: Marks;
  try {
    await session.connection();
    found = await readMarks(reads);
  } catch (thrown) {
    await session.close();
    await reads.close();
    throw refusedStart(thrown, url);
  }
  const { answerMs } = patience;
  const writer = new PostgresWriter({ session, quotas: bounds, answerMs, newest: found.newest });
  const committer = new Committer(writer, { clock, answerMs });
  const reserve = reserveBy(committer);
  const fold = foldBy(committer);
  const who = identities(reads, reads);
  const stored = objects(reads, reads);
  const sent = deliveries(reads, advanceBy(committer));
  const code = functions(reads, reserve);
  const feed = new LogFeed(reads, found, { committer, log });
  const store: Store = {
    identities: who,
    credentials: who,
    sessions: sessions(reads),
    issuerLinks: issuerLinks(reads),
    grants: who,
    objects: stored,
    uploads: stored,
    blobNames: blobNames(reads),
    configurations: configurations(reads),
    subscriptions: subscriptions(reads),
    destinations: destinations(reads),
    edits: edits(reads),
    events: events(reads, fold),
    aside: asideEvents(reads),
    receivedEvents: receivedEvents(reads),
    deliveries: sent,
    redrives: sent,
    figures: figures(reads, fold),
    news: news(reads),
    apps: code,
    functions: code,
    invocations: code,
    users: users(reads, reserve),
    operations: operations(reads),
    registered: registered(reads),
    resolvers: resolvers(reads),
    declarations: declarations(reads),
    mailboxes: mailboxes(reads),
    keptMails: keptMails(reads),
    quotas: quotas(reads, bounds),
    upkeep: postgresUpkeep(reads, committer, { clock, node }),
    commit: (unit) =>
      new Promise((resolve, reject) => committer.commit(new StoredUnit(unit, { heard: feed, resolve, reject }))),
    [Symbol.asyncDispose]: close,
  };
  let closing: Promise<void> | undefined;
  function close(): Promise<void> {
    closing ??= closeAll();
    return closing;
  }
  async function closeAll(): Promise<void> {
    try {
      await feed.close();
      await committer.close();
      // What does not come to that is ended by the next start.
      await session.client().then(
        (client) => endRun(client, node, clock.now()).catch(() => {}),
        () => {},
      );
    } finally {
      await reads.close();
      await session.close();
    }
  }
  return {
    store,
    feed,
    cluster: singleNode(node, () => clock.now()),
    hints: wakeInProcess(),
    [Symbol.asyncDispose]: close,
  };
}
