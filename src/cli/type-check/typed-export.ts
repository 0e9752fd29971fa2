/** A function's source in which its default export has a type, so that what it leaves untyped is typed by that: `({ params }) => …`. */

interface TypedExport {
  readonly text: string;
  /** Which line was changed, from 1, and by how many columns what follows in it was moved. */
  readonly line: number;
  readonly moved: number;
  /** Another comment before it may go before this one. */
  readonly mayBeTypedOtherwise: boolean;
}

/** Whatever is no code, but for regular expressions: of those that hold a quote a line is passed over at the most. Or the export. */
const parts =
  /\/\*[\s\S]*?\*\/|\/\/[^\n]*|`(?:\\[\s\S]|[^`\\])*`|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|^(?<before>[ \t]*)export[ \t]+default[ \t]+/gm;
/** Of a name that nothing else has. */
export const exportName = "$signalboxFunction";
const ofDeclaration = /^(?:async\s+)?(?<what>function|class)\b\s*\*?\s*(?<name>[\w$]*)/;

/**
 * `undefined` where that cannot be done: there is none that begins a line, more than one is found, or it is a declaration whose name is used
 * elsewhere, but for functions of JavaScript, which a comment types as they are.
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
  const before = found.groups?.["before"] ?? "";
  const line = source.slice(0, found.index).split("\n").length;
  const { what = "", name = "" } = ofDeclaration.exec(rest)?.groups ?? {};
  const isUsed = source.split(/[^\w$]+/).filter((word) => word === name).length > 1;
  if (name !== "" && name !== "extends" && isUsed) {
    if (language === "typescript" || what !== "function") return undefined;
    const comment = `${before}/** @type {${type}} */ `;
    const text = `${source.slice(0, found.index)}${comment}${source.slice(found.index + before.length)}`;
    return { text, line, moved: comment.length - before.length, mayBeTypedOtherwise: true };
  }
  const typed =
    language === "typescript"
      ? `${before}const ${exportName}: ${type} = `
      : `${before}/** @type {${type}} */ const ${exportName} = `;
  return {
    text: `${source.slice(0, found.index)}${typed}${rest}\nexport default ${exportName};\n`,
    line,
    moved: typed.length - found[0].length,
    mayBeTypedOtherwise: false,
  };
}
