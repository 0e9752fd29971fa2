/** Texts that whatever a pattern of RE2 matches begins with, or ends with: one of them, if there are several. */
interface RegexpEnds {
  readonly kind: "prefix" | "suffix";
  readonly texts: readonly string[];
}

/** One character of a pattern, or what has to be left alone. */
type Atom =
  | { readonly kind: "literal"; readonly text: string }
  /** `|`, `(`, `)`, `$` or `^`. */
  | { readonly kind: "sign"; readonly sign: string }
  | { readonly kind: "other" };

/** What changes the meaning of all that follows, or takes signs as they are. */
const unread = /\(\?|\\Q|\\E/;
/** ASCII alone: what a pattern says of other characters is left to it. */
const plain = /[\w /\-,:;=@&%#!~'"<>]/;
const repetition = /^(?:[*+?]|\{\d+(?:,\d*)?\})/;

/**
 * `^reports/(?:…` is not read, `^reports/\d+` is: what cannot be understood at a glance gives `undefined`, and so does a pattern that is
 * not held at one of its ends in each of its branches.
 */
export function regexpEnds(pattern: string): RegexpEnds | undefined {
  if (unread.test(pattern)) return undefined;
  const atoms = atomsOf(pattern);
  const branches = atoms && branchesOf(atoms);
  if (branches === undefined) return undefined;
  const heads = branches.map(headOf);
  if (heads.every((head) => head !== "")) return { kind: "prefix", texts: [...new Set(heads)] };
  const tails = branches.map(tailOf);
  return tails.every((tail) => tail !== "") ? { kind: "suffix", texts: [...new Set(tails)] } : undefined;
}

/** A repeated literal is no literal any more: it may be left out. */
function atomsOf(pattern: string): Atom[] | undefined {
  const atoms: Atom[] = [];
  for (let index = 0; index < pattern.length; ) {
    const { atom, length } = atomAt(pattern, index);
    index += length;
    const repeat = repetition.exec(pattern.slice(index))?.[0];
    if (repeat === undefined) {
      atoms.push(atom);
      continue;
    }
    // A second one makes the first lazy.
    index += repeat.length + (pattern[index + repeat.length] === "?" ? 1 : 0);
    if (atom.kind === "sign") {
      if (atom.sign !== ")") return undefined;
      atoms.push(atom);
    }
    atoms.push({ kind: "other" });
  }
  return atoms;
}

function atomAt(pattern: string, index: number): { readonly atom: Atom; readonly length: number } {
  const character = pattern.charAt(index);
  if ("|()$^".includes(character)) return { atom: { kind: "sign", sign: character }, length: 1 };
  if (character === "[") return { atom: { kind: "other" }, length: classLength(pattern, index) };
  if (character === "\\") {
    const next = pattern.charAt(index + 1);
    if (/[^\w\s]/.test(next) && next.charCodeAt(0) < 0x80) return { atom: { kind: "literal", text: next }, length: 2 };
    const long = /^\\(?:[pPx]\{[^}]*\}|[pP][^]|x[\da-fA-F]{2}|[0-7]{1,3}|[^])/.exec(pattern.slice(index))?.[0];
    return { atom: { kind: "other" }, length: long?.length ?? 1 };
  }
  const atom: Atom = plain.test(character) ? { kind: "literal", text: character } : { kind: "other" };
  return { atom, length: 1 };
}

function classLength(pattern: string, index: number): number {
  const found = /^\[\^?\]?(?:\\[pPx]\{[^}]*\}|\\[^]|\[:\^?\w+:\]|[^\]\\])*\]/.exec(pattern.slice(index));
  return found?.[0].length ?? 1;
}

/** What `|` divides, outside of groups. `undefined` where groups are not balanced. */
function branchesOf(atoms: readonly Atom[]): Atom[][] | undefined {
  const branches: Atom[][] = [[]];
  let depth = 0;
  for (const atom of atoms) {
    const sign = atom.kind === "sign" ? atom.sign : "";
    if (sign === "(") depth += 1;
    if (sign === ")") depth -= 1;
    if (depth < 0) return undefined;
    if (sign === "|" && depth === 0) branches.push([]);
    else branches.at(-1)?.push(atom);
  }
  return depth === 0 ? branches : undefined;
}

function headOf([first, ...atoms]: readonly Atom[]): string {
  return isSign(first, "^") ? literals(atoms).join("") : "";
}

function tailOf(branch: readonly Atom[]): string {
  const [last, ...atoms] = branch.toReversed();
  return isSign(last, "$") ? literals(atoms).toReversed().join("") : "";
}

function isSign(atom: Atom | undefined, sign: string): boolean {
  return atom?.kind === "sign" && atom.sign === sign;
}

/** Up to what is none. */
function literals(atoms: readonly Atom[]): string[] {
  const texts: string[] = [];
  for (const atom of atoms) {
    if (atom.kind !== "literal") break;
    texts.push(atom.text);
  }
  return texts;
}
