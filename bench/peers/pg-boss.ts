import { type JobData, type Peer, peerPackage, queueName } from "./peer.ts";

/**
 * pg-boss, as its documentation recommends for throughput: `insert` in bulk, batches, several workers in several processes, a table of the
 * queue's own (`partition`), LISTEN/NOTIFY and fetching without a pause while batches are full, the shortest polling interval that it takes.
 */
interface Package {
  readonly PgBoss: new (options: Readonly<Record<string, unknown>>) => Boss;
}

interface Boss {
  on(event: "error", listener: (error: Error) => void): void;
  start(): Promise<unknown>;
  createQueue(name: string, options: { readonly partition: boolean; readonly notify: boolean }): Promise<void>;
  insert(name: string, jobs: readonly { readonly data: JobData }[]): Promise<unknown>;
  send(name: string, data: JobData): Promise<unknown>;
  work(
    name: string,
    options: Readonly<Record<string, unknown>>,
    handler: (jobs: readonly { readonly data: JobData }[]) => Promise<void>,
  ): Promise<string>;
  getDb(): { executeSql(text: string, values: readonly unknown[]): Promise<{ readonly rows: readonly unknown[] }> };
  stop(options: { readonly graceful: boolean }): Promise<void>;
}

async function started(socket: string, connections: number): Promise<Boss> {
  const { PgBoss } = await peerPackage<Package>("pg-boss");
  const boss = new PgBoss({
    host: socket,
    user: "postgres",
    database: "postgres",
    max: connections,
    useListenNotify: true,
  });
  boss.on("error", console.error);
  await boss.start();
  return boss;
}

export const pgBoss: Peer = {
  name: "pg-boss",
  tried: [
    { processes: 1, workers: 1, jobs: 200 },
    { processes: 1, workers: 2, jobs: 100 },
    { processes: 1, workers: 1, jobs: 400 },
    { processes: 1, workers: 4, jobs: 50 },
    { processes: 1, workers: 4, jobs: 200 },
    { processes: 2, workers: 2, jobs: 100 },
  ],
  queue: async (socket) => {
    const boss = await started(socket, 10);
    await boss.createQueue(queueName, { partition: true, notify: true });
    return {
      addBulk: (bodies) =>
        boss.insert(
          queueName,
          bodies.map((body) => ({ data: { body } })),
        ),
      add: (body) => boss.send(queueName, { body }),
      open: async () => {
        const { rows } = await boss
          .getDb()
          .executeSql("SELECT count(*)::int AS open FROM pgboss.job WHERE name = $1 AND state <> 'completed'", [
            queueName,
          ]);
        return (rows[0] as { readonly open: number }).open;
      },
      [Symbol.asyncDispose]: () => boss.stop({ graceful: false }),
    };
  },
  work: async (socket, { workers, jobs }, post) => {
    const boss = await started(socket, workers + 2);
    const options = {
      batchSize: jobs,
      localConcurrency: workers,
      burstWhenBatchFull: true,
      pollingIntervalSeconds: 0.5,
      notifyPollingIntervalSeconds: 0.5,
    };
    await boss.work(queueName, options, async (batch) => {
      await Promise.all(batch.map(({ data }) => post(data.body)));
    });
    return { [Symbol.asyncDispose]: () => boss.stop({ graceful: false }) };
  },
};
