import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import type { Visit } from "../support/browser.ts";

/** The least a finger is asked to hit, in CSS pixels. */
const TARGET_PX = 44;

/** What can be pressed and is smaller than a finger, by name. Links within a sentence may be. */
function smallTargets(page: Page): Promise<string[]> {
  return page.evaluate((least) => {
    const pressed = document.querySelectorAll<HTMLElement>("button, input, select, summary, nav a");
    const visible = [...pressed].filter(
      (element) => element.checkVisibility() && element.closest(".skip") === null,
    );
    const small = visible.filter((element) => {
      const box = (element.closest("label") ?? element).getBoundingClientRect();
      return box.height > 0 && (box.height < least || box.width < least);
    });
    return small.map((element) => element.outerHTML.slice(0, 120));
  }, TARGET_PX);
}

/** Nothing is wider than the screen, or smaller than a finger. */
export async function fitsTheScreen(visit: Visit): Promise<void> {
  const { page } = visit;
  const overflow = await page.evaluate(
    () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
  );
  assert.ok(overflow <= 0, `${page.url()} is ${overflow}px wider than the screen`);
  assert.deepEqual(await smallTargets(page), [], page.url());
}
