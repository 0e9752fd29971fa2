import type { Edit } from "../api/edit.ts";
import { Button } from "./button.tsx";
import styles from "./conflict.module.css";
import { Dialog } from "./dialog.tsx";
import { Row } from "./page.tsx";
import { Text } from "./text.tsx";
import { TextDiff } from "./text-diff.tsx";
import { Time } from "./time.tsx";

/** A part of what is edited, by its name, as text. */
export type EditedPart = readonly [name: string, text: string];

export const conflictTitle = "This was changed while you edited it";

interface BetweenProps {
  /** Name of a principal. */
  readonly by: string | null;
  readonly at: string | null;
}

/** Who it was, and when. */
export function CameBetween({ by, at }: BetweenProps) {
  return (
    <p>
      {by === null ? "It was changed" : <Text>{by}</Text>} {by === null ? "" : "changed it "}
      {at !== null && <Time at={at} />}, after you opened it. Nothing of yours is saved yet.
    </p>
  );
}

interface ConflictProps<Data, Draft> {
  readonly edit: Edit<Data, Draft>;
  readonly partsOf: (draft: Draft) => readonly EditedPart[];
  /** What the form would begin with. */
  readonly draftOf: (data: Data) => Draft;
}

/** Asks whose edit counts when another came between. Nothing was saved yet. */
export function ConflictDialog<Data, Draft>({ edit, partsOf, draftOf }: ConflictProps<Data, Draft>) {
  const { conflict, opened, isSaving, goOn, keepMine, takeTheirs } = edit;
  if (conflict === undefined || opened.data === undefined) return null;
  const { draft, theirs } = conflict;
  const mine = new Map(partsOf(draft));
  const before = new Map(partsOf(draftOf(opened.data.data)));
  const different = partsOf(draftOf(theirs)).filter(([name, text]) => mine.get(name) !== text);
  const noteOf = (name: string, text: string): string => {
    if (mine.get(name) === before.get(name)) return "changed by them only: stays theirs either way";
    return text === before.get(name) ? "changed by you only" : "changed by both";
  };
  return (
    <Dialog title={conflictTitle} open onClose={goOn}>
      <CameBetween {...conflict} />
      {different.length === 0 ? (
        <p>What you see here is the same in both.</p>
      ) : (
        <dl className={styles["parts"]}>
          {different.map(([name, text]) => (
            <div key={name}>
              <dt>
                {name} <small>{noteOf(name, text)}</small>
              </dt>
              <dd>
                <TextDiff label={name} theirs={text} mine={mine.get(name) ?? ""} />
              </dd>
            </div>
          ))}
        </dl>
      )}
      <p>Keep mine saves what you changed, and leaves the rest as they made it. Take theirs drops what you typed.</p>
      <Row>
        <Button look="primary" busy={isSaving} onClick={keepMine}>
          Keep mine
        </Button>
        <Button onClick={takeTheirs}>Take theirs</Button>
        <Button look="ghost" onClick={goOn}>
          Go on editing
        </Button>
      </Row>
    </Dialog>
  );
}
