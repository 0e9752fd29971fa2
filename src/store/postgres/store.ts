import type { Client } from "pg";
import type { Clock } from "../../clock.ts";
import { noQuotas, type Quotas } from "../../domain/quotas.ts";
import type { Log } from "../../log.ts";
import { type Cluster, shardCount } from "../cluster.ts";
import { asideEvents } from "../sql/aside.ts";
import { blobNames } from "../sql/blob-names.ts";
import { Committer } from "../sql/committer.ts";
import { configurations } from "../sql/configurations.ts";
import { declarations } from "../sql/declarations.ts";
import { deliveries } from "../sql/deliveries.ts";
import { destinations } from "../sql/destinations.ts";
import { edits } from "../sql/edits.ts";
import { events } from "../sql/events.ts";
import { LogFeed } from "../sql/feed.ts";
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
import { integer } from "../sql/step.ts";
import { StoredUnit } from "../sql/stored-unit.ts";
import { subscriptions } from "../sql/subscription-reads.ts";
import { users } from "../sql/users.ts";
import type { Store } from "../store.ts";
import type { Commit, Unit } from "../unit.ts";
import type { Wake } from "../wake.ts";
import { observedBy } from "../watchers.ts";
import { nameOfNode, patience as ourPatience, type Patience, type PostgresConnection } from "./connection.ts";
import { countedMails } from "./counted-mails.ts";
import { heldWaits } from "./held-waits.ts";
import { FollowHorizon } from "./horizon.ts";
import { aloneOn, type Member, passIdle } from "./member.ts";
import { drawnNumbers } from "./news.ts";
import { Nodes } from "./nodes.ts";
import { announceNode, otherNodes, type StartedWith } from "./others.ts";
import type { PartitionSizes } from "./partition-plan.ts";
import { ourPartitions, Partitions } from "./partitions.ts";
import { PoolReads } from "./reads.ts";
import { refusedStart } from "./refusals.ts";
import { beginRun, endRun } from "./run.ts";
import { migratePostgres, refuseUnfinished } from "./schema.ts";
import { Session } from "./session.ts";
import { ShardLog } from "./shard-log.ts";
import { Shards } from "./shards.ts";
import { whileStarting } from "./start-lock.ts";
import { Timelines } from "./timeline.ts";
import { postgresUpkeep } from "./upkeep.ts";
import { countedWatchers } from "./watchers.ts";
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
  /**
   * Called with the connection that writes once the tables are there, before anything else reads or writes, while no other process starts on them. Gives
   * how this node was started, for others to know.
   */
  readonly opened?: (client: Client, node: string) => Promise<StartedWith | undefined>;
  /** How long PostgreSQL is waited for. */
  readonly patience?: Patience;
  /** How much a partition of the log holds before it is closed, and how often it is tried to get the lock for that. */
  readonly partitioned?: Partial<PartitionSizes & { readonly lockTries: number }>;
  /** `one`: no other process works on the database meanwhile. `several`: others like this one may. Default `one`. */
  readonly nodes?: "one" | "several";
}

interface PostgresStore extends AsyncDisposable {
  readonly store: Store;
  readonly feed: LogFeed;
  readonly cluster: Cluster;
  readonly hints: Wake;
}

const ownCounts = "SELECT set_config('signalbox.node', $1, false)";
const gatherAllCounts = "SELECT gather_open_counts('{}')";
/** Other nodes count meanwhile. */
const gatherCounts = "SELECT gather_open_counts(ARRAY(SELECT id FROM node))";
const newestSequence = "SELECT coalesce(max(sequence), 0) AS newest FROM event";

/**
 * Opens the store in PostgreSQL. Throws `conflict` when another process works on the database that wants it alone, or a newer Signalbox made its tables,
 * and `unavailable` when there is no connection; each names the remedy.
 */
