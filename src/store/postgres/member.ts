import type { Clock } from "../../clock.ts";
import { type Cluster, singleNode } from "../cluster.ts";
import { type Wake, wakeInProcess } from "../wake.ts";
import type { ShardLog } from "./shard-log.ts";
import { lastOf, type Shards } from "./shards.ts";
import type { PostgresWriter } from "./writer.ts";

/** What a process is among those that work on the database. */
export interface Member extends AsyncDisposable {
  readonly cluster: Cluster;
  readonly hints: Wake;
  /** Resolves when it has what it can have. */
  start(): Promise<void>;
  /** Gives away what it holds: nothing is under way any more. */
  leave(): Promise<void>;
}

/** Up to where everything is done is written so often, where outcomes do not bring it along. */
const markEveryMs = 2_000;

export interface Held {
  readonly shards: Shards;
  readonly events: ShardLog;
  readonly writer: PostgresWriter;
}

/** The only one, which holds everything from the start. */
export function aloneOn({ node, clock, ...held }: Held & { readonly node: string; readonly clock: Clock }): Member {
  let timer: NodeJS.Timeout | undefined;
  return {
    cluster: singleNode(node, () => clock.now()),
    hints: wakeInProcess(),
    start: async () => {
      timer = setInterval(
        () => void held.writer.between((client) => passIdle(held, client)).catch(() => {}),
        markEveryMs,
      ).unref();
    },
    leave: () => giveAll(held),
    [Symbol.asyncDispose]: async () => clearInterval(timer),
  };
}

/** What is idle is done up to where the log ends now; says so in the database. */
export async function passIdle({ shards, events }: Held, client: Parameters<Shards["mark"]>[0]): Promise<void> {
  events.passed(await lastOf(client));
  const marks = events.news();
  await shards.mark(client, marks);
  events.marked(marks);
}

export async function giveAll({ shards, events, writer }: Held): Promise<void> {
  await writer.between(async (client) => {
    await passIdle({ shards, events, writer }, client);
    await shards.giveAll(client);
  });
}
