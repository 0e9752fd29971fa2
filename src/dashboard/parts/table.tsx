import type { ReactNode } from "react";
import styles from "./table.module.css";

interface Column<Item> {
  readonly name: string;
  readonly cell: (item: Item) => ReactNode;
  /** Figures stand right. */
  readonly isNumber?: boolean;
  /** Takes the room that is left. */
  readonly wide?: boolean;
}

interface TableProps<Item> {
  /** What it lists, for screen readers. */
  readonly label: string;
  readonly columns: readonly Column<Item>[];
  readonly items: readonly Item[];
  readonly keyOf: (item: Item) => string;
}

/** A short list. On a narrow screen each row becomes a block with the columns' names beside their values. */
export function Table<Item>({ label, columns, items, keyOf }: TableProps<Item>) {
  return (
    <div className={styles["frame"]}>
      <table className={styles["table"]} aria-label={label}>
        <thead>
          <tr>
            {columns.map(({ name, isNumber, wide }) => (
              <th key={name} scope="col" className={classOf(isNumber, wide)}>
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {items.map((item) => (
            <tr key={keyOf(item)}>
              {columns.map(({ name, cell, isNumber, wide }) => (
                <td key={name} data-name={name} className={classOf(isNumber, wide)}>
                  <div>{cell(item)}</div>
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function classOf(isNumber = false, wide = false): string | undefined {
  const classes = [isNumber ? styles["number"] : "", wide ? styles["wide"] : ""].filter(Boolean);
  return classes.length === 0 ? undefined : classes.join(" ");
}
