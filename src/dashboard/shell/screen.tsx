import { type AsyncRouteComponent, Link, lazyRouteComponent } from "@tanstack/react-router";
import { type ComponentType, useState } from "react";
import { arriving, isOfMissingFile, reloadOnce } from "../api/arriving.ts";
import { Button } from "../parts/button.tsx";
import { Empty, Loading, Problem } from "../parts/notice.tsx";
import { Page } from "../parts/page.tsx";

/** Screens are files of their own, and what stands in their place: on its way, failed, and none. */

/** A screen that is fetched when it is opened first, or when one is about to. */
export function screen<Name extends string>(
  load: () => Promise<Readonly<Record<Name, ComponentType>>>,
  name: Name,
): AsyncRouteComponent<object> {
  const instead = (thrown: unknown): { readonly default: ComponentType } => {
    // Thrown, the router would load the page again by itself, whether the server is there or not.
    if (isOfMissingFile(thrown)) return { default: MissingScreen };
    throw thrown;
  };
  return lazyRouteComponent(() =>
    arriving(load)
      .then((module) => ({ default: module[name] }))
      .catch(instead),
  );
}

function MissingScreen() {
  const [reloads] = useState(reloadOnce);
  if (reloads) return <ScreenLoading />;
  return (
    <Page title="Not loaded">
      <Empty
        title="This screen's files cannot be had from the server"
        action={
          <Button look="primary" onClick={() => window.location.reload()}>
            Load the page again
          </Button>
        }
      >
        Something between this browser and the server may hold them back.
      </Empty>
    </Page>
  );
}

export function ScreenLoading() {
  return (
    <Page title="Loading">
      <Loading />
    </Page>
  );
}

export function ScreenFailed({ error, reset }: { readonly error: unknown; readonly reset: () => void }) {
  return (
    <Page title="Failed">
      <Problem error={error} onRetry={reset} />
    </Page>
  );
}

/** At an address that leads to no screen. */
export function NoSuchPage() {
  return (
    <Page title="Not found">
      <Empty title="There is no page at this address">
        <Link to="/">Go to the start</Link>
      </Empty>
    </Page>
  );
}
