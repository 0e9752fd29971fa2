/** What a checkout begins with: the sources, of which Node keeps what it has compiled. */
import { enableCompileCache, flushCompileCache } from "node:module";
import { fileURLToPath } from "node:url";
import { cacheFolder, tidy } from "./cache-folder.ts";

// Where the user names a place, Node has seen to that itself.
const isNamed = process.env["NODE_COMPILE_CACHE"] !== undefined;
const folder = isNamed ? undefined : cacheFolder(process.env, fileURLToPath(new URL("..", import.meta.url)));
if (folder !== undefined) {
  enableCompileCache(folder);
  // For the threads and processes that this one starts.
  process.env["NODE_COMPILE_CACHE"] = folder;
}
const { run } = await import("../main.ts");
await run(() => {
  flushCompileCache();
  if (folder !== undefined) tidy(folder);
});
