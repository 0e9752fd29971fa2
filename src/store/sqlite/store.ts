import { dirname, join } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import type { Clock } from "../../clock.ts";
import { noQuotas, type Quotas } from "../../domain/quotas.ts";
import { asError } from "../../errors.ts";
import { markPath } from "../../folder/commit-mark.ts";
import { databaseDamaged, databaseUnusable } from "../../folder/refusals.ts";
import { refusedBySystem } from "../../folder/system-refusals.ts";
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
import { allEvents, beginningOf, OwnLog } from "../sql/event-log.ts";
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
import { StoredUnit } from "../sql/stored-unit.ts";
import { subscriptions } from "../sql/subscription-reads.ts";
import { users } from "../sql/users.ts";
import type { Store } from "../store.ts";
import { type Wake, wakeInProcess } from "../wake.ts";
import { damagedStore, isDamage, isUnusable } from "./damage.ts";
import { inspectFolder } from "./inspect.ts";
import { databaseFile, lockFolder, migrate, openReader, openWriter } from "./open.ts";
import { RepeatedReads } from "./repeated-reads.ts";
import { openRun, type Run } from "./run.ts";
import { Statements } from "./statements.ts";
import { ThreadWriter } from "./thread-writer.ts";
import { upkeep } from "./upkeep.ts";
import { giveBack, takeThread } from "./writer-threads.ts";

interface SqliteStoreOptions {
  /** The data folder; made when missing. */
  readonly folder: string;
  readonly clock: Clock;
  readonly log: Log;
  /** What a tenant may have unless its operator has said otherwise. Default: as much as numbers can count. */
  readonly quotas?: Quotas;
  /** How long to wait for another process to let go of the folder. Default 2,000 ms. */
  readonly lockWaitMs?: number;
  /** Called once the folder is this process's, before anything in it is looked at. */
  readonly locked?: () => Promise<void>;
  /** Called with the connection that writes, before anyone else has one. */
  readonly opened?: (db: DatabaseSync) => void;
  /** Called when retention or the like found the disk full; it tries again by itself. */
  readonly noRoom?: () => void;
  /** Whether the disk has room for outcomes of attempts; they wait until it has. Default: as far as the disk itself says. */
  readonly mayRecord?: () => boolean;
}

export interface SqliteStore extends AsyncDisposable {
  readonly store: Store;
  readonly feed: LogFeed;
  /** This process, which owns everything. */
  readonly cluster: Cluster;
  readonly hints: Wake;
  /** What this process is to the data folder. */
  readonly run: Run;
}

/**
 * Opens the embedded store: SQLite in WAL mode with `synchronous=FULL`, one connection that writes, in a thread of its own, and
 * one that reads, here. Throws `conflict` when another process has the folder or a newer Signalbox made the database.
 */
export async function openSqliteStore(options: SqliteStoreOptions): Promise<SqliteStore> {
  const { folder, clock, log } = options;
  const path = join(folder, databaseFile);
  const thread = takeThread();
  let lock: Disposable | undefined;
  let run: Run;
  let commits = 0;
  try {
    lock = lockFolder(folder, options.lockWaitMs ?? 2_000);
    await options.locked?.();
    const found = inspectFolder(folder);
    commits = found.database?.commits ?? 0;
    run = begin(path, (db) => {
      migrate(db);
      const begun = openRun(db, { folder, found, clock, log });
      options.opened?.(db);
      return begun;
    });
  } catch (thrown) {
    lock?.[Symbol.dispose]();
    giveBack(thread);
    throw thrown;
  }
  const held = lock;
  const reader = openReader(path);
  const statements = new Statements(reader, (error) => {
    if (!isDamage(error) && !isUnusable(error)) return error;
    const { message } = asError(error);
    log.error({ file: path, error: message }, "the database cannot be read: stop the server, and run signalbox check");
    return damagedStore(message, error);
  });
  const { quotas: bounds = noQuotas } = options;
  const mark = { folder: run.folder, run: run.mark };
  const writer = new ThreadWriter(thread, { path, quotas: bounds, markPath: markPath(folder), mark, commits });
  const { noRoom, mayRecord } = options;
  const committer = new Committer(writer, { clock, noRoom, mayRecord, damaged: damagedStore });
  const reserve = reserveBy(committer);
  const fold = foldBy(committer);
  const repeated = new RepeatedReads(statements, committer);
  const who = identities(statements, repeated);
  const stored = objects(statements, repeated);
  const sent = deliveries(statements, advanceBy(committer));
  const code = functions(statements, reserve);
  const store: Store = {
    identities: who,
    credentials: who,
    sessions: sessions(statements),
    issuerLinks: issuerLinks(statements),
    grants: who,
    objects: stored,
    uploads: stored,
    blobNames: blobNames(statements),
    configurations: configurations(statements),
    subscriptions: subscriptions(statements),
    destinations: destinations(statements),
    edits: edits(statements),
    events: events(statements, fold),
    aside: asideEvents(statements),
    receivedEvents: receivedEvents(statements),
    deliveries: sent,
    redrives: sent,
    figures: figures(statements, fold),
    news: news(statements),
    apps: code,
    functions: code,
    invocations: code,
    users: users(statements, reserve),
    operations: operations(statements),
    registered: registered(statements),
    resolvers: resolvers(statements),
    declarations: declarations(statements),
    mailboxes: mailboxes(statements),
    keptMails: keptMails(statements),
    quotas: quotas(statements, bounds),
    upkeep: upkeep(statements, committer, options.clock),
    commit: (unit) =>
      new Promise((resolve, reject) => committer.commit(new StoredUnit(unit, { heard: feed, resolve, reject }))),
    [Symbol.asyncDispose]: close,
  };
  const feed: LogFeed = new LogFeed(new OwnLog(allEvents(statements), await beginningOf(statements)), {
    committer,
    log: options.log,
  });
  let closing: Promise<void> | undefined;
  function close(): Promise<void> {
    closing ??= feed
      .close()
      .then(() => committer.close())
      .finally(() => {
        reader.close();
        held[Symbol.dispose]();
      });
    return closing;
  }
  return {
    store,
    feed,
    cluster: singleNode(run.mark, () => options.clock.now()),
    hints: wakeInProcess(),
    run,
    [Symbol.asyncDispose]: close,
  };
}

/** What is written before the writer's thread begins. What goes wrong with the file names it and the remedy. */
function begin<T>(path: string, work: (db: DatabaseSync) => T): T {
  let db: DatabaseSync | undefined;
  try {
    db = openWriter(path);
    return work(db);
  } catch (thrown) {
    if (isDamage(thrown)) throw databaseDamaged(path, asError(thrown).message, thrown);
    const refused = refusedBySystem(thrown, { folder: dirname(path), path });
    if (refused !== undefined) throw refused;
    if (isUnusable(thrown)) throw databaseUnusable(path, asError(thrown).message, thrown);
    throw thrown;
  } finally {
    db?.close();
  }
}
