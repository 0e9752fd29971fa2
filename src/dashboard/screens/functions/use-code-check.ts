import { useQuery } from "@tanstack/react-query";
import { useEffect, useMemo, useState } from "react";
import { type Answer, call } from "../../api/client.ts";
import type { EditorProblem } from "../../parts/editor/mounted.ts";

type CodeProblem = Answer<"checkFunctionCode">["problems"][number];

interface Checked {
  readonly state: "none" | "checking" | "ok" | "wrong" | "failed";
  readonly problems: readonly CodeProblem[];
  /** For the editor; none while the code is another one. */
  readonly marks: readonly EditorProblem[];
  readonly error: unknown;
}

interface CheckedCode {
  readonly app: string;
  readonly slug: string | undefined;
  readonly code: string;
  readonly language: "javascript" | "typescript";
  readonly isWanted: boolean;
}

const typingMs = 600;

/** What an upload would say of the code, once nothing was typed for a moment. */
export function useCodeCheck({ app, slug, code, language, isWanted }: CheckedCode): Checked {
  const [settled, setSettled] = useState(code);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(code), typingMs);
    return () => clearTimeout(timer);
  }, [code]);
  const isAsked = isWanted && settled.trim() !== "";
  const check = useQuery({
    queryKey: ["checkFunctionCode", app, slug, language, settled],
    queryFn: ({ signal }) =>
      call(
        "checkFunctionCode",
        { params: { app }, body: { code: settled, language, ...(slug === undefined ? {} : { slug }) } },
        { signal },
      ),
    enabled: isAsked,
    retry: false,
    staleTime: 60_000,
    // Code is long, and each text of it is another key.
    gcTime: 10_000,
  });
  const isCurrent = settled === code;
  const problems = useMemo(() => (isAsked ? (check.data?.problems ?? []) : []), [isAsked, check.data]);
  const marks = useMemo(
    () => (isCurrent ? problems.flatMap((problem) => markOf(settled, problem)) : []),
    [isCurrent, problems, settled],
  );
  const { data, isFetching, isError, error } = check;
  const state = !isAsked
    ? "none"
    : isError
      ? "failed"
      : !isCurrent || isFetching || data === undefined
        ? "checking"
        : data.ok
          ? "ok"
          : "wrong";
  return { state, problems, marks, error };
}

function markOf(
  code: string,
  { line, column, length, message, hint, severity }: CodeProblem,
): readonly EditorProblem[] {
  if (line === null) return [];
  const from = offsetOf(code, { line, column: column ?? 1 });
  return [
    { from, to: from + Math.max(length ?? 1, 1), severity, message: hint === null ? message : `${message}\n${hint}` },
  ];
}

/** Lines and columns from 1, in UTF-16 units; what lies outside is the nearest end. */
export function offsetOf(text: string, { line, column }: { readonly line: number; readonly column: number }): number {
  let start = 0;
  for (let at = 1; at < line; at++) {
    const end = text.indexOf("\n", start);
    if (end < 0) return text.length;
    start = end + 1;
  }
  return Math.min(start + column - 1, text.length);
}
