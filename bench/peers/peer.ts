import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

/** A job queue that people use for this: jobs on a server, and workers elsewhere that take them. */
export interface Peer {
  readonly name: string;
  /** Where the server listens: a folder for PostgreSQL, a file for Redis. */
  readonly queue: (socket: string) => Promise<JobQueue>;
  /** Workers in this process. */
  readonly work: (socket: string, settings: Settings, post: Post) => Promise<AsyncDisposable>;
  /** What is tried, and the best of it measured. */
  readonly tried: readonly Settings[];
}

export interface JobQueue extends AsyncDisposable {
  /** All in one call. Resolves when they are accepted, as durably as the server is set to. */
  readonly addBulk: (bodies: readonly string[]) => Promise<unknown>;
  /** One by itself, as things happen. */
  readonly add: (body: string) => Promise<unknown>;
  /** Jobs that are not completed: failed ones included. */
  readonly open: () => Promise<number>;
}

/** Signs and sends one; throws unless it is acknowledged. */
export type Post = (body: string) => Promise<void>;

export interface Settings {
  readonly processes: number;
  /** In each process. */
  readonly workers: number;
  /** At once, by each worker: concurrency or size of a batch. */
  readonly jobs: number;
}

export const queueName = "hooks";

export interface JobData {
  readonly body: string;
}

/** A package of this folder, which `npm ci` of the project does not install. Its types are told by who asks. */
export async function peerPackage<Module>(name: string): Promise<Module> {
  let path: string;
  try {
    path = createRequire(import.meta.url).resolve(name);
  } catch (cause) {
    throw new Error(`${name} is missing: npm ci --prefix bench/peers`, { cause });
  }
  const module: unknown = await import(pathToFileURL(path).href);
  return module as Module;
}
