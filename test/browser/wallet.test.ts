import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { closeClean, openSite } from "../support/browser.ts";
import { waitFor } from "../support/wait-for.ts";
import { newWalletNumber } from "../support/wallet-funds.ts";
import {
  balanceIs,
  changeAnswers,
  fillTransfer,
  newOwner,
  newPurses,
  pressSend,
  showsBalance,
  spoken,
} from "./purses.ts";

test("one opens a wallet, by a proposed number or one's own", async () => {
  const site = await openSite();
  const { walletId: taken } = await newOwner(site);
  const visit = await site.visit({ as: await site.newPerson() });
  const { page } = visit;
  await visit.goto("#/");
  await page.getByRole("link", { name: "Wallets" }).click();
  await page.getByRole("heading", { name: "No wallet yet" }).waitFor();
  await page.getByRole("button", { name: "Open a wallet" }).click();
  const number = page.getByLabel("Number", { exact: true });
  assert.match(await number.inputValue(), /^\d{4} \d{4} \d{4}$/);
  await page.getByLabel("Name").fill("Household");
  await number.fill("a dozen");
  await page.getByRole("button", { name: "Open it" }).click();
  await page.getByText("A number has 1 to 64 digits.").waitFor();
  await page.waitForFunction(() => document.activeElement?.getAttribute("aria-invalid") === "true");
  await number.fill(taken);
  await page.getByRole("button", { name: "Open it" }).click();
  await page.getByText("Somebody else has a wallet of this number.").waitFor();
  await page.getByRole("button", { name: "Another number" }).click();
  await page.getByRole("button", { name: "Open it" }).click();
  await page.getByRole("heading", { name: "Household" }).waitFor();
  await showsBalance(page, "1,000.00");
  await page.getByRole("link", { name: "My wallets" }).click();
  await page.getByRole("link", { name: "Household" }).waitFor();
  await closeClean(visit);
});

test("one sends and the other sees the money arrive, both live and both told", async () => {
  const { site, ben, visit: sender, page, open } = await newPurses();
  const receiver = await site.visit({ as: ben.as, on: "phone" });
  await open();
  await receiver.goto(`#/wallets/${ben.walletId}`);
  await showsBalance(receiver.page, "1,000.00");
  await showsBalance(page, "1,000.00");
  await fillTransfer(page, ben.walletId.replace(/(\d{4})(?=\d)/g, "$1 "), "12.5", "Half a taxi");
  await page.keyboard.press("Enter");
  await spoken(page, /^12\.50 COIN have arrived at/).waitFor();
  await page.locator(".notice.good").getByText("12.50 COIN have arrived").waitFor();
  await showsBalance(page, "987.50");
  await page.locator(".transaction").getByText("Half a taxi").waitFor();
  assert.equal(await page.getByLabel("Amount in COIN").inputValue(), "", "ready for the next");

  await spoken(receiver.page, /^12\.50 COIN arrived: from .*“Half a taxi”\.$/).waitFor();
  await showsBalance(receiver.page, "1,012.50");

  await receiver.page.getByRole("button", { name: "Send back 12.50 COIN" }).click();
  await receiver.page.getByRole("dialog").getByRole("button", { name: "Send back" }).click();
  await showsBalance(receiver.page, "1,000.00");
  await page.getByRole("heading", { name: /^Sent back by/ }).waitFor();
  await showsBalance(page, "1,000.00");
  await receiver.page
    .getByRole("button", { name: "Send back 12.50 COIN" })
    .waitFor({ state: "detached" });
  await closeClean(sender, receiver);
});

