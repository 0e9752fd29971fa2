#!/usr/bin/env node
// Old syntax only: whatever Node this is must be able to read it, to print that it is too old.
import { existsSync } from "node:fs";

var major = Number(process.versions.node.split(".")[0]);
if (major < 24) {
  console.error("signalbox needs Node 24 or newer; this is " + process.version);
  process.exit(1);
}
// From the source folder Node runs the TypeScript itself; the package holds JavaScript.
var source = new URL("../program/from-source.ts", import.meta.url);
import(existsSync(source) ? source.href : new URL("../program/from-package.cjs", import.meta.url).href).catch(
  function (error) {
    console.error(error);
    process.exit(1);
  },
);
