import { Link } from "@tanstack/react-router";
import styles from "./tabs.module.css";

interface TabsProps {
  /** Of what, for screen readers. */
  readonly label: string;
  /** Each an address of its own, below the tenant. */
  readonly tabs: readonly {
    readonly label: string;
    readonly to: string;
    readonly exact?: boolean;
    readonly search?: object;
  }[];
}

/** Screens that belong together. */
export function Tabs({ label, tabs }: TabsProps) {
  return (
    <nav aria-label={label} className={styles["tabs"]}>
      {tabs.map(({ label: name, to, exact = true, search = {} }) => (
        <Link
          key={to}
          to={to}
          search={search}
          activeOptions={{ exact, includeSearch: false }}
          activeProps={{ "aria-current": "page" }}
        >
          {name}
        </Link>
      ))}
    </nav>
  );
}
