/** What there is to import in workerd beside these files: its own modules, and those that the dispatcher makes. */

declare module "cloudflare:workers" {
  /** What other workers call. The bindings are those of `config.ts`, `ctx.props` what its maker gave. */
  export class WorkerEntrypoint {
    // oxlint-disable-next-line typescript/no-explicit-any -- as the configuration says
    protected readonly env: any;
    // oxlint-disable-next-line typescript/no-explicit-any -- as its maker says
    protected readonly ctx: any;
  }
}

declare module "node:async_hooks" {
  export class AsyncLocalStorage<T> {
    getStore(): T | undefined;
    run<R>(store: T, callback: () => R): R;
  }
}

/** The author's. */
declare module "function.js" {
  const main: unknown;
  export default main;
}

declare module "started.js" {
  export const startedMs: number;
}