test("what is wrong with a transfer is said beside its field", async () => {
  const { ada, visit, page, open } = await newPurses();
  await open();
  await showsBalance(page, "1,000.00");
  const problem = async (label: string) => {
    const field = page.getByLabel(label);
    const said = (await field.getAttribute("aria-describedby"))?.split(" ").at(-1);
    return page.locator(`[id="${said}"]`).innerText();
  };
  const cases = [
    ["", "1", "To wallet number", /Type the number/],
    ["12x", "1", "To wallet number", /1 to 64 digits/],
    [ada.walletId, "1", "To wallet number", /wallet it would come from/],
    ["7", "", "Amount in COIN", /Type an amount/],
    ["7", "0", "Amount in COIN", /above zero/],
    ["7", "1.005", "Amount in COIN", /COIN has 2 digits/],
    ["7", "1,000", "Amount in COIN", /without a comma/],
    ["7", "1000.01", "Amount in COIN", /Only 1,000\.00 COIN can be spent/],
  ] as const;
  for (const [to, amount, label, text] of cases) {
    await fillTransfer(page, to, amount);
    await pressSend(page);
    await page.locator('[aria-invalid="true"]').waitFor();
    assert.match(await problem(label), text);
    const focused = await page.evaluate(() => document.activeElement?.getAttribute("aria-invalid"));
    assert.equal(focused, "true", "the wrong field has the focus");
  }
  assert.equal(await page.locator(".transaction").count(), 1, "the grant alone: nothing was sent");

  const nobody = newWalletNumber();
  await fillTransfer(page, nobody, "5");
  await pressSend(page);
  await spoken(page, /were not sent\. There is no wallet of this number\.$/).waitFor();
  assert.match(await problem("To wallet number"), /There is no wallet of this number/);
  assert.equal(await page.getByLabel("Amount in COIN").inputValue(), "5", "to be corrected");
  const refused = page.locator(".transaction.failed");
  await refused.getByText("Refused").waitFor();
  await refused.getByText("There is no wallet of this number.").waitFor();
  await showsBalance(page, "1,000.00");
  await closeClean(visit);
});

test("pressing twice, and again after a lost answer, sends once", async () => {
  const { site, ben, visit, page, open } = await newPurses();
  await page.clock.install();
  let keeps = false;
  await changeAnswers(page, "wallet.transfer", (frame) => (keeps ? undefined : frame));
  await open();
  await showsBalance(page, "1,000.00");
  await fillTransfer(page, ben.walletId, "10");
  await page.getByRole("button", { name: "Send", exact: true }).dblclick();
  await showsBalance(page, "990.00");

  keeps = true;
  await fillTransfer(page, ben.walletId, "5");
  await pressSend(page);
  await showsBalance(page, "985.00");
  await page.clock.fastForward(20_000);
  await page.getByText("No answer came in time.").first().waitFor();
  await page.getByText("Sending it again unchanged does it once only.").waitFor();
  keeps = false;
  await pressSend(page);
  await page.locator(".notice.good").getByText("5.00 COIN have arrived").waitFor();
  await showsBalance(page, "985.00");
  await balanceIs(site, ben.as, ben.walletId, "1015.00");
  assert.equal(await page.locator(".transaction").count(), 3);
  await closeClean(visit);
});

