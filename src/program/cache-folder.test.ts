import assert from "node:assert/strict";
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { cacheFolder, tidy } from "./cache-folder.ts";

const root = mkdtempSync(join(tmpdir(), "signalbox-cache-"));
after(() => rmSync(root, { recursive: true, force: true }));
let homes = 0;

function home(): string {
  const path = join(root, String(homes++));
  mkdirSync(path, { mode: 0o700 });
  return path;
}

describe("the folder of compiled code", () => {
  it("is made for its user alone, one for each place", () => {
    const env = { XDG_CACHE_HOME: home() };
    const first = cacheFolder(env, "/opt/one") ?? "";
    assert.equal(statSync(first).mode & 0o777, 0o700);
    assert.equal(cacheFolder(env, "/opt/one"), first);
    assert.notEqual(cacheFolder(env, "/opt/two"), first);
    assert.equal(first.startsWith(join(env.XDG_CACHE_HOME, "signalbox")), true);
  });

  it("is that of a service where it has one, and that of Node where it is named", () => {
    const [service, user, node] = [home(), home(), home()];
    const env = { CACHE_DIRECTORY: `${service}:/elsewhere`, XDG_CACHE_HOME: user };
    assert.equal(cacheFolder(env, "/opt/one")?.startsWith(`${service}/`), true);
    assert.equal(cacheFolder({ ...env, NODE_COMPILE_CACHE: node }, "/opt/one")?.startsWith(`${node}/`), true);
  });

  it("is not used where others may write, in it or above it", () => {
    const above = home();
    const env = { XDG_CACHE_HOME: join(above, "cache") };
    const folder = cacheFolder(env, "/opt/one") ?? "";
    for (const [path, mode] of [
      [folder, 0o770],
      [join(above, "cache"), 0o777],
      [above, 0o772],
    ] as const) {
      const { mode: before } = statSync(path);
      chmodSync(path, mode);
      assert.equal(cacheFolder(env, "/opt/one"), undefined, path);
      chmodSync(path, before);
      assert.equal(cacheFolder(env, "/opt/one"), folder);
    }
  });

  it("is not used where it is another user's, or leads to where others may write", (t) => {
    const open = home();
    const linked = join(home(), "cache");
    symlinkSync(open, linked);
    chmodSync(open, 0o777);
    assert.equal(cacheFolder({ XDG_CACHE_HOME: linked }, "/opt/one"), undefined);
    if (process.geteuid?.() !== 0) return t.diagnostic("only root can give a folder away");
    const env = { XDG_CACHE_HOME: home() };
    chownSync(cacheFolder(env, "/opt/one") ?? "", 65_534, 65_534);
    assert.equal(cacheFolder(env, "/opt/one"), undefined);
  });

  it("is nowhere where nothing can be made or nothing is to be kept, and no home is made", () => {
    const missing = join(home(), "gone", "cache");
    assert.equal(cacheFolder({ XDG_CACHE_HOME: missing }, "/opt/one"), undefined);
    assert.equal(existsSync(join(missing, "..")), false);
    assert.equal(cacheFolder({ XDG_CACHE_HOME: "/proc/self" }, "/opt/one"), undefined);
    assert.equal(cacheFolder({ XDG_CACHE_HOME: home(), NODE_DISABLE_COMPILE_CACHE: "1" }, "/opt/one"), undefined);
  });

  it("does not grow: places that were not used for three months go, and so do all entries but the newest eight", () => {
    const env = { XDG_CACHE_HOME: home() };
    const old = cacheFolder(env, "/opt/old") ?? "";
    const kept = cacheFolder(env, "/opt/kept") ?? "";
    const longAgo = Date.now() / 1_000 - 91 * 86_400;
    utimesSync(old, longAgo, longAgo);
    cacheFolder(env, "/opt/new");
    assert.deepEqual([existsSync(old), existsSync(kept)], [false, true]);
    for (let index = 0; index < 12; index++) {
      const path = join(kept, String(index));
      writeFileSync(path, "");
      utimesSync(path, 1_000 + index, 1_000 + index);
    }
    tidy(kept);
    assert.deepEqual(readdirSync(kept).toSorted(), ["10", "11", "4", "5", "6", "7", "8", "9"]);
  });
});
