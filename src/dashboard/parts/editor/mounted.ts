/** What a screen knows of an editor, whose own code comes later. */

export interface EditorProblem {
  /** In UTF-16 code units. */
  readonly from: number;
  readonly to: number;
  readonly message: string;
  /** By default an error. */
  readonly severity?: "error" | "warning";
}

type Attributes = Readonly<Record<string, string>>;

export interface MountOptions {
  readonly parent: HTMLElement;
  readonly value: string;
  /** Where the caret stands; it has the focus then. */
  readonly selection?: { readonly anchor: number; readonly head: number } | undefined;
  /** Of the element that is written in: its label, and what describes it. */
  readonly attributes: Attributes;
  readonly isReadOnly?: boolean;
  readonly placeholder?: string | undefined;
  readonly onValue: (value: string) => void;
  /** What keys such as `Mod-Enter` do. */
  readonly keys?: Readonly<Record<string, () => void>>;
}

export interface MountedEditor {
  setValue(value: string): void;
  setProblems(problems: readonly EditorProblem[]): void;
  setTies(attributes: Attributes): void;
  setReadOnly(isReadOnly: boolean): void;
  /** Puts the caret there, and the focus into the editor. */
  goTo(offset: number): void;
  focus(): void;
  destroy(): void;
}

/** Brings the code of an editor. */
export type LoadEditor = () => Promise<(options: MountOptions) => MountedEditor>;
