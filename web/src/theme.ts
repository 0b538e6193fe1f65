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
/** How large texts are, as a multiple of what the browser has them. */
const magnification = signal(1);

/** How the owner of an account wants the pages to look. */
export interface Looks {
  readonly theme: "day" | "night";
  /** Between 0.7 and 1.4. */
  readonly magnification: number;
}

/** From now on the pages look so; null when nobody is signed in, who then keeps the theme. */
export function followAccount(looks: Looks | null): void {
  if (looks !== null) theme.value = looks.theme === "night" ? "dark" : "light";
  magnification.value = looks?.magnification ?? 1;
}

const prefersDark = () => window.matchMedia("(prefers-color-scheme: dark)");

/** What is on the screen now, whoever chose it. */
export function isDark(): boolean {
  return theme.value === "dark" || (theme.value === "system" && prefersDark().matches);
}

export function startTheme(): void {
  theme.value = stored();
  effect(() => {
    const percent = Math.round(magnification.value * 100);
    document.documentElement.style.fontSize = percent === 100 ? "" : `${percent}%`;
  });
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
