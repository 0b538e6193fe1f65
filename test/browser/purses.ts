import type { Page } from "playwright-core";
import type { MethodName } from "../../client/index.ts";
import { openSite, type Session, type Site, type Visit } from "../support/browser.ts";
import { waitFor } from "../support/wait-for.ts";
import { newWalletNumber } from "../support/wallet-funds.ts";

/** What a new wallet is given in development. */
const GRANT = "1000.00";

/** A person with a wallet that has its grant. */
export interface Owner {
  readonly as: Session;
  readonly walletId: string;
}

/** Two owners, and a window of the first one's. */
export interface Purses {
  readonly site: Site;
  readonly ada: Owner;
  readonly ben: Owner;
  readonly visit: Visit;
  readonly page: Page;
  /** Comes to a part of the first one's wallet. */
  open(part?: string): Promise<void>;
}

export async function newPurses(): Promise<Purses> {
  const site = await openSite();
  const [ada, ben] = [await newOwner(site, "Ada’s"), await newOwner(site, "Ben’s")];
  const visit = await site.visit({ as: ada.as });
  const open = (part?: string) =>
    visit.goto(["#/wallets", ada.walletId, part].filter(Boolean).join("/"));
  return { site, ada, ben, visit, page: visit.page, open };
}

export async function newOwner(site: Site, name = "Purse"): Promise<Owner> {
  const as = await site.newPerson();
  const walletId = newWalletNumber();
  await site.call("wallet.create", { walletId, name }, as);
  await balanceIs(site, as, walletId, GRANT);
  return { as, walletId };
}

export async function balanceIs(site: Site, as: Session, walletId: string, posted: string) {
  const reached = async () =>
    (await site.call("wallet.balance", { walletId }, as)).posted === posted;
  await waitFor(reached, { what: `${posted} in the wallet`, timeoutMs: 10_000 });
}

/** The balance that the page shows. */
export async function showsBalance(page: Page, text: string): Promise<void> {
  await page.locator(".figures.large .figures-main dd").getByText(text).waitFor();
}

export async function fillTransfer(
  page: Page,
  to: string,
  amount: string,
  memo = "",
): Promise<void> {
  await page.getByLabel("To wallet number").fill(to);
  await page.getByLabel("Amount in COIN").fill(amount);
  await page.getByLabel("What for").fill(memo);
}

export async function pressSend(page: Page): Promise<void> {
  await page.getByRole("button", { name: "Send", exact: true }).click();
}

/** What is spoken to people who do not see the page. */
export function spoken(page: Page, text: string | RegExp) {
  return page.locator('[aria-live="polite"]').getByText(text);
}

/**
 * Stands between the page and the service, and changes answers to a method, or keeps them.
 *
 * @param change answers what the page gets instead; undefined for nothing
 */
export async function changeAnswers(
  page: Page,
  method: MethodName,
  change: (frame: { data: Record<string, unknown> }) => object | undefined,
): Promise<void> {
  await page.routeWebSocket(/\/socket$/, (socket) => {
    const server = socket.connectToServer();
    server.onMessage((message) => {
      const frame = JSON.parse(String(message));
      const changed = frame.type === method ? change(frame) : frame;
      if (changed !== undefined) socket.send(JSON.stringify(changed));
    });
  });
}
