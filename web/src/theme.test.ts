import assert from "node:assert/strict";
import { test } from "node:test";
import { followAccount, isDark, startTheme } from "./theme.ts";

test("the pages look as the account says, and keep its theme when its owner leaves", () => {
  const kept = new Map<string, string>();
  const root = { dataset: {} as Record<string, string>, style: { fontSize: "" } };
  Object.assign(globalThis, {
    document: { documentElement: root },
    window: {
      matchMedia: () => ({ matches: false }),
      localStorage: {
        getItem: (key: string) => kept.get(key) ?? null,
        setItem: (key: string, value: string) => void kept.set(key, value),
        removeItem: (key: string) => void kept.delete(key),
      },
    },
  });
  startTheme();
  assert.deepEqual(root, { dataset: {}, style: { fontSize: "" } });
  followAccount({ theme: "night", magnification: 1.4 });
  assert.deepEqual(root, { dataset: { theme: "dark" }, style: { fontSize: "140%" } });
  assert.equal(isDark(), true);
  followAccount({ theme: "day", magnification: 0.7 });
  assert.deepEqual(root, { dataset: { theme: "light" }, style: { fontSize: "70%" } });
  followAccount(null);
  assert.deepEqual(root, { dataset: { theme: "light" }, style: { fontSize: "" } });
});
