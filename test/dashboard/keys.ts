/** The keyboard of somebody who has nothing else; the focus has to be seen wherever it comes. */
import assert from "node:assert/strict";
import type { Locator, Page } from "playwright-core";

/** More stops than any screen of these has. */
const mostStops = 150;

export interface Keys {
  readonly press: (...keys: readonly string[]) => Promise<void>;
  readonly type: (text: string) => Promise<void>;
  readonly isAt: (place: Locator) => Promise<boolean>;
  /** By Tab; fails when the focus is on something without being seen there. */
  readonly to: (place: Locator) => Promise<void>;
  /** Goes there and presses Enter. */
  readonly use: (place: Locator) => Promise<void>;
  /** Goes there and writes over what stands in it. */
  readonly fill: (place: Locator, text: string) => Promise<void>;
}

/** What has the focus without being seen, or nothing. */
const unseenFocus = `(() => {
  const at = document.activeElement;
  if (at === document.body || at.closest("[data-base-ui-focus-guard]") !== null) return "";
  const { outlineStyle, boxShadow } = getComputedStyle(at);
  const box = at.getBoundingClientRect();
  const around = at.closest(".cm-focused");
  const isSeen = (outlineStyle !== "none" || boxShadow !== "none" || at.type === "radio" || at.type === "checkbox" || around !== null) && box.width > 0;
  return isSeen ? "" : at.outerHTML.slice(0, 200);
})()`;

export function keysOf(page: Page): Keys {
  const press = async (...keys: readonly string[]): Promise<void> => {
    for (const key of keys) await page.keyboard.press(key);
  };
  const isAt = async (place: Locator): Promise<boolean> => (await place.and(page.locator(":focus")).count()) === 1;
  const to = async (place: Locator): Promise<void> => {
    await place.waitFor();
    for (let stop = 0; stop < mostStops; stop += 1) {
      if (await isAt(place)) return;
      // In an editor of code Tab indents; Escape, then Tab, leaves it.
      if (await page.evaluate<boolean>("document.activeElement.closest('.cm-content') !== null")) await press("Escape");
      await press("Tab");
      assert.equal(await page.evaluate<string>(unseenFocus), "", "the focus is to be seen");
    }
    assert.fail(`no Tab leads to ${String(place)}`);
  };
  return {
    press,
    type: (text) => page.keyboard.type(text),
    isAt,
    to,
    use: async (place) => {
      await to(place);
      await press("Enter");
    },
    fill: async (place, text) => {
      await to(place);
      await press("Control+a");
      await page.keyboard.type(text);
    },
  };
}
