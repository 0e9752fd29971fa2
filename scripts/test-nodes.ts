/**
 * Runs tests with three nodes in the place of each server (test/support/on-nodes.ts): those that speak to a server as its users do. Arguments are
 * patterns of files; by default all that are named here. `--some` runs the few of them that tell most.
 */
import { globSync } from "node:fs";
import { join } from "node:path";
import { run } from "node:test";
import { spec } from "node:test/reporters";
import { parseArgs } from "node:util";
import { bundledProgram } from "./bundle.ts";

/** The AWS SDK with its whole matrix, a follower that goes from node to node, the documents, and of the dashboard its logins, lists and edits that meet. */
const some = [
  "test/client/follow.test.ts",
  "test/clients/aws-sdk.test.ts",
  "test/dashboard/{deliveries,edits,login,oidc-login}.test.ts",
  "test/docs/examples.test.ts",
  "test/{lifecycle,notifications,s3}/{documented,v2-documented}.test.ts",
];
const all = [
  ...some,
  "test/api/live.test.ts",
  "test/client/api.test.ts",
  "test/clients/*.test.ts",
  "test/dashboard/*.test.ts",
  "test/docs/clients.test.ts",
];

/** Files that are not run so, and why. */
const leftOut = {
  "test/dashboard/deliveries-many.test.ts":
    "it measures the page before a folder that it fills itself, past any server, with a hundred thousand deliveries",
};

/** Single tests that are not run so, and why. */
const leftOutTests = {
  "docs/formats.md: what receivers get in each format":
    "it counts on both events for its batch: each node makes batches of its own",
  "of a bucket: several events in one request, each field of that kept, and off again":
    "it counts on both events for its batch: each node makes batches of its own",
  "shows a thousand events a second in four repaints, stands still when paused, and opens what happened":
    "it measures the page, whose cores the nodes would share",
  "gives events and what becomes of their deliveries, as the lists show them, and its first bytes at once":
    "it looks for x-accel-buffering, which nginx keeps for itself",
  "gives a reader that takes less than happens one gap with the number, which can be loaded":
    "nginx and the connections on both its sides hold more for a reader than the test sends",
  "ends when the server stops, says when to come back, and keeps no stop waiting":
    "it stops one node, and follows by another",
  "is refused to who has too many": "the limit of streams is each node's",
};

const root = new URL("..", import.meta.url).pathname;
process.chdir(root);
const { values, positionals } = parseArgs({ options: { some: { type: "boolean" } }, allowPositionals: true });
const patterns = positionals.length > 0 ? positionals : values.some === true ? some : all;
const files = globSync(patterns, { exclude: Object.keys(leftOut) }).toSorted();
if (files.length === 0) throw new Error(`there are no test files at ${patterns.join(" ")}`);

process.env["SIGNALBOX_TEST_NODES"] = "3";
process.env["TESTED_PROGRAM"] = await bundledProgram({ withPage: true });
process.env["NODE_COMPILE_CACHE"] ??= join(root, "node_modules/.cache/node");

run({ files, concurrency: 2, testSkipPatterns: Object.keys(leftOutTests) })
  .on("test:fail", () => {
    process.exitCode = 1;
  })
  .compose(spec)
  .pipe(process.stdout);