export async function openPostgresStore({
  url,
  clock,
  log,
  quotas: bounds = noQuotas,
  check = async () => {},
  opened = async (client, mark) => {
    const others = (await otherNodes(client, mark)).map(({ id }) => id);
    await beginRun(client, { mark, nowMs: clock.now(), sinceMs: 0, others }, { lost: undefined, complete: true });
    return undefined;
  },
  patience = ourPatience,
  partitioned = {},
  nodes = "one",
}: PostgresStoreOptions): Promise<PostgresStore> {
  const node = Buffer.from(clock.bytes(6)).toString("hex");
  const name = nameOfNode(node);
  const isAlone = nodes === "one";
  const shards = new Shards(node);
  const timelines = new Timelines();
  let isBegun = false;
  let startedWith: StartedWith | undefined;
  const begin = async (client: Client): Promise<void> => {
    await check(client);
    await migratePostgres(client);
    await refuseUnfinished(client);
    startedWith = await opened(client, node);
    // Who starts next is to see it.
    if (!isAlone) await announceNode(client, { id: node, startedMs: clock.now(), startedWith });
  };
  const prepare = async (connection: PostgresConnection): Promise<void> => {
    if (!isBegun) await whileStarting(connection.client, log, () => begin(connection.client));
    await timelines.enter(connection);
    if (!isAlone) await connection.client.query(ownCounts, [node]);
    if (!isBegun) await connection.client.query(isAlone ? gatherAllCounts : gatherCounts);
    if (isBegun) await shards.resume(connection.client);
    else if (isAlone) await shards.takeAll(connection.client);
    isBegun = true;
  };
  const session = new Session({ url, name, isAlone, log, patience, prepare });
  const reads = new PoolReads({ url, log, patience, name, check: (client) => timelines.check(client) });
  timelines.onRise(() => reads.renew());
  const shardLog = new ShardLog(reads, shards);
  let newest: number;
  try {
    await session.connection();
    newest = integer((await reads.get(newestSequence)) ?? {}, "newest");
  } catch (thrown) {
    await session.close();
    await reads.close();
    throw refusedStart(thrown, url);
  }
  const { answerMs } = patience;
  const elsewhere = (number: number): void => member.hints.tell({ about: "subscription", number });
  const hasRivals = !isAlone;
  const partitions = new Partitions({ log, ...ourPartitions, ...partitioned });
  const writer = new PostgresWriter({
    session,
    quotas: bounds,
    answerMs,
    newest,
    shards,
    partitions,
    elsewhere,
    hasRivals,
  });
  const committer = new Committer(writer, { clock, answerMs });
  const reserve = reserveBy(committer);
  const fold = foldBy(committer);
  const who = identities(reads, reads);
  const stored = objects(reads, reads);
  const waits = heldWaits(() => shards.claimable);
  const sent = deliveries(reads, advanceBy(committer), waits);
  const code = functions(reads, reserve);
  const feed = new LogFeed(shardLog, { committer, log });
  const held = { shards, events: shardLog, writer };
  const member: Member = isAlone
    ? aloneOn({ node, clock, ...held })
    : new Nodes({ node, url, clock, log, patience, reads, timelines, startedWith, ...held });
  const taken = (): void => {
    feed.wake();
    member.hints.tell({ about: "shards" });
  };
  shards.listen({ taken, lost: () => {} });
  const horizon = new FollowHorizon(reads);
  const committed = (unit: Unit): Promise<Commit> =>
    new Promise((resolve, reject) =>
      committer.commit(new StoredUnit(unit, { heard: feed, resolve, reject, hasRivals })),
    );
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
    events: {
      ...events(reads, fold),
      isDispatched: async (sequence) => shardLog.isDone(sequence) ?? isMarked(reads, sequence),
    },
    aside: asideEvents(reads, waits),
    receivedEvents: receivedEvents(reads),
    deliveries: sent,
    redrives: sent,
    figures: figures(reads, fold),
    news: news(reads, { ...drawnNumbers, ...(isAlone ? {} : { horizon }) }),
    ...(isAlone ? {} : { watchers: countedWatchers(reads, horizon) }),
    apps: code,
    functions: code,
    invocations: code,
    users: users(reads, reserve),
    operations: operations(reads),
    registered: registered(reads),
    resolvers: resolvers(reads),
    declarations: declarations(reads),
    mailboxes: { ...mailboxes(reads), mails: countedMails(reads) },
    keptMails: keptMails(reads),
    quotas: quotas(reads, bounds),
    upkeep: postgresUpkeep(reads, committer, {
      clock,
      node,
      passIdle: () => writer.between((client) => passIdle(held, client)),
    }),
    commit: async (unit) => {
      const made = await committed(unit);
      // Another node's settlement may have been judged before: the caller is answered when none of those is left.
      if (!isAlone && made.kind === "committed" && observedBy(unit).length > 0) await horizon.past().catch(() => {});
      return made;
    },
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
      // What is not given away now is taken over when it is seen that this process is gone.
      await member.leave().catch(() => {});
      // What does not come to that is ended by the next start.
      await session.client().then(
        (client) => endRun(client, node, clock.now()).catch(() => {}),
        () => {},
      );
    } finally {
      await member[Symbol.asyncDispose]();
      await reads.close();
      await session.close();
    }
  }
  await member.start();
  return { store, feed, cluster: member.cluster, hints: member.hints, [Symbol.asyncDispose]: close };
}

const marked = `SELECT 1 FROM shard WHERE id = (CAST(?1 AS bigint) & ${shardCount - 1}) AND watermark >= ?1`;

async function isMarked(reads: PoolReads, sequence: number): Promise<boolean> {
  return (await reads.get(marked, sequence)) !== undefined;
}
