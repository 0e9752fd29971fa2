import type { DatabaseSync } from "node:sqlite";
import { parentPort } from "node:worker_threads";
import { asError } from "../../errors.ts";
import { pruneStep } from "../sql/prune.ts";
import { redriveStep } from "../sql/redrive-step.ts";
import type { Reply, Request } from "../sql/requests.ts";
import { reserveNumbers } from "../sql/reserve.ts";
import { runScript } from "../sql/script.ts";
import type { PruneStep } from "../sql/wire.ts";
import { CommitCount } from "./commit-count.ts";
import { moving, type PackedRequest, packReply, unpackRequest, type WriterData } from "./commit-message.ts";
import { CommitRunner } from "./commit-runner.ts";
import { openWriter } from "./open.ts";
import { releaseStep } from "./release.ts";
import { Statements } from "./statements.ts";
import { failure, transaction } from "./transaction.ts";

/** The writer's thread: the only connection that writes. Requests are run one after the other, in the order they came. */

const port = parentPort;
if (port === null) throw new Error("worker.ts runs in a worker thread only");

/** What is open: nothing before the first request, which opens, and after the one that closes. */
interface Writer {
  readonly db: DatabaseSync;
  readonly statements: Statements;
  readonly count: CommitCount;
  readonly commits: CommitRunner;
}

let writer: Writer | undefined;

function open(data: WriterData): Writer {
  const db = openWriter(data.path);
  const statements = new Statements(db);
  const count = new CommitCount(statements, data);
  return { db, statements, count, commits: new CommitRunner(db, statements, { counted: count, quotas: data.quotas }) };
}

function answer(sent: PackedRequest): Reply {
  if (sent.kind === "open") {
    writer = open(sent.writer);
    return { kind: "ok" };
  }
  if (writer === undefined) throw new Error("the writer has no database open");
  return run(writer, unpackRequest(sent));
}

function run({ db, statements, count, commits }: Writer, request: Request): Reply {
  switch (request.kind) {
    case "commit":
      return commits.run(request);
    case "prune":
      return { kind: "pruned", ...transaction(db, () => pruned(commits, statements, request.step), count) };
    case "fold":
      if (commits.isBehind) transaction(db, () => commits.fold(), count);
      return { kind: "ok" };
    case "release":
      return { kind: "released", any: releaseStep(db, statements, request.bytes) };
    case "redrive":
      return { kind: "redriven", ...transaction(db, () => runScript(statements, redriveStep(request)), count) };
    case "reserve": {
      const { counter, count: numbers } = request;
      return {
        kind: "reserved",
        first: transaction(db, () => runScript(statements, reserveNumbers(counter, numbers)), count),
      };
    }
    case "ready":
      transaction(db, () => statements.run({ sql: markReady, params: [Date.now()] }));
      return { kind: "ok" };
    case "relieve":
      db.exec("PRAGMA wal_checkpoint(RESTART)");
      return { kind: "ok" };
    case "close":
      // The reading connection may still be open, and then closing this one would leave the log behind. A full disk does: nothing is lost.
      try {
        db.exec("PRAGMA wal_checkpoint(TRUNCATE)");
      } catch {}
      db.close();
      count.close();
      writer = undefined;
      return { kind: "ok" };
    default:
      return request satisfies never;
  }
}

function pruned(
  commits: CommitRunner,
  statements: Statements,
  step: PruneStep,
): { readonly dropped: number; readonly more: boolean } {
  // While the subscriptions are there that were counted.
  commits.fold();
  return runScript(statements, pruneStep(step));
}

const markReady =
  "INSERT INTO meta (key, value) VALUES ('ready_ms', ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value";

port.on("message", (sent: PackedRequest) => {
  let reply: Reply;
  try {
    reply = answer(sent);
  } catch (thrown) {
    reply = failure(asError(thrown));
  }
  const packed = packReply(reply);
  port.postMessage(packed, moving(packed));
});
