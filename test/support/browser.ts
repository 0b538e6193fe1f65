import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { after } from "node:test";
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";
import { callHttp, type Input, type MethodName, type Output } from "../../client/index.ts";
import type { Ports } from "../../src/app.ts";
import type { Config } from "../../src/config/config.ts";
import { DEMO_PASSWORD } from "../../src/modules/auth/types.ts";
import type { Plan } from "../../src/modules/cinema/types.ts";
import { startTestApp, type TestApp } from "./app.ts";
import { gridPlan } from "./cinema-fixture.ts";

export const PASSWORD = "a seat by the aisle";

const PATIENCE_MS = 15_000;
const HOUR_MS = 3_600_000;
const PLACES = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
const SWITCHES = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];
const VIEWPORTS = {
  desktop: { width: 1280, height: 800 },
  phone: { width: 390, height: 844 },
} as const;

export interface VisitOptions {
  readonly as?: Session;
  readonly on?: keyof typeof VIEWPORTS;
  readonly light?: "light" | "dark";
}

/** A person with an account, to be taken into a window. */
export interface Session {
  readonly username: string;
  /** For calls beside the window. */
  readonly bearer: string;
}

/** A window of its own, with its own cookies, and what went wrong in it. */
export interface Visit {
  readonly page: Page;
  readonly context: BrowserContext;
  /** Errors of the console and of scripts, and violations of the content security policy. */
  readonly problems: readonly string[];
  /** Comes to a page from outside. */
  goto(hash: string): Promise<void>;
}

/** The whole product in a process of its own, and a browser in front of it. */
export interface Site extends AsyncDisposable {
  readonly url: string;
  readonly app: TestApp;
  readonly operator: Session;
  newPerson(): Promise<Session>;
  call<N extends MethodName>(name: N, input: Input<N>, as?: Session): Promise<Output<N>>;
  visit(options?: VisitOptions): Promise<Visit>;
  newCinema(): Promise<number>;
  /** A screening in an hour, in a cinema and hall of its own. */
  newScreening(plan?: Plan): Promise<Output<"cinema.saveScreening">>;
}

let opened: Promise<Site> | undefined;
after(async () => {
  if (opened !== undefined) await (await opened)[Symbol.asyncDispose]();
});

/** The site that all browser tests of this process share. */
export function openSite(): Promise<Site> {
  opened ??= startSite();
  return opened;
}

function findChromium(): string {
  const found = [process.env["CHROMIUM_PATH"], ...PLACES].find(
    (place) => place !== undefined && existsSync(place),
  );
  if (found === undefined) {
    throw new Error("There is no Chromium here. Install it, or say in CHROMIUM_PATH where it is.");
  }
  return found;
}

/** A site of one's own, for tests that change what all of it shares. */
export async function startSite(ports: Ports = {}, config: Partial<Config> = {}): Promise<Site> {
  await using parts = new AsyncDisposableStack();
  const app = parts.use(await startTestApp({ ports, config }));
  const browser = await chromium.launch({ executablePath: findChromium(), args: SWITCHES });
  parts.defer(() => browser.close());
  const site = makeSite(app, browser, await login(app.url, "olivia", DEMO_PASSWORD));
  const running = parts.move();
  return { ...site, [Symbol.asyncDispose]: () => running.disposeAsync() };
}

async function login(url: string, username: string, secret: string): Promise<Session> {
  const { token } = await callHttp(url, "auth.login", { username, secret });
  return { username, bearer: token };
}

export function newName(): string {
  return `p${randomBytes(6).toString("hex")}`;
}

function makeSite(app: TestApp, browser: Browser, operator: Session) {
  const { url } = app;
  const call: Site["call"] = (name, input, as) =>
    callHttp(url, name, input, as === undefined ? {} : { bearer: as.bearer });
  const site: Omit<Site, typeof Symbol.asyncDispose> = {
    url,
    app,
    operator,
    call,
    async newPerson() {
      const username = newName();
      const { token } = await call("auth.register", { username, password: PASSWORD });
      return { username, bearer: token };
    },
    async visit({ as, on = "desktop", light = "light" } = {}) {
      const context = await browser.newContext({
        viewport: VIEWPORTS[on],
        colorScheme: light,
        locale: "en-GB",
        reducedMotion: "reduce",
        acceptDownloads: true,
        ...(on === "phone" ? { hasTouch: true, isMobile: true } : {}),
      });
      context.setDefaultTimeout(PATIENCE_MS);
      if (as !== undefined) {
        // The answer sets the cookie, for the window as for this request.
        await context.request.post(`${url}/api/auth.session`, { data: { token: as.bearer } });
      }
      return openWindow(context, url);
    },
    async newCinema() {
      const name = `Roxy ${randomBytes(3).toString("hex")}`;
      const cinema = { name, city: "Riga", address: "Brīvības iela 1" };
      return (await call("cinema.saveCinema", cinema, operator)).id;
    },
    async newScreening(plan = gridPlan(5, 8)) {
      const cinemaId = await site.newCinema();
      const hall = await call("cinema.saveHall", { cinemaId, name: "Blue hall", plan }, operator);
      const screening = {
        hallId: hall.id,
        title: "The Long Crossing",
        description: "A boat, a river and a night that does not end.",
        startsAtMs: Date.now() + HOUR_MS,
        durationMinutes: 100,
        currency: "EUR",
        prices: Object.fromEntries(plan.categories.map(({ id }, at) => [id, 1_000 + at * 250])),
      };
      return call("cinema.saveScreening", screening, operator);
    },
  };
  return site;
}

async function openWindow(context: BrowserContext, url: string): Promise<Visit> {
  const problems: string[] = [];
  await context.exposeFunction("__violated", (what: string) => problems.push(`policy: ${what}`));
  await context.addInitScript(`
    document.addEventListener("securitypolicyviolation", (event) => {
      window.__violated(event.violatedDirective + " " + event.blockedURI);
    });
  `);
  const page = await context.newPage();
  page.on("pageerror", (error) => problems.push(`script: ${error.stack ?? error.message}`));
  page.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning") {
      problems.push(`console: ${message.text()}`);
    }
  });
  return {
    page,
    context,
    problems,
    async goto(hash) {
      // From one hash to another a browser loads nothing: this is to be a visit from outside.
      await page.goto("about:blank");
      await page.goto(`${url}/app/${hash}`);
    },
  };
}

/** Nothing went wrong in these windows; closes them. */
export async function closeClean(...visits: readonly Visit[]): Promise<void> {
  for (const { context } of visits) await context.close();
  for (const { problems } of visits) assert.deepEqual(problems, []);
}

/** The seat on the map. */
export function seat(page: Page, seatId: string) {
  return page.locator(`[data-seat="${seatId}"]`);
}

/** Waits until the map shows a seat as something: `free`, `held`, `mine`, `booked`, … */
export async function seatIs(page: Page, seatId: string, look: string): Promise<void> {
  await page.locator(`[data-seat="${seatId}"].${look}`).waitFor();
}
