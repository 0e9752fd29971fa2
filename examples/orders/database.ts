import { DatabaseSync } from "node:sqlite";

/** The orders, in a database that Signalbox knows nothing of. */

export interface NewOrder {
  readonly customer: string;
  readonly item: string;
  readonly quantity: number;
  readonly price_cents: number;
  /** Percent. */
  readonly discount: number;
}

export interface Order extends NewOrder {
  readonly id: number;
  readonly total_cents: number;
  readonly status: "open" | "cancelled";
}

/**
 * Each change keeps the id of its operation, in the same transaction: that is all that it takes to tell after a crash whether it was
 * made.
 */
export interface Orders extends Disposable {
  add(order: NewOrder, operationId: string): Order;
  /** `undefined`: there is no open order with that number. */
  cancel(id: number, operationId: string): Order | undefined;
  get(id: number): Order | undefined;
  /** The order that this operation made or cancelled. */
  changedBy(operationId: string): Order | undefined;
}

const schema = `CREATE TABLE IF NOT EXISTS orders (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  customer TEXT NOT NULL,
  item TEXT NOT NULL,
  quantity INTEGER NOT NULL,
  price_cents INTEGER NOT NULL,
  discount INTEGER NOT NULL,
  total_cents INTEGER NOT NULL,
  status TEXT NOT NULL DEFAULT 'open',
  made_by TEXT NOT NULL UNIQUE,
  cancelled_by TEXT UNIQUE
) STRICT`;
const columns = "id, customer, item, quantity, price_cents, discount, total_cents, status";

export function openOrders(file: string): Orders {
  const db = new DatabaseSync(file);
  db.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL");
  db.exec(schema);
  const add = db.prepare(`INSERT INTO orders (customer, item, quantity, price_cents, discount, total_cents, made_by)
    VALUES (?, ?, ?, ?, ?, ?, ?) RETURNING ${columns}`);
  const cancel = db.prepare(`UPDATE orders SET status = 'cancelled', cancelled_by = ?2
    WHERE id = ?1 AND status = 'open' RETURNING ${columns}`);
  const get = db.prepare(`SELECT ${columns} FROM orders WHERE id = ?`);
  const changedBy = db.prepare(`SELECT ${columns} FROM orders WHERE made_by = ?1 OR cancelled_by = ?1`);
  const order = (row: unknown): Order | undefined => (row === undefined ? undefined : { ...(row as Order) });
  return {
    add: ({ customer, item, quantity, price_cents, discount }, operationId) => {
      const total = Math.round(quantity * price_cents * (1 - discount / 100));
      const made = order(add.get(customer, item, quantity, price_cents, discount, total, operationId));
      if (made === undefined) throw new Error("an order that was added is not there");
      return made;
    },
    cancel: (id, operationId) => order(cancel.get(id, operationId)),
    get: (id) => order(get.get(id)),
    changedBy: (operationId) => order(changedBy.get(operationId)),
    [Symbol.dispose]: () => db.close(),
  };
}
