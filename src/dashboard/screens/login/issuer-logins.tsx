import { useQuery } from "@tanstack/react-query";
import { call } from "../../api/client.ts";
import { buttonClass } from "../../parts/button.tsx";
import styles from "./login.module.css";

interface IssuerLoginsProps {
  /** Over a screen that stays: the log in is in another tab, and counts here as soon as one comes back. */
  readonly isAgain: boolean;
}

/** Links to where the platform's own users log in. Where they cannot be had, a token still does. */
export function IssuerLogins({ isAgain }: IssuerLoginsProps) {
  const { data } = useQuery({
    queryKey: ["session", "logins"],
    queryFn: ({ signal }) => call("listLogins", {}, { signal, atHome: true }),
    staleTime: Number.POSITIVE_INFINITY,
  });
  if (data === undefined || data.logins.length === 0) return null;
  // Another page than this one, so no place of the page's own: the server leads on from there.
  const to = `?to=${encodeURIComponent(placeHere())}`;
  return (
    <ul className={styles["issuers"]} aria-label="Log in elsewhere">
      {data.logins.map(({ id, label, url }) => (
        <li key={id}>
          <a
            className={buttonClass("plain")}
            href={isAgain ? url : `${url}${to}`}
            {...(isAgain ? { target: "_blank", rel: "noreferrer" } : {})}
          >
            Log in with {label}
          </a>
        </li>
      ))}
    </ul>
  );
}

/** This place, below the dashboard. */
function placeHere(): string {
  const { pathname, search } = window.location;
  const root = new URL(document.baseURI).pathname;
  return pathname.startsWith(root) ? `${pathname.slice(root.length)}${search}` : "";
}
