import { chmod, lstat, rm, stat } from "node:fs/promises";
import type { Server } from "node:http";
import { connect } from "node:net";
import { dirname } from "node:path";
import { isMainThread } from "node:worker_threads";
import { SignalboxError } from "../../../errors.ts";

/** A unix socket as the place of a listener: its file is made for its owner and group, and gone when the listener is. */

const mode = 0o660;
/** Of what a new file is given by default, nothing for others. */
const nothingForOthers = 0o007;

/**
 * Listens there. A socket that no process listens on, as one leaves that was killed, is replaced.
 *
 * @throws SignalboxError `conflict`, naming the setting and the remedy, when another process listens there, something else has that name,
 * or there is no right to the folder.
 */
export async function listenOnSocket(server: Server, path: string): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  try {
    await makeRoom(path);
    server.once("error", reject);
    listenForOwner(server, path, resolve);
    await promise;
    await chmod(path, mode);
  } catch (thrown) {
    if (thrown instanceof SignalboxError) throw thrown;
    const error = thrown as NodeJS.ErrnoException;
    throw new SignalboxError("conflict", `cannot listen on ${path}: ${why(error, path)}`, { cause: thrown });
  }
}

/** Resolves when the file is gone, whether or not the listener took it along. */
export async function removeSocket(path: string): Promise<void> {
  await rm(path, { force: true }).catch(() => {});
}

/** The file is made at once; between its making and its mode others must not find it open. */
function listenForOwner(server: Server, path: string, listening: () => void): void {
  // Only the main thread can, and only there is nothing else done meanwhile.
  const before = isMainThread ? process.umask() : undefined;
  if (before !== undefined) process.umask(before | nothingForOthers);
  try {
    server.listen({ path }, listening);
  } finally {
    if (before !== undefined) process.umask(before);
  }
}

async function makeRoom(path: string): Promise<void> {
  // Node says EACCES of a folder that is not there, too.
  if (!(await stat(dirname(path))).isDirectory()) throw Object.assign(new Error("no folder"), { code: "ENOTDIR" });
  const found = await lstat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw error;
  });
  if (found === undefined) return;
  if (!found.isSocket()) throw refused(path, "there is something else of that name: choose another, or move it away");
  if (await isListenedOn(path)) {
    throw refused(path, `another process listens there (ss -lxp shows which): stop it, or choose another path`);
  }
  await rm(path, { force: true });
}

function isListenedOn(path: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const socket = connect({ path });
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "ECONNREFUSED" || error.code === "ENOENT") resolve(false);
      else if (error.code === "EAGAIN") resolve(true);
      else reject(error);
    });
  });
}

function refused(path: string, why: string): SignalboxError {
  return new SignalboxError("conflict", `cannot listen on ${path}: ${why} (SIGNALBOX_HOST_LISTEN)`);
}

function why({ code, message }: NodeJS.ErrnoException, path: string): string {
  const folder = dirname(path);
  switch (code) {
    case "ENOENT":
      return `there is no folder ${folder}: make it, for uid ${process.geteuid?.()}, or choose another with SIGNALBOX_HOST_LISTEN`;
    case "EACCES":
    case "EPERM":
      return `uid ${process.geteuid?.()} may not make a socket in ${folder}, or reach the one that is there: give it the folder, or choose another with SIGNALBOX_HOST_LISTEN`;
    case "EROFS":
      return `${folder} cannot be written to: choose another folder with SIGNALBOX_HOST_LISTEN`;
    case "ENOTDIR":
      return `${folder} is no folder: choose another with SIGNALBOX_HOST_LISTEN`;
    case "EADDRINUSE":
      return `another process has just begun to listen there: choose another path with SIGNALBOX_HOST_LISTEN`;
    default:
      return `${message}: SIGNALBOX_HOST_LISTEN says where`;
  }
}