test("money is set aside, captured in part or released", async () => {
  const { site, ben, visit, page, open } = await newPurses();
  await open();
  await showsBalance(page, "1,000.00");
  const setAside = async (amount: string) => {
    await fillTransfer(page, ben.walletId, amount, "Deposit");
    await page.getByLabel("Only set it aside").setChecked(true);
    await page.getByRole("button", { name: "Set aside" }).click();
    await page.getByRole("button", { name: `Capture ${amount} COIN` }).waitFor();
  };
  await setAside("100.00");
  await page.locator(".figures.large").getByText("900.00").waitFor();
  await page.getByRole("button", { name: "Capture 100.00 COIN" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Amount in COIN").fill("100.01");
  await dialog.getByRole("button", { name: "Capture" }).click();
  await dialog.getByText("No more than 100.00 COIN are held.").waitFor();
  await dialog.getByLabel("Amount in COIN").fill("30");
  await dialog.getByText("70.00 COIN come back.").waitFor();
  await dialog.getByRole("button", { name: "Capture" }).click();
  await showsBalance(page, "970.00");
  await page.locator(".transaction").getByText("of 100.00 COIN held").waitFor();
  await balanceIs(site, ben.as, ben.walletId, "1030.00");

  await setAside("50.00");
  await page.getByRole("button", { name: "Release 50.00 COIN" }).click();
  await page.getByText("It was released by who held it.").first().waitFor();
  await page.getByRole("heading", { name: "Held" }).waitFor({ state: "detached" });
  await showsBalance(page, "970.00");
  await closeClean(visit);
});

test("a statement has running balances, and is saved as CSV and JSON", async () => {
  const { site, ada, ben, visit, page, open } = await newPurses();
  const transfers = Array.from({ length: 130 }, (_, at) => ({
    fromId: ada.walletId,
    toId: ben.walletId,
    amount: "1.00",
    memo: at === 129 ? "=1+1, the last" : `number ${at}`,
  }));
  await site.call("wallet.transferMany", { transfers, together: false }, ada.as);
  await balanceIs(site, ada.as, ada.walletId, "870.00");
  await open();
  await page.getByRole("link", { name: "Statement" }).click();
  const rows = page.locator(".statement tbody tr");
  await rows.first().waitFor();
  assert.equal(await rows.count(), 50);
  await rows.first().getByText("870.00").waitFor();
  await page.getByText("Balance at the end of").nth(1).waitFor();
  await page.locator(".facts").getByText("870.00 COIN").waitFor();
  await page.locator(".facts").getByText("0.00 COIN", { exact: true }).waitFor();
  await page.getByRole("button", { name: "Show older ones" }).click();
  await rows.nth(99).waitFor();
  await page.getByRole("button", { name: "Show older ones" }).click();
  await rows.nth(130).waitFor();

  const save = async (name: string) => {
    const download = page.waitForEvent("download");
    await page.getByRole("button", { name }).click();
    const file = await download;
    return { name: file.suggestedFilename(), text: await readFile(await file.path(), "utf8") };
  };
  const csv = await save("Export CSV");
  assert.match(csv.name, new RegExp(`^statement-${ada.walletId}-.*\\.csv$`));
  const lines = csv.text.split("\r\n");
  assert.equal(lines.length, 1 + 131 + 1);
  assert.match(lines[1] ?? "", /,issue,,,1000\.00,1000\.00,COIN$/);
  assert.match(lines.at(-2) ?? "", /,870\.00,COIN$/);
  assert.ok(csv.text.includes(`"'=1+1, the last"`), "a formula is a text");
  const json = JSON.parse((await save("Export JSON")).text);
  assert.equal(json.entries.length, 131);
  assert.equal(json.wallet, ada.walletId);

  await page.getByLabel("From", { exact: true }).fill("2020-01-01");
  await page.getByLabel("To", { exact: true }).fill("2020-01-02");
  await page.getByRole("heading", { name: "Nothing was posted in this time" }).waitFor();
  await closeClean(visit);
});

test("an empty wallet can be closed, one with money cannot", async () => {
  const { ben, visit, page, open } = await newPurses();
  await open();
  await page.getByText("Close this wallet").click();
  await page.getByText("Only an empty wallet can be closed.").waitFor();
  await fillTransfer(page, ben.walletId, "1000");
  await pressSend(page);
  await page.getByText("A closed wallet takes no money any more").waitFor();
  await page.getByRole("button", { name: "Close the wallet" }).click();
  await page.getByRole("button", { name: "Close it for good" }).click();
  await page.getByText("This wallet is closed for good.").first().waitFor();
  await page.locator(".wallet-head").getByText("Closed").waitFor();
  await closeClean(visit);
});

test("an export says how far it is, and can be cancelled", async () => {
  const { visit, page, open } = await newPurses();
  let pages = 0;
  // Each page claims that there is one more, and the fourth does not come.
  await changeAnswers(page, "wallet.statement", ({ data, ...frame }) => {
    pages += 1;
    return pages > 3 ? undefined : { ...frame, data: { ...data, before: 1_000 } };
  });
  page.on("download", () => assert.fail("nothing was to be saved"));
  await open("statement");
  await page.getByRole("button", { name: "Show older ones" }).waitFor();
  await page.getByRole("button", { name: "Export CSV" }).click();
  await page
    .locator(".export-progress")
    .getByText(/entr(y|ies) read/)
    .waitFor();
  await waitFor(() => pages > 3, { what: "a page that does not come" });
  await page.getByRole("button", { name: "Cancel" }).click();
  await page.getByRole("button", { name: "Export CSV" }).waitFor();
  await closeClean(visit);
});
