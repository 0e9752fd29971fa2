import { useVirtualizer } from "@tanstack/react-virtual";
import {
  type FocusEvent,
  type KeyboardEvent,
  useEffect,
  useId,
  useLayoutEffect,
  useRef,
  useState,
  useSyncExternalStore,
} from "react";
import type { ListWindow } from "../api/list-window.ts";
import { Button } from "./button.tsx";
import { Problem } from "./notice.tsx";
import { Row } from "./page.tsx";
import { RowSlots } from "./row-slots.ts";
import { type Shortcut, useShortcuts } from "./shortcuts.ts";
import { useClock } from "./time.tsx";
import styles from "./virtual-list.module.css";
import { type VirtualColumn, VirtualRow } from "./virtual-row.tsx";

interface VirtualListProps<Item> {
  /** What it lists, for screen readers. */
  readonly label: string;
  readonly list: ListWindow<Item>;
  readonly columns: readonly VirtualColumn<Item>[];
  readonly keyOf: (item: Item) => string;
  /** What a row is called, for screen readers: `dead images/cat.jpg`. */
  readonly nameOf: (item: Item) => string;
  readonly onOpen: (item: Item) => void;
  /** Keys of the rows that are chosen; absent: none can be. */
  readonly chosen?: ReadonlySet<string>;
  readonly onChoose?: (item: Item) => void;
}

const rowPx = 36;
const narrowRowPx = 84;
const narrow = window.matchMedia("(max-width: 40rem)");
/** Rows beyond the edges that are drawn before they come into view. */
const overscan = 4;

/**
 * A list of any length: what is in view is in the page, and no more. `j` and `k` go up and down, Enter opens, `x` chooses. Rows never move by
 * themselves.
 */
export function VirtualList<Item>(props: VirtualListProps<Item>) {
  const { label, list, columns, keyOf, nameOf, onOpen, chosen, onChoose } = props;
  useSyncExternalStore(list.subscribe, () => list.version);
  const isNarrow = useIsNarrow();
  const height = isNarrow ? narrowRowPx : rowPx;
  const frame = useRef<HTMLDivElement>(null);
  const [active, setActive] = useState(-1);
  const id = useId();
  // oxlint-disable-next-line react/incompatible-library -- what it gives is asked for anew each time, and not passed on
  const virtual = useVirtualizer({
    count: list.total,
    getScrollElement: () => frame.current,
    estimateSize: () => height,
    overscan,
    initialOffset: list.scrollTop,
    paddingStart: isNarrow ? 0 : rowPx,
    scrollPaddingStart: isNarrow ? 0 : rowPx,
  });
  useEffect(() => virtual.measure(), [virtual, height]);
  const shown = virtual.getVirtualItems();
  const [from, to] = [shown[0]?.index ?? 0, shown.at(-1)?.index ?? 0];
  useEffect(() => list.look(from, to), [list, from, to, list.version]);
  const [slots] = useState(() => new RowSlots());
  const slotOf = slots.of(shown.map(({ index }) => index));
  useEffect(() => {
    list.scrollTop = virtual.scrollOffset ?? 0;
  });
  const focused = useRef(-1);
  useLayoutEffect(() => {
    // Its row has left, and the element with the focus is now another's: the list takes it.
    if (focused.current >= 0 && (focused.current < from || focused.current > to)) {
      frame.current?.focus({ preventScroll: true });
    }
  }, [from, to]);
  const go = (index: number): void => {
    const at = Math.max(0, Math.min(index, list.total - 1));
    setActive(at);
    virtual.scrollToIndex(at);
    frame.current?.focus({ preventScroll: true });
  };
  const chosenAt = list.at(active);
  const next: Shortcut = { keys: "j", label: "Next row", run: () => go(active + 1), repeats: true };
  const last: Shortcut = { keys: "k", label: "Row before", run: () => go(active - 1), repeats: true };
  const open = chosenAt === undefined ? undefined : () => onOpen(chosenAt);
  const choose = chosenAt === undefined || onChoose === undefined ? undefined : () => onChoose(chosenAt);
  useShortcuts([
    next,
    last,
    ...(open === undefined ? [] : [{ keys: "Enter", label: "Open the row", run: open }]),
    ...(choose === undefined ? [] : [{ keys: "x", label: "Choose the row", run: choose }]),
  ]);
  // In the list itself the keys of a grid count, also for those who have switched single keys off.
  const ofGrid: Readonly<Record<string, (() => void) | undefined>> = {
    ArrowDown: next.run,
    ArrowUp: last.run,
    Enter: open,
    " ": choose,
  };
  const pressed = (event: KeyboardEvent): void => {
    const act = event.target === event.currentTarget ? ofGrid[event.key] : undefined;
    if (act === undefined) return;
    event.preventDefault();
    act();
  };
  const tracks = [...(chosen === undefined ? [] : ["2rem"]), ...columns.map(({ width }) => width)].join(" ");
  return (
    <>
      <div
        ref={frame}
        className={styles["frame"]}
        role="grid"
        tabIndex={0}
        aria-label={label}
        aria-rowcount={list.hasMore ? -1 : list.total + 1}
        aria-multiselectable={chosen === undefined ? undefined : true}
        data-kept={list.kept}
        aria-activedescendant={active < 0 ? undefined : `${id}-${active}`}
        onKeyDown={pressed}
        onFocus={({ target }: FocusEvent) => {
          focused.current = Number(target.closest("[role=row]")?.ariaRowIndex ?? 1) - 2;
        }}
        onBlur={() => {
          focused.current = -1;
        }}
      >
        <div role="rowgroup" className={styles["body"]} style={{ height: virtual.getTotalSize() }}>
          <div role="row" aria-rowindex={1} className={styles["head"]} style={{ gridTemplateColumns: tracks }}>
            {chosen !== undefined && (
              <span role="columnheader">
                <span className={styles["hidden"]}>Chosen</span>
              </span>
            )}
            {columns.map(({ name, isNumber }) => (
              <span key={name} role="columnheader" className={isNumber === true ? styles["number"] : undefined}>
                {name}
              </span>
            ))}
          </div>
          {shown.map(({ index, start }) => {
            const item = list.at(index);
            return (
              <VirtualRow<Item>
                key={slotOf.get(index)}
                id={`${id}-${index}`}
                index={index}
                start={start}
                height={height}
                tracks={tracks}
                item={item}
                columns={columns}
                isActive={index === active}
                isChosen={item !== undefined && chosen?.has(keyOf(item)) === true}
                nameOf={nameOf}
                onChoose={chosen === undefined ? undefined : onChoose}
              />
            );
          })}
        </div>
      </div>
      <End list={list} />
    </>
  );
}

/** What is behind the last row. */
function End<Item>({ list }: { readonly list: ListWindow<Item> }) {
  const clock = useClock();
  if (list.error !== undefined) return <Problem error={list.error} onRetry={() => void list.more()} />;
  const searched = list.searchedTo === undefined ? "" : `searched back to ${clock(list.searchedTo)}`;
  if (!list.waits) return null;
  return (
    <Row>
      <span>{list.total === 0 ? `Nothing fits so far, ${searched}.` : `${searched}.`}</span>
      <Button onClick={() => void list.more()}>Go on</Button>
    </Row>
  );
}

function useIsNarrow(): boolean {
  return useSyncExternalStore(
    (listener) => {
      narrow.addEventListener("change", listener);
      return () => narrow.removeEventListener("change", listener);
    },
    () => narrow.matches,
  );
}
