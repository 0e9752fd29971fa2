/** The package for Python: its own tests, and what they cannot know of the server. */
import assert from "node:assert/strict";
import { cp, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { EventType } from "../../src/domain/built-in-events.ts";
import { runServer } from "../support/in-process.ts";
import { blocksOf, read } from "../support/markdown.ts";
import { runHosted } from "./hosted.ts";
import { packageFolder, python } from "./python.ts";

describe("the package for Python", () => {
  it("is formatted, without faults that a linter finds, and typed throughout", async () => {
    await python(["-m", "ruff", "format", "--check", "."]);
    await python(["-m", "ruff", "check", "."]);
    await python(["-m", "mypy", "--cache-dir", "/dev/null", "src"]);
  });

  it("passes its own tests", async () => {
    await python(["-W", "error::ResourceWarning", "-m", "unittest", "discover", "-s", "tests", "-t", "."]);
  });

  it("knows the built-in event types", async () => {
    const names = await python(["-c", "import signalbox; print(*[one.value for one in signalbox.EventType])"]);
    assert.deepEqual(names.trim().split(" "), Object.values(EventType));
  });

  it("is built with its types", async () => {
    const folder = await mkdtemp(join(tmpdir(), "signalbox-wheel-"));
    try {
      for (const part of ["src", "pyproject.toml", "README.md"]) {
        await cp(join(packageFolder, part), join(folder, part), { recursive: true });
      }
      const wheels = join(folder, "wheels");
      await python(["-m", "pip", "wheel", "-q", "--no-deps", "--no-build-isolation", "-w", wheels, folder]);
      const [wheel = ""] = await readdir(wheels);
      assert.match(wheel, /^signalbox-0\.1\.0-py3-none-any\.whl$/);
      const listed = await python(["-m", "zipfile", "-l", join(wheels, wheel)]);
      for (const file of ["signalbox/py.typed", "signalbox/aio.py"]) assert.ok(listed.includes(file), file);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });

  it("asks the public API of a server", async () => {
    await using server = await runServer();
    const env = { SIGNALBOX_URL: server.url, SIGNALBOX_TOKEN: server.token };
    await python(["-m", "unittest", "tests.with_public_api"], { env });
  });

  it("does what its page says", async () => {
    await using hosted = await runHosted();
    const page = read("docs/clients.md");
    const blocks = blocksOf(page.slice(page.indexOf("\n## Python\n"))).filter(({ info }) => info === "python");
    assert.ok(blocks.length >= 3);
    await python(["-c", blocks.map(({ text }) => text).join("\n")], { env: hosted.env });
  });

  it("registers jobs, raises their events as CloudEvents, and receives them by the official SDK", async () => {
    await using hosted = await runHosted();
    // 100 jobs and 1,000 events, or as many as are wanted.
    const { JOBS = "100" } = process.env;
    await python(["-m", "unittest", "tests.with_jobs"], { env: { ...hosted.env, JOBS } });
  });

  for (const way of ["a port", "a unix socket"]) {
    it(`publishes, operates, registers and changes users through ${way}`, async () => {
      await using hosted = await runHosted(way === "a port" ? {} : { socket: true });
      const modules = ["tests.with_host", "tests.with_documented", "tests.with_operations", "tests.with_resources"];
      await python(["-m", "unittest", ...modules], { env: hosted.env });
    });
  }
});
