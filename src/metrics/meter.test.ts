import assert from "node:assert/strict";
import { it } from "node:test";
import { failureReasons } from "../domain/retry.ts";
import { packageVersion } from "../version.ts";
import { prometheusMeter } from "./meter.ts";

const depth = { waiting: 0, dead: 0, processes: 0, intents: { open: 0, unresolved: 0 } };

it("shows every counter from the start, for each reason, outcome and state", async () => {
  const meter = prometheusMeter(() => 0);
  const text = await meter.render(depth);
  for (const reason of failureReasons) {
    for (const name of ["attempts_failed_total", "deliveries_dead_total"]) {
      assert.ok(text.includes(`\nsignalbox_${name}{reason="${reason}"} 0\n`), `${name} ${reason}`);
    }
  }
  for (const outcome of ["allowed", "denied", "failed"]) {
    assert.ok(text.includes(`\nsignalbox_hook_chains_total{outcome="${outcome}"} 0\n`), outcome);
  }
  for (const state of ["waiting", "poisoned"]) {
    assert.ok(text.includes(`\nsignalbox_events_set_aside_total{state="${state}"} 0\n`), state);
  }
  meter.dead("status");
  assert.match(await meter.render(depth), /\nsignalbox_deliveries_dead_total\{reason="status"\} 1\n/);
});

it("tells the build, the process and the disk, under the usual names", async () => {
  const folder = {
    freeBytes: 1,
    sizeBytes: 2,
    reserveBytes: 3,
    isFull: true,
    databaseBytes: 4,
    logBytes: 5,
  };
  const text = await prometheusMeter(() => 0).render({ ...depth, folder });
  assert.ok(text.includes(`signalbox_build_info{version="${packageVersion}",node="${process.version}"} 1`));
  for (const name of ["cpu_seconds_total", "resident_memory_bytes", "start_time_seconds"]) {
    assert.match(text, new RegExp(`\nprocess_${name} [0-9.e+]+\n`), name);
  }
  const gauges = ["disk_free_bytes", "disk_size_bytes", "disk_reserve_bytes", "database_bytes", "database_log_bytes"];
  for (const [index, name] of gauges.entries()) assert.ok(text.includes(`\nsignalbox_${name} ${index + 1}\n`), name);
  assert.ok(text.includes("\nsignalbox_disk_full 1\n"));
});
