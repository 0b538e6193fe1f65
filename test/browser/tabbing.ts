import assert from "node:assert/strict";
import type { Page } from "playwright-core";

const TABS_MAX = 60;

/** What has the focus, as it is called. */
export function focused(page: Page): Promise<string> {
  return page.evaluate(() => {
    const element = document.activeElement;
    const label = element instanceof HTMLInputElement ? element.labels?.[0]?.textContent : null;
    const text = label ?? element?.textContent;
    return element?.getAttribute("aria-label") ?? text?.trim() ?? "";
  });
}

/** Presses Tab until something of that name has the focus. */
export async function tabTo(page: Page, name: RegExp): Promise<void> {
  const passed: string[] = [];
  for (let presses = 0; presses < TABS_MAX; presses += 1) {
    await page.keyboard.press("Tab");
    const now = await focused(page);
    if (name.test(now)) return;
    passed.push(now);
  }
  assert.fail(`Tab never reached ${name}. It passed: ${passed.join(" | ")}`);
}
