/** A function's source in which its default export has a type, so that what it leaves untyped is typed by that: `({ params }) => …`. */

interface TypedExport {
  readonly text: string;
  /** Which line was changed, from 1, and by how many columns what follows in it was moved. */
  readonly line: number;
  readonly moved: number;
}

/** Whatever is no code, but for regular expressions: of those that hold a quote a line is passed over at the most. Or the export. */
const parts =
  /\/\*[\s\S]*?\*\/|\/\/[^\n]*|`(?:\\[\s\S]|[^`\\])*`|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|^(?<before>[ \t]*)export[ \t]+default[ \t]+/gm;
/** Of a name that nothing else has. */
export const exportName = "$signalboxFunction";
const ofDeclaration = /^(?:async\s+)?(?:function\s*\*?|class)\s*([\w$]+)/;

/**
 * `undefined` where that cannot be done: there is none that begins a line, more than one is found, or it is a declaration whose name is used elsewhere.
 *
 * @param type as a type may be written anywhere: `import("…").Name`.
 */
export function typedExport(
  source: string,
  type: string,
  language: "javascript" | "typescript",
): TypedExport | undefined {
  const [found, another] = [...source.matchAll(parts)].filter(({ groups }) => groups?.["before"] !== undefined);
  if (found === undefined || another !== undefined || source.includes(exportName)) return undefined;
  const rest = source.slice(found.index + found[0].length);
  const [, name] = ofDeclaration.exec(rest) ?? [];
  if (name !== undefined && name !== "extends" && source.split(name).length > 2) return undefined;
  const before = found.groups?.["before"] ?? "";
  const typed =
    language === "typescript"
      ? `${before}const ${exportName}: ${type} = `
      : `${before}/** @type {${type}} */ const ${exportName} = `;
  return {
    text: `${source.slice(0, found.index)}${typed}${rest}\nexport default ${exportName};\n`,
    line: source.slice(0, found.index).split("\n").length,
    moved: typed.length - found[0].length,
  };
}
