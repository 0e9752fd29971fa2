import { useQuery } from "@tanstack/react-query";
import { type ReactNode, useCallback, useEffect, useMemo, useRef, useState } from "react";
import { defined } from "../../../domain/defined.ts";
import type { Face } from "../../../domain/event.ts";
import { call } from "../../api/client.ts";
import { Button } from "../button.tsx";
import { Text } from "../text.tsx";
import { CodeArea } from "./code-area.tsx";
import styles from "./editor.module.css";
import { catalogOf } from "./filter-catalog.ts";
import { FilterChecked } from "./filter-checked.tsx";
import type { problemIn } from "./filter-parser.ts";
import { type FilterProblem, refusedFilter } from "./filter-problem.ts";
import type { LoadEditor } from "./mounted.ts";

interface FilterEditorProps {
  readonly label: string;
  readonly value: string;
  readonly onValue: (value: string) => void;
  /** Whose events it will be asked of. */
  readonly face: Face;
  /** Objects face: without one, all buckets that one manages. */
  readonly bucket?: string | undefined;
  /** Of which type; default any. */
  readonly event?: string | undefined;
  /** Notifications face: uuid of what is watched. */
  readonly resource?: string | undefined;
  /** What a request said of it. Shown where the editor itself finds nothing wrong. */
  readonly error?: ReactNode;
  readonly hint?: ReactNode;
  readonly placeholder?: string;
  readonly rows?: number;
  /** Whether it is held against what happened lately; by default it is. */
  readonly isTried?: boolean;
  /** What Enter does: of searches, which have one line. */
  readonly onSubmit?: () => void;
}

/** How many of the newest events a filter is held against while it is typed. */
const last = 100;
const typingMs = 250;

/**
 * A filter in colours, with what could be written next, what is wrong with it where it is wrong, and what it makes of the events that
 * happened lately.
 */
export function FilterEditor(props: FilterEditorProps) {
  const { label, value, onValue, face, bucket, event, resource, error, hint, placeholder, rows = 2 } = props;
  const { isTried = true, onSubmit } = props;
  const place = { face, ...defined({ bucket, event, resource }) };
  const known = useQuery({
    queryKey: ["listFilterFields", place],
    queryFn: ({ signal }) => call("listFilterFields", { query: place }, { signal }),
    // Before it is said what it is about, the server has nothing to tell.
    enabled: face === "lifecycle" || bucket !== undefined || resource !== undefined,
    staleTime: 60_000,
    retry: false,
  });
  const catalog = useMemo(() => catalogOf(face, known.data?.fields), [face, known.data]);
  const latest = useRef(catalog);
  useEffect(() => {
    latest.current = catalog;
  }, [catalog]);
  const load: LoadEditor = useCallback(async () => {
    const { mountFilterEditor } = await import("./filter-mode.ts");
    return (options) => mountFilterEditor(options, () => latest.current);
  }, []);

  const settled = useSettled(value);
  const isAsked = settled.trim() !== "";
  const parser = useParser();
  const own = useMemo(
    () => (isAsked ? parser?.(settled, catalog.fields) : undefined),
    [parser, settled, isAsked, catalog],
  );
  // The fields of objects are known here as they are to the server; of others it has the last word.
  const isCertain = face === "objects" && parser !== undefined;
  const check = useQuery({
    queryKey: ["tryFilter", place, settled, isTried],
    queryFn: ({ signal }) =>
      call("tryFilter", { body: { ...place, filter: settled, last: isTried ? last : 0 } }, { signal }),
    enabled: isAsked && !(isCertain && (own !== undefined || !isTried)),
    retry: false,
  });
  const refused = refusedFilter(check.error);
  const problem = check.data === undefined || check.isPlaceholderData ? (own ?? refused) : undefined;
  const isCurrent = settled === value;
  const problems = useMemo(() => (problem === undefined || !isCurrent ? [] : [markOf(problem)]), [problem, isCurrent]);
  return (
    <div className={styles["filter"]}>
      <CodeArea
        label={label}
        value={value}
        onValue={onValue}
        load={load}
        rows={rows}
        problems={problems}
        {...defined({ placeholder, hint })}
        error={
          problem === undefined || !isCurrent ? (
            error
          ) : (
            <Refused problem={problem} onFix={(text) => onValue(text)} text={value} />
          )
        }
        {...(onSubmit === undefined ? {} : { keys: { Enter: onSubmit, "Mod-Enter": onSubmit } })}
      />
      <div aria-live="polite">
        {isTried && isAsked && problem === undefined && check.data !== undefined && <FilterChecked data={check.data} />}
      </div>
    </div>
  );
}

interface RefusedProps {
  readonly problem: FilterProblem;
  readonly text: string;
  readonly onFix: (text: string) => void;
}

function Refused({ problem, text, onFix }: RefusedProps) {
  const { message, hint, expected, fix, line, column } = problem;
  return (
    <div className={styles["problem"]}>
      <span>
        {`Line ${line}, column ${column}: `}
        <Text max={400}>{message}</Text>
      </span>
      {expected.length > 0 && hint === undefined && (
        <span className={styles["hint"]}>
          Expected: <Text max={400}>{expected.join(", ")}</Text>
        </span>
      )}
      {hint !== undefined && (
        <span className={styles["hint"]}>
          <Text max={600}>{hint}</Text>
        </span>
      )}
      {fix !== undefined && (
        <Button onClick={() => onFix(text.slice(0, fix.from) + fix.text + text.slice(fix.to))}>
          {fix.text.trim() === "" ? (
            "Fix: leave it out"
          ) : (
            <>
              Fix: write{" "}
              <Text mono max={60}>
                {fix.text.trim()}
              </Text>
            </>
          )}
        </Button>
      )}
    </div>
  );
}

function markOf({ from, to, message, hint }: FilterProblem) {
  return { from, to, message: hint === undefined ? message : `${message}\n${hint}` };
}

type Parser = typeof problemIn;

/** The parser comes when a filter is edited, and its engine of patterns beside it. */
function useParser(): Parser | undefined {
  const [parser, setParser] = useState<{ readonly problemIn: Parser }>();
  useEffect(() => {
    let isWanted = true;
    Promise.all([import("./filter-parser.ts"), import("re2js")]).then(
      ([loaded]) => {
        if (isWanted) setParser(loaded);
      },
      // Then what the server says has to do.
      () => undefined,
    );
    return () => {
      isWanted = false;
    };
  }, []);
  return parser?.problemIn;
}

/** What is typed, once nothing was typed for a moment. */
function useSettled(text: string): string {
  const [settled, setSettled] = useState(text);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(text), typingMs);
    return () => clearTimeout(timer);
  }, [text]);
  return settled;
}
