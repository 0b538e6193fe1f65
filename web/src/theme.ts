import { effect, signal } from "@preact/signals";

export type Theme = "system" | "light" | "dark";

const STORAGE_KEY = "stoa.theme";

function stored(): Theme {
  try {
    const value = window.localStorage.getItem(STORAGE_KEY);
    return value === "light" || value === "dark" ? value : "system";
  } catch {
    // Storage may be forbidden; the choice then lasts as long as the page.
    return "system";
  }
}

const theme = signal<Theme>("system");

const prefersDark = () => window.matchMedia("(prefers-color-scheme: dark)");

/** What is on the screen now, whoever chose it. */
export function isDark(): boolean {
  return theme.value === "dark" || (theme.value === "system" && prefersDark().matches);
}

export function startTheme(): void {
  theme.value = stored();
  effect(() => {
    const chosen = theme.value;
    if (chosen === "system") delete document.documentElement.dataset["theme"];
    else document.documentElement.dataset["theme"] = chosen;
    try {
      if (chosen === "system") window.localStorage.removeItem(STORAGE_KEY);
      else window.localStorage.setItem(STORAGE_KEY, chosen);
    } catch {
      // See stored().
    }
  });
}

export function toggleTheme(): void {
  theme.value = isDark() ? "light" : "dark";
}
