import { useRouter } from "@tanstack/react-router";
import type { MouseEvent, ReactNode } from "react";

interface RowLinkProps {
  /** Below the dashboard: `/t/acme/deliveries/1`, with all that needs it encoded. */
  readonly path: string;
  readonly className?: string | undefined;
  readonly children: ReactNode;
}

/**
 * A link within the page, for rows of which there come very many: the router's own compares itself with the address and
 * watches whether it is in view, which costs more than all else in a row.
 */
export function RowLink({ path, className, children }: RowLinkProps) {
  const router = useRouter();
  const preload = (): void => void router.preloadRoute({ to: path });
  const follow = (event: MouseEvent): void => {
    const opensElsewhere = event.ctrlKey || event.metaKey || event.shiftKey || event.altKey || event.button !== 0;
    if (opensElsewhere) return;
    event.preventDefault();
    void router.navigate({ to: path });
  };
  return (
    <a
      href={`${router.basepath}${path}`}
      className={className}
      onClick={follow}
      onMouseEnter={preload}
      onFocus={preload}
    >
      {children}
    </a>
  );
}
