import assert from "node:assert/strict";
import { it } from "node:test";
import { fileURLToPath } from "node:url";
import { arrowsOf, layers, wrongArrows } from "../../scripts/layers.ts";

const arrow = (line: string) => {
  const [from = "", to = ""] = line.split(" -> ");
  return { from, to };
};

it("finds nothing wrong in the house as it is, and every layer that is listed", () => {
  const arrows = arrowsOf(fileURLToPath(new URL("../../src", import.meta.url)));
  assert.deepEqual(wrongArrows(arrows), []);
  assert.ok(arrows.length > 1_000);
  const met = new Set(arrows.flatMap(({ from, to }) => [from.split("/", 1)[0], to.split("/", 1)[0]]));
  assert.deepEqual(
    layers.filter((layer) => !met.has(layer)),
    [],
  );
});

for (const [why, lines, sentence] of [
  [
    "an arrow that points up",
    ["delivery/dispatch.ts -> faces/routes.ts"],
    "delivery/dispatch.ts imports faces/routes.ts: delivery is a layer below faces",
  ],
  [
    "two folders that import each other, by types too",
    ["domain/filter/tree.ts -> domain/schema/places.ts", "domain/schema/inspect.ts -> domain/filter/limits.ts"],
    "domain/: a circle: domain/filter/tree.ts -> domain/schema/places.ts, domain/schema/inspect.ts -> domain/filter/limits.ts",
  ],
  [
    "a circle of three files",
    ["mail/a.ts -> mail/b.ts", "mail/b.ts -> mail/c.ts", "mail/c.ts -> mail/a.ts"],
    "mail/: a circle: mail/a.ts -> mail/b.ts, mail/b.ts -> mail/c.ts, mail/c.ts -> mail/a.ts",
  ],
  [
    "a verb that names an adapter",
    ["delivery/retain.ts -> store/sqlite/store.ts"],
    "delivery/retain.ts imports store/sqlite/store.ts: store/sqlite/ is known by its port only",
  ],
  [
    "a folder that nobody listed",
    ["helpers/misc.ts -> domain/ids.ts"],
    "helpers is in no layer: scripts/layers.ts lists them",
  ],
] as const) {
  it(`refuses ${why}`, () => {
    assert.deepEqual(wrongArrows(lines.map(arrow)), [sentence]);
  });
}
