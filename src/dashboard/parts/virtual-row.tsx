import { memo, type ReactNode } from "react";
import styles from "./virtual-list.module.css";

export interface VirtualColumn<Item> {
  readonly name: string;
  readonly cell: (item: Item) => ReactNode;
  /** A track of a CSS grid: `6rem`, `minmax(0, 1fr)`. */
  readonly width: string;
  /** Figures stand right. */
  readonly isNumber?: boolean;
  /** On a narrow screen it has a line of its own. */
  readonly wide?: boolean;
}

interface VirtualRowProps<Item> {
  readonly id: string;
  readonly index: number;
  /** Pixels from the top of the list. */
  readonly start: number;
  readonly height: number;
  readonly tracks: string;
  /** Absent while it is read again. */
  readonly item: Item | undefined;
  readonly columns: readonly VirtualColumn<Item>[];
  readonly isActive: boolean;
  readonly isChosen: boolean;
  readonly nameOf: (item: Item) => string;
  /** Absent where none can be chosen. */
  readonly onChoose: ((item: Item) => void) | undefined;
}

/** A row of a virtual list, drawn anew only when it shows something else. */
export const VirtualRow = memo(function VirtualRow<Item>(props: VirtualRowProps<Item>) {
  const { id, index, start, height, tracks, item, columns, isActive, isChosen, nameOf, onChoose } = props;
  return (
    <div
      id={id}
      role="row"
      aria-rowindex={index + 2}
      aria-selected={onChoose === undefined ? undefined : isChosen}
      className={isActive ? `${styles["row"]} ${styles["active"]}` : styles["row"]}
      style={{ transform: `translateY(${start}px)`, height, gridTemplateColumns: tracks }}
    >
      {onChoose !== undefined && (
        <span role="gridcell" className={styles["choice"]}>
          {item !== undefined && (
            <input
              type="checkbox"
              aria-label={`Choose ${nameOf(item)}`}
              checked={isChosen}
              onChange={() => onChoose(item)}
            />
          )}
        </span>
      )}
      {columns.map((column) => (
        <span key={column.name} role="gridcell" className={classOf(column)}>
          {item === undefined ? <span className={styles["gone"]} /> : column.cell(item)}
        </span>
      ))}
    </div>
  );
}) as <Item>(props: VirtualRowProps<Item>) => ReactNode;

function classOf({ isNumber = false, wide = false }: Pick<VirtualColumn<never>, "isNumber" | "wide">): string {
  return [styles["cell"], isNumber ? styles["number"] : "", wide ? styles["wide"] : ""].filter(Boolean).join(" ");
}
