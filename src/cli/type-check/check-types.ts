import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, realpath, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, extname, join, parse, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { extensions } from "../bundle.ts";
import { compiled, compilerFor, type TypeProblem } from "./compiler.ts";
import { exportName, typedExport } from "./typed-export.ts";

/**
 * Checks the types of a function by the TypeScript of its project. Nothing is written where the function is: a copy of it, whose default export has
 * a type, lies in a folder of its own, below which the folders have the names of those that the function is in. To TypeScript both are one
 * (`rootDirs`), so that what it imports from its folder and from npm is found.
 */

interface CheckedFunction {
  readonly file: string;
  /** A module that exports the type `Checked`. Absent: the function says itself what it is. */
  readonly types?: string | undefined;
}

const checkedModule = "signalbox-checked-types";
const checkedType = `import("${checkedModule}").Checked`;

/** Beside this file's folder: TypeScript when run from source, declarations in the published package. */
const functionTypes = fileURLToPath(
  new URL(import.meta.url.endsWith(".ts") ? "../../function-types.ts" : "../../function-types.d.ts", import.meta.url),
);

/** What is wrong, in the order of the compiler. @throws Error when that cannot be found out. */
export async function checkTypes({ file: given, types }: CheckedFunction): Promise<readonly TypeProblem[]> {
  const language = extensions[extname(given)];
  if (language === undefined) throw new Error(`${given}: must end with ${Object.keys(extensions).join(", ")}`);
  const source = await readFile(given, "utf8");
  const file = await realpath(given);
  const compiler = await compilerFor(file);
  const folder = await mkdtemp(join(await realpath(tmpdir()), "signalbox-types-"));
  try {
    const copies = join(folder, "files");
    const copy = join(copies, relative(parse(file).root, file));
    await mirrored(file, copies);
    const typed = types === undefined ? undefined : typedExport(source, checkedType, language);
    await writeFile(copy, typed?.text ?? source);
    const files = [copy];
    if (types !== undefined) await writeFile(join(folder, "checked.ts"), types);
    if (types !== undefined && (typed === undefined || typed.mayBeTypedOtherwise)) {
      const assigned = join(dirname(copy), `${exportName}.ts`);
      await writeFile(assigned, assignment(`./${relative(dirname(file), file)}`));
      files.push(assigned);
    }
    await writeFile(join(folder, "tsconfig.json"), configuration({ files, folder, copies, file, language }));
    const problems = await compiled(compiler, folder);
    return problems.flatMap(({ message, ...where }) => {
      const problem = { ...where, message: message.replaceAll(copies, "") };
      if (problem.file === copy) return [{ ...at(problem, typed), file: given }];
      if (problem.file.startsWith(`${copies}${sep}`)) return [{ ...problem, file: given, line: 1, column: 1 }];
      // Of what Signalbox itself is, and of the types that were written for this.
      return problem.file.startsWith(folder) || problem.file.startsWith(dirname(functionTypes)) ? [] : [problem];
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The folders of a file, and in each what npm has installed there. */
async function mirrored(file: string, copies: string): Promise<void> {
  const { root } = parse(file);
  await mkdir(join(copies, relative(root, dirname(file))), { recursive: true });
  for (let folder = dirname(file); ; folder = dirname(folder)) {
    const installed = join(folder, "node_modules");
    if (existsSync(installed)) await symlink(installed, join(copies, relative(root, installed)), "junction");
    if (folder === root) return;
  }
}

function assignment(module: string): string {
  return `import given from ${JSON.stringify(module)};\nexport const checked: ${checkedType} = given;\n`;
}

interface Configured {
  readonly files: readonly string[];
  readonly folder: string;
  readonly copies: string;
  readonly file: string;
  readonly language: "javascript" | "typescript";
}

function configuration({ files, folder, copies, file, language }: Configured): string {
  return JSON.stringify({
    compilerOptions: {
      strict: true,
      // Nothing in JavaScript says what a parameter is, but for that of the function itself.
      noImplicitAny: language === "typescript",
      noEmit: true,
      target: "esnext",
      module: "preserve",
      moduleResolution: "bundler",
      // What functions have: the web platform's API, and none of Node's.
      lib: ["esnext", "webworker", "webworker.iterable"],
      types: [],
      allowJs: true,
      checkJs: true,
      allowImportingTsExtensions: true,
      resolveJsonModule: true,
      skipLibCheck: true,
      rootDirs: [copies, parse(file).root],
      paths: { "signalbox/functions": [functionTypes], [checkedModule]: [join(folder, "checked.ts")] },
    },
    files,
  });
}

function at({ line, column, ...rest }: TypeProblem, typed: ReturnType<typeof typedExport>): TypeProblem {
  if (typed?.line !== line) return { ...rest, line, column };
  return { ...rest, line, column: Math.max(1, column - typed.moved) };
}
