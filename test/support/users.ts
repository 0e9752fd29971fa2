/** The verbs on users over a real store in a temporary folder, with hooks that are functions of the test. */
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Context } from "../../src/context.ts";
import type { Event } from "../../src/domain/event.ts";
import type { LifecycleData } from "../../src/domain/lifecycle.ts";
import { type ErrorCode, SignalboxError } from "../../src/errors.ts";
import { silentLog } from "../../src/log.ts";
import { offload } from "../../src/offload/offload.ts";
import { ensureAdmin } from "../../src/platform/access/identities.ts";
import type { UserOperationInput } from "../../src/platform/users/deps.ts";
import { aesVault } from "../../src/secrets/vault.ts";
import type { Unit } from "../../src/store/unit.ts";
import { fakeClock } from "./clock.ts";
import { type FakeGuard, fakeGuard } from "./guard.ts";
import { openTestStore } from "./test-store.ts";
import { unwatched } from "./unwatched.ts";
import { testContext } from "./wired.ts";

export interface ToldEvent {
  readonly name: string | undefined;
  readonly event: Event;
  readonly data: LifecycleData;
}

export interface UsersAtWork extends AsyncDisposable {
  readonly deps: Context;
  readonly guard: FakeGuard;
  /** Anna, an admin, by the API. */
  readonly doing: UserOperationInput;
  /** Comes before each commit; may throw in place of it. */
  beforeCommit: ((unit: Unit) => void | Promise<void>) | undefined;
  /** Events that were committed. */
  told(): Promise<readonly ToldEvent[]>;
}

export async function usersAtWork(): Promise<UsersAtWork> {
  await using made = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), "signalbox-users-"));
  made.defer(() => rm(folder, { recursive: true, force: true }));
  const clock = fakeClock();
  const opened = made.use(await unwatched(() => openTestStore({ folder, clock, log: silentLog })));
  const { store } = opened;
  await ensureAdmin({ store, vault: aesVault(new Uint8Array(32)), clock, config: { adminToken: "token" } });
  const guard = fakeGuard();
  const threads = made.use(offload({ clock, log: silentLog }));
  const context = await testContext({ ...opened, clock, offload: threads }, { guard });
  const deps = {
    ...context,
    publish: async (unit: Unit) => {
      await work.beforeCommit?.(unit);
      return context.publish(unit);
    },
  };
  const owned = made.move();
  const work: UsersAtWork = {
    deps,
    guard,
    doing: { tenant: "default", actor: "anna", user: { username: "anna", role: "admin" }, origin: "api" },
    beforeCommit: undefined,
    told: async () =>
      (await store.events.after(0, 100)).map((event) => ({
        name: event.names.lifecycle,
        event,
        data: event.data as unknown as LifecycleData,
      })),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
  return work;
}

/** For `assert.rejects`. */
export function failsWith(code: ErrorCode, message: RegExp): (thrown: unknown) => boolean {
  return (thrown) => {
    assert.ok(thrown instanceof SignalboxError, String(thrown));
    assert.equal(thrown.code, code);
    assert.match(thrown.message, message);
    return true;
  };
}

export const ada = { username: "ada", email: "ada@example.com", firstName: "Ada", attributes: { plan: "free" } };
