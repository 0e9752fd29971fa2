import assert from "node:assert/strict";
import { it } from "node:test";
import { read } from "../support/markdown.ts";

interface Locked {
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly resolved?: string;
}

for (const file of ["package-lock.json", "bench/peers/package-lock.json"]) {
  it(`${file} names every platform's packages, without which npm ci refuses, and no registry`, () => {
    const { packages } = JSON.parse(read(file)) as { readonly packages: Readonly<Record<string, Locked>> };
    const optional = Object.values(packages).flatMap(({ optionalDependencies = {} }) =>
      Object.keys(optionalDependencies),
    );
    assert.deepEqual(
      optional.filter((name) => packages[`node_modules/${name}`] === undefined),
      [],
    );
    const resolved = Object.values(packages).filter((one) => one.resolved !== undefined);
    assert.deepEqual(resolved, []);
  });
}
