import { checkedAccessText, faceFields, readAccess } from "../domain/filter/index.ts";
import type { ListeningState } from "../store/store.ts";
import type { IndexedState } from "./tenant-index.ts";

/** The state as indexes take it in. `undefined`: its filter has to be read first. */
export function indexedAtOnce(state: ListeningState): IndexedState | undefined {
  const { filter } = state;
  if (filter === undefined) return { state, filter };
  const access = readAccess(state.access);
  return access && { state, filter: { text: filter, access } };
}

/** The same, in the time that its filter takes to compile, and the access that was made for it. */
export function indexedAnew(state: ListeningState): IndexedState & { readonly made: string } {
  const { filter = "", face } = state;
  const made = checkedAccessText(filter, faceFields[face]);
  return { state, filter: { text: filter, access: readAccess(made) ?? { keys: [] } }, made };
}
