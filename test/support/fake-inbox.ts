/** An inbox in memory, for tests of what stands on it; the real one is a table of PostgreSQL, and has tests of its own. */
import type { AsideRow, Inbox, InboxRow } from "../../src/inbox/inbox.ts";

export interface FakeInbox extends Inbox {
  /** Of rows that wait. */
  readonly rows: InboxRow[];
  readonly aside: AsideRow[];
}

export function fakeInbox(aside: readonly AsideRow[] = []): FakeInbox {
  const take = (event: string): AsideRow | undefined => {
    const at = inbox.aside.findIndex((row) => row.event === event);
    return at < 0 ? undefined : inbox.aside.splice(at, 1)[0];
  };
  const inbox: FakeInbox = {
    name: "db.example:5432/shop",
    rows: [],
    aside: [...aside],
    waiting: async ({ max }) => inbox.rows.slice(0, max),
    remove: async (ids) => {
      inbox.rows.splice(0, Infinity, ...inbox.rows.filter(({ id }) => !ids.includes(id)));
    },
    setAside: async (id, reason) => {
      const [row] = inbox.rows.filter((one) => one.id === id);
      await inbox.remove([id]);
      if (row !== undefined) inbox.aside.push({ ...row, reason, asideMs: row.createdMs });
    },
    asides: async ({ max, after = "0" }) => inbox.aside.filter(({ id }) => BigInt(id) > BigInt(after)).slice(0, max),
    retry: async (event) => {
      const row = take(event);
      if (row !== undefined) inbox.rows.push({ params: "{}", ...row });
      return row;
    },
    drop: async (event) => take(event),
    find: async (by) => {
      const isIt = (row: InboxRow | AsideRow): boolean =>
        "event" in by ? row.event === by.event : row.operation === by.operation;
      return inbox.aside.find(isIt) ?? (inbox.rows.some(isIt) ? {} : undefined);
    },
    stateOf: async () => "unknown",
    figures: async () => ({ waiting: inbox.rows.length, aside: inbox.aside.length }),
    listen: () => {},
    [Symbol.asyncDispose]: async () => {},
  };
  return inbox;
}
