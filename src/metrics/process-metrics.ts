import { readdir } from "node:fs/promises";
import { Gauge, type Registry } from "prom-client";
import type { Disk } from "../folder/reserve.ts";
import { packageVersion } from "../version.ts";

/** What is known of the process and its disk only when metrics are read, under the names that Prometheus has for such things. */

/** Of a data folder. */
export interface FolderFigures extends Disk {
  readonly isFull: boolean;
  readonly databaseBytes: number;
  /** Of the database's write-ahead log, where that is a file of the folder; else 0. */
  readonly logBytes: number;
}

/** Sets the gauges of `registry` to what is now. */
export function processMetrics(registry: Registry): (folder?: FolderFigures) => Promise<void> {
  const gauge = (name: string, help: string, labelNames: string[] = []): Gauge =>
    new Gauge({ name, help, labelNames, registers: [registry] });
  const build = gauge("signalbox_build_info", "Which Signalbox this is: always 1", ["version", "node"]);
  build.set({ version: packageVersion, node: process.version }, 1);
  const started = gauge("process_start_time_seconds", "When the process was started, since the epoch");
  started.set(Math.round(performance.timeOrigin) / 1_000);
  const user = gauge("process_cpu_user_seconds_total", "CPU time of the process in its own code");
  const system = gauge("process_cpu_system_seconds_total", "CPU time that the system spent for the process");
  const cpu = gauge("process_cpu_seconds_total", "CPU time of the process, both");
  const resident = gauge(
    "process_resident_memory_bytes",
    "Memory of the process; functions have processes of their own",
  );
  const heap = gauge("nodejs_heap_size_used_bytes", "Memory of JavaScript values in the main thread");
  const external = gauge("nodejs_external_memory_bytes", "Memory of buffers");
  const files = gauge("process_open_fds", "Open files and connections; on Linux");
  const free = gauge("signalbox_disk_free_bytes", "Room on the disk of the data folder");
  const size = gauge("signalbox_disk_size_bytes", "Size of the disk of the data folder");
  const reserve = gauge("signalbox_disk_reserve_bytes", "Room kept in reserve; 0 once it is given up");
  const full = gauge("signalbox_disk_full", "1 while writes are refused for want of room");
  const database = gauge("signalbox_database_bytes", "Size of signalbox.db, or of the database in PostgreSQL");
  const log = gauge("signalbox_database_log_bytes", "Size of signalbox.db-wal; 0 with PostgreSQL");
  return async (folder) => {
    const used = process.cpuUsage();
    user.set(used.user / 1e6);
    system.set(used.system / 1e6);
    cpu.set((used.user + used.system) / 1e6);
    const memory = process.memoryUsage();
    resident.set(memory.rss);
    heap.set(memory.heapUsed);
    external.set(memory.external);
    const open = await readdir("/proc/self/fd").catch(() => undefined);
    if (open !== undefined) files.set(open.length);
    if (folder === undefined) return;
    free.set(folder.freeBytes);
    size.set(folder.sizeBytes);
    reserve.set(folder.reserveBytes);
    full.set(folder.isFull ? 1 : 0);
    database.set(folder.databaseBytes);
    log.set(folder.logBytes);
  };
}
