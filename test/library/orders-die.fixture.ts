/** The order service, killed as it adds an order: just before its own commit, or just after. */
import { openOrders } from "../../examples/orders/database.ts";
import { orderHost } from "../../examples/orders/host.ts";

const [folder = "", point] = process.argv.slice(2);

function die(): void {
  process.kill(process.pid, "SIGKILL");
}

const host = await orderHost({
  folder,
  port: 0,
  env: process.env,
  open: (file) => {
    const orders = openOrders(file);
    return {
      ...orders,
      add: (order, operationId) => {
        if (point === "before") die();
        const added = orders.add(order, operationId);
        die();
        return added;
      },
      [Symbol.dispose]: () => orders[Symbol.dispose](),
    };
  },
});
console.log(`ready orders=${host.url} signalbox=${host.signalbox.url}`);
