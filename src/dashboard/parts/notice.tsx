import type { ReactNode } from "react";
import { ApiError } from "../api/client.ts";
import { Button } from "./button.tsx";
import { CopyButton } from "./copy.tsx";
import styles from "./notice.module.css";

/** What stands where a list or a form would: nothing yet, on its way, or an error with what can be done about it. */

interface EmptyProps {
  readonly title: string;
  readonly children?: ReactNode;
  readonly action?: ReactNode;
}

export function Empty({ title, children, action }: EmptyProps) {
  return (
    <div className={styles["empty"]}>
      <p className={styles["title"]}>{title}</p>
      {children !== undefined && <div>{children}</div>}
      {action}
    </div>
  );
}

/** As high as what will come. Shown only to those who wait: it appears after 150 ms. */
export function Loading({ rows = 5 }: { readonly rows?: number }) {
  return (
    <div className={styles["loading"]} aria-busy="true">
      <span className={styles["hidden"]} role="status">
        Loading
      </span>
      {Array.from({ length: rows }, (_, row) => (
        <div key={row} className={styles["bar"]} />
      ))}
    </div>
  );
}

/** What was shown before stays in view, and out of use, while something else is on its way. */
export function Dimmed({ when, children }: { readonly when: boolean; readonly children: ReactNode }) {
  return (
    <div className={when ? styles["dimmed"] : undefined} aria-busy={when} inert={when}>
      {children}
    </div>
  );
}

interface ProblemProps {
  readonly error: unknown;
  readonly onRetry?: () => void;
}

export function Problem({ error, onRetry }: ProblemProps) {
  const { title, detail } = described(error);
  const { requestId, code } = error instanceof ApiError ? error : {};
  return (
    <div className={styles["problem"]} role="alert">
      <p className={styles["title"]}>{title}</p>
      <p>{detail}</p>
      {requestId !== undefined && (
        <p className={styles["small"]}>
          <code>{code}</code> · request <code>{requestId}</code> <CopyButton text={requestId} what="the request's id" />
        </p>
      )}
      {onRetry !== undefined && <Button onClick={onRetry}>Try again</Button>}
    </div>
  );
}

/** The server gives the same answer for what does not exist and for what the viewer may not see. */
function missing(message: string): string {
  const sentence = `${message.slice(0, 1).toUpperCase()}${message.slice(1)}`.replace(/\.$/, "");
  return sentence.endsWith("does not exist") ? `${sentence}, or is not yours to see.` : `${sentence}.`;
}

function described(error: unknown): { readonly title: string; readonly detail: string } {
  if (!(error instanceof ApiError)) {
    return {
      title: "Something went wrong in this page",
      detail: error instanceof Error ? error.message : String(error),
    };
  }
  switch (error.code) {
    case "offline":
      return {
        title: "The server does not answer",
        detail: "What you typed is still here. Try again when it is back.",
      };
    case "unauthenticated":
      return { title: "Your session has ended", detail: "Log in again, then try again; what you typed stays." };
    case "not_found":
      return { title: "Not found", detail: missing(error.message) };
    case "forbidden":
      return { title: "Not allowed", detail: error.message };
    default:
      return {
        title: error.message,
        detail:
          error.status >= 500 ? "It may work when you try again." : `The server refused it; the code is ${error.code}.`,
      };
  }
}
