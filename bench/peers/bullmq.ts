import { type JobData, type Peer, peerPackage, queueName } from "./peer.ts";

/**
 * BullMQ, as its documentation recommends for throughput: `addBulk`, several workers (each with a connection of its own) in several processes,
 * each with a concurrency that suits work that waits for the network; `maxmemory-policy noeviction`; jobs removed when they are completed.
 */
interface Package {
  readonly Queue: new (
    name: string,
    options: { readonly connection: Connection },
  ) => {
    addBulk(jobs: readonly { name: string; data: JobData; opts: typeof kept }[]): Promise<unknown>;
    add(name: string, data: JobData, opts: typeof kept): Promise<unknown>;
    getJobCounts(...states: string[]): Promise<Readonly<Record<string, number>>>;
    close(): Promise<void>;
  };
  readonly Worker: new (
    name: string,
    processor: (job: { readonly data: JobData }) => Promise<void>,
    options: { readonly connection: Connection; readonly concurrency: number },
  ) => {
    on(event: "error", listener: (error: Error) => void): void;
    waitUntilReady(): Promise<unknown>;
    close(): Promise<void>;
  };
}

interface Connection {
  readonly path: string;
  readonly maxRetriesPerRequest: null;
}

/** What is completed goes at once: the less Redis holds, the better for it. */
const kept = { removeOnComplete: true } as const;

const connectionTo = (path: string): Connection => ({ path, maxRetriesPerRequest: null });

export const bullmq: Peer = {
  name: "BullMQ",
  tried: [
    { processes: 1, workers: 1, jobs: 100 },
    { processes: 1, workers: 4, jobs: 50 },
    { processes: 1, workers: 4, jobs: 200 },
    { processes: 1, workers: 8, jobs: 25 },
    { processes: 2, workers: 1, jobs: 100 },
    { processes: 2, workers: 2, jobs: 100 },
  ],
  queue: async (socket) => {
    const { Queue } = await peerPackage<Package>("bullmq");
    const queue = new Queue(queueName, { connection: connectionTo(socket) });
    return {
      addBulk: (bodies) => queue.addBulk(bodies.map((body) => ({ name: "hook", data: { body }, opts: kept }))),
      add: (body) => queue.add("hook", { body }, kept),
      open: async () => {
        const counts = await queue.getJobCounts("wait", "active", "delayed", "prioritized", "failed");
        return Object.values(counts).reduce((sum, count) => sum + count, 0);
      },
      [Symbol.asyncDispose]: () => queue.close(),
    };
  },
  work: async (socket, { workers, jobs }, post) => {
    const { Worker } = await peerPackage<Package>("bullmq");
    const made = Array.from(
      { length: workers },
      () =>
        new Worker(queueName, ({ data }) => post(data.body), { connection: connectionTo(socket), concurrency: jobs }),
    );
    for (const worker of made) worker.on("error", console.error);
    await Promise.all(made.map((worker) => worker.waitUntilReady()));
    return {
      [Symbol.asyncDispose]: async () => {
        await Promise.all(made.map((worker) => worker.close()));
      },
    };
  },
};
