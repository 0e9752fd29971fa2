import type { ReactNode } from "react";
import { Button } from "./button.tsx";
import { Dimmed, Loading, Problem } from "./notice.tsx";
import { Row, Stack } from "./page.tsx";

interface ListState<Page> {
  readonly data: { readonly pages: readonly Page[] } | undefined;
  readonly isPending: boolean;
  readonly isError: boolean;
  readonly error: unknown;
  readonly hasNextPage: boolean;
  readonly isFetchingNextPage: boolean;
  /** What is shown is of the choice before. */
  readonly isPlaceholderData?: boolean;
  refetch(): Promise<unknown>;
  fetchNextPage(): Promise<unknown>;
}

interface ListProps<Page, Item> {
  readonly state: ListState<Page>;
  readonly itemsOf: (page: Page) => readonly Item[];
  /** What stands there when there is nothing. */
  readonly empty: ReactNode;
  readonly children: (items: readonly Item[]) => ReactNode;
}

/** Every state of a list: on its way, failed, empty, shown, and more to come. */
export function List<Page, Item>({ state, itemsOf, empty, children }: ListProps<Page, Item>) {
  if (state.isPending) return <Loading />;
  if (state.data === undefined) return <Problem error={state.error} onRetry={() => void state.refetch()} />;
  const items = state.data.pages.flatMap(itemsOf);
  if (items.length === 0 && !state.hasNextPage) return state.isPlaceholderData === true ? <Loading /> : empty;
  return (
    <Stack>
      {state.isError && <Problem error={state.error} onRetry={() => void state.refetch()} />}
      {items.length > 0 && (
        <Dimmed when={state.isPlaceholderData === true}>
          <Stack>{children(items)}</Stack>
        </Dimmed>
      )}
      {state.hasNextPage && (
        <Row>
          {items.length === 0 && <span>Nothing fits so far.</span>}
          <Button busy={state.isFetchingNextPage} onClick={() => void state.fetchNextPage()}>
            {items.length === 0 ? "Search on" : "Show more"}
          </Button>
        </Row>
      )}
    </Stack>
  );
}
