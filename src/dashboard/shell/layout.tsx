import { Link, Outlet, useLocation, useParams } from "@tanstack/react-router";
import { Fragment, type MouseEvent, type ReactNode, useEffect, useRef, useState } from "react";
import { call, chooseTenant } from "../api/client.ts";
import { useLiveState } from "../api/live.ts";
import { useRequest } from "../api/request.ts";
import { actedTenant, reaches, type Self, SelfContext, useSession } from "../api/session.ts";
import { Button, IconButton } from "../parts/button.tsx";
import { Confirm } from "../parts/dialog.tsx";
import { clearDrafts, useDraftCount } from "../parts/drafts.ts";
import { Empty, Loading, Problem } from "../parts/notice.tsx";
import { Page } from "../parts/page.tsx";
import { ZoneContext } from "../parts/time.tsx";
import { Login, LoginAgain } from "../screens/login/login.tsx";
import { AwayBanner } from "./away-banner.tsx";
import { Keyboard } from "./keyboard.tsx";
import styles from "./layout.module.css";
import { Palette } from "./palette.tsx";
import { places } from "./places.ts";
import { setPreferences, usePreferences } from "./preferences.ts";
import { TenantSwitch } from "./tenant-switch.tsx";

/** What stands around every screen: where one can go, who one is, and the search. */

export function Layout() {
  const { tenant } = useParams({ strict: false });
  const session = useSession();
  const { zone } = usePreferences();
  const [known, setKnown] = useState<Self>();
  if (session.data && session.data !== known) setKnown(session.data);
  // Once a principal was known the screen stays, with all that was typed in it.
  const self = session.data ?? known;
  if (self === undefined) {
    if (session.isPending) return <Loading />;
    if (session.data === null) return <Login />;
    return <Problem error={session.error} onRetry={() => void session.refetch()} />;
  }
  const acted = actedTenant(self, tenant);
  chooseTenant(acted === self.tenant ? undefined : acted);
  return (
    <SelfContext value={self}>
      <ZoneContext value={zone}>
        <Frame key={`${self.tenant} ${self.principal}`} self={self} tenant={acted}>
          {/* Nothing of a screen is carried into another tenant. */}
          <Fragment key={acted}>{tenant === acted ? <Outlet /> : <NotYours />}</Fragment>
        </Frame>
        {session.data === null && <LoginAgain before={self} />}
      </ZoneContext>
    </SelfContext>
  );
}

/** At an address of another tenant, which was kept or sent. */
function NotYours() {
  return (
    <Page title="Not found">
      <Empty title="This address is of another tenant">The menu leads to what is in yours.</Empty>
    </Page>
  );
}

interface FrameProps {
  readonly self: Self;
  /** Where its links lead. */
  readonly tenant: string;
  readonly children: ReactNode;
}

function Frame({ self, tenant, children }: FrameProps) {
  const [isOpen, setOpen] = useState(false);
  const { pathname } = useLocation();
  const main = useRef<HTMLElement>(null);
  const isFirst = useRef(true);
  useEffect(() => {
    setOpen(false);
    // A new screen begins at its heading, for screen readers too.
    if (!isFirst.current) main.current?.querySelector("h1")?.focus({ preventScroll: true });
    isFirst.current = false;
    window.scrollTo(0, 0);
  }, [pathname]);
  const skip = (event: MouseEvent): void => {
    // The address is below the document's base, so that the link itself would lead to another page.
    event.preventDefault();
    main.current?.focus();
  };
  return (
    <div className={styles["frame"]}>
      <a className={styles["skip"]} href="#main" onClick={skip}>
        Skip to the content
      </a>
      <div className={styles["top"]}>
        <AwayBanner />
        <header className={styles["header"]} data-open={isOpen}>
          <IconButton label="Menu" look="ghost" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
            ☰
          </IconButton>
          <Link className={styles["brand"]} to="/t/$tenant" params={{ tenant }}>
            <Mark />
            Signalbox
          </Link>
          {self.tenants.choose ? (
            <TenantSwitch tenant={tenant} />
          ) : (
            <span className={styles["tenant"]}>
              <bdi>{tenant}</bdi>
            </span>
          )}
          <Palette tenant={tenant} />
          <LiveMark />
          <Switches />
          <Keyboard tenant={tenant} />
          <Who self={self} />
        </header>
      </div>
      <nav className={styles["nav"]} data-open={isOpen} aria-label="Main">
        {places
          .filter(({ least }) => reaches(self, least))
          .map(({ label, path, begins = false }) => (
            <Link
              key={path}
              to={path}
              params={{ tenant }}
              data-begins={begins}
              activeOptions={{ exact: path === "/t/$tenant", includeSearch: false }}
              activeProps={{ "aria-current": "page" }}
            >
              {label}
            </Link>
          ))}
        <p className={styles["version"]}>Version {self.version}</p>
      </nav>
      <main id="main" ref={main} tabIndex={-1} className={styles["main"]}>
        {children}
      </main>
    </div>
  );
}

/** Where what is shown follows what happens. */
function LiveMark() {
  const state = useLiveState();
  if (state === "off") return null;
  return (
    <span className={styles["live"]} data-state={state} role="status">
      {state === "live" ? "● live" : "○ connecting"}
    </span>
  );
}

function Switches() {
  const { theme, zone } = usePreferences();
  const next = { light: "dark", dark: "system", system: "light" } as const;
  return (
    <>
      <Button
        look="ghost"
        className={styles["more"] ?? ""}
        onClick={() => setPreferences({ zone: zone === "utc" ? "local" : "utc" })}
      >
        {zone === "utc" ? "UTC" : "Local time"}
      </Button>
      <IconButton label={`Theme: ${theme}`} look="ghost" onClick={() => setPreferences({ theme: next[theme] })}>
        {{ light: "☀", dark: "☾", system: "◐" }[theme]}
      </IconButton>
    </>
  );
}

function Who({ self }: { readonly self: Self }) {
  const leaving = useRequest({
    mutationFn: () => call("logOut", {}, { atHome: true }),
    onSuccess: ({ log_out_url: elsewhere }) => {
      clearDrafts();
      if (elsewhere === null) window.location.reload();
      else window.location.assign(elsewhere);
    },
  });
  const drafts = useDraftCount();
  const [isAsking, setAsking] = useState(false);
  return (
    <span className={`${styles["who"]} ${styles["more"]}`}>
      <span>
        <bdi>{self.principal}</bdi> <small>{self.role}</small>
      </span>
      <Button look="ghost" busy={leaving.isPending} onClick={() => (drafts === 0 ? leaving.mutate() : setAsking(true))}>
        Log out
      </Button>
      <Confirm
        title="Log out?"
        action="Log out"
        open={isAsking}
        busy={leaving.isPending}
        onConfirm={() => leaving.mutate()}
        onClose={() => setAsking(false)}
      >
        <p>
          {drafts === 1 ? "1 draft of a function is" : `${drafts} drafts of functions are`} kept in this browser only,
          and thrown away then.
        </p>
      </Confirm>
      {leaving.isError && <span role="alert">You are still logged in: {leaving.error.message}</span>}
    </span>
  );
}

/** A semaphore arm over its post. */
function Mark() {
  return (
    <svg viewBox="0 0 24 24" width="22" height="22" aria-hidden="true">
      <rect x="5" y="3" width="2.5" height="18" rx="1.25" fill="currentColor" />
      <rect x="6" y="5" width="14" height="5" rx="2.5" fill="var(--accent)" />
      <circle cx="6.25" cy="7.5" r="3.25" fill="var(--surface)" stroke="currentColor" strokeWidth="2" />
    </svg>
  );
}
