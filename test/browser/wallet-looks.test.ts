import assert from "node:assert/strict";
import { test } from "node:test";
import { closeClean, openSite, type Site, type Visit } from "../support/browser.ts";
import { waitFor } from "../support/wait-for.ts";
import { newWalletNumber } from "../support/wallet-funds.ts";
import { findings } from "./axe.ts";
import { fitsTheScreen } from "./fingers.ts";
import { focused, tabTo } from "./tabbing.ts";

/** A wallet of the operator's with a transfer that was refused, one that was not, and a hold. */
async function newWallet(site: Site): Promise<string> {
  const [walletId, other] = [newWalletNumber(), newWalletNumber()];
  const as = site.operator;
  await site.call("wallet.create", { walletId, name: "Looks" }, as);
  await site.call("wallet.create", { walletId: other, name: "Other" }, as);
  const available = async () => (await site.call("wallet.balance", { walletId }, as)).available;
  const isFilled = async () => (await available()) === "1000.00";
  await waitFor(isFilled, { what: "the grant", timeoutMs: 10_000 });
  const terms = { fromId: walletId, toId: other, amount: "12.50", memo: "Half a taxi" };
  await site.call("wallet.transfer", terms, as);
  await site.call("wallet.transfer", { ...terms, toId: newWalletNumber() }, as);
  await site.call("wallet.hold", { ...terms, seconds: 3_600 }, as);
  const isDone = async () => (await available()) === "975.00";
  await waitFor(isDone, { what: "the transfers", timeoutMs: 10_000 });
  return walletId;
}

interface Place {
  readonly what: string;
  open(visit: Visit): Promise<void>;
}

function placesOf(walletId: string): Place[] {
  const wallet = async ({ page, goto }: Visit) => {
    await goto(`#/wallets/${walletId}`);
    await page.getByText("There is no wallet of this number.").first().waitFor();
  };
  const press = ({ page }: Visit, name: string) =>
    page.getByRole("button", { name }).first().click();
  return [
    {
      what: "my wallets",
      async open({ page, goto }) {
        await goto("#/wallets");
        await page.getByRole("link", { name: "Looks" }).first().waitFor();
      },
    },
    {
      what: "a wallet's opening",
      async open(visit) {
        await visit.goto("#/wallets");
        await press(visit, "Open a wallet");
        await visit.page.getByLabel("Number", { exact: true }).fill("x");
        await press(visit, "Open it");
        await visit.page.locator('[aria-invalid="true"]').waitFor();
      },
    },
    { what: "a wallet", open: wallet },
    {
      what: "a form that is wrong, of a hold",
      async open(visit) {
        await wallet(visit);
        await visit.page.getByLabel("Only set it aside").check();
        await press(visit, "Set aside");
        await visit.page.locator('[aria-invalid="true"]').first().waitFor();
      },
    },
    {
      what: "a capture",
      async open(visit) {
        await wallet(visit);
        await press(visit, "Capture");
        await visit.page.getByRole("dialog").waitFor();
      },
    },
    {
      what: "a statement",
      async open({ page, goto }) {
        await goto(`#/wallets/${walletId}/statement`);
        await page.locator(".statement tbody tr").nth(1).waitFor();
      },
    },
    {
      what: "the operators' desk",
      async open(visit) {
        await visit.goto("#/operator/wallets");
        await visit.page
          .getByRole("region", { name: "Transfers in flight", exact: true })
          .waitFor();
        await visit.page.getByRole("region", { name: "Shards", exact: true }).waitFor();
        await press(visit, "Run the audit");
        await visit.page.locator(".notice").waitFor();
      },
    },
  ];
}

for (const on of ["desktop", "phone"] as const) {
  for (const light of ["light", "dark"] as const) {
    test(`the wallet's pages are for everybody, ${on}, ${light}`, async () => {
      const site = await openSite();
      const visit = await site.visit({ as: site.operator, on, light });
      for (const place of placesOf(await newWallet(site))) {
        await place.open(visit);
        assert.deepEqual(await findings(visit), [], place.what);
        if (on === "phone") await fitsTheScreen(visit);
      }
      await closeClean(visit);
    });
  }
}

test("money is sent without a pointer", async () => {
  const site = await openSite();
  const walletId = await newWallet(site);
  const visit = await site.visit({ as: site.operator });
  const { page } = visit;
  await visit.goto(`#/wallets/${walletId}`);
  await page.getByRole("heading", { name: "Transactions" }).waitFor();
  await tabTo(page, /^To wallet number$/);
  await page.keyboard.type(newWalletNumber());
  await page.keyboard.press("Tab");
  assert.match(await focused(page), /^Amount in COIN$/);
  await page.keyboard.type("3.20");
  await tabTo(page, /^Send$/);
  await page.keyboard.press("Space");
  await page.locator(".notice.bad").waitFor();
  const isThere = async () => (await focused(page)) === "To wallet number";
  await waitFor(isThere, { what: "the focus where it can be mended" });
  await tabTo(page, /^Release 12\.50 COIN/);
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "Held" }).waitFor({ state: "detached" });
  await tabTo(page, /^Statement$/);
  await page.keyboard.press("Enter");
  await page.locator(".statement tbody tr").first().waitFor();
  await closeClean(visit);
});
