import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { createManualClock } from "../../../test/support/manual-clock.ts";
import { createSmtpPeer, type SmtpPeerOptions } from "../../../test/support/smtp-peer.ts";
import { createIds } from "../../core/ids.ts";
import { type Mail, MailRefused, type MailTransport } from "../../core/mailer.ts";
import { systemRandom } from "../system/random.ts";
import { createFolderTransport, FOLDER_MAILS_MAX, LISTED_MAILS_MAX, listMails } from "./folder.ts";
import { parseSender } from "./sender.ts";
import { createSmtpTransport } from "./smtp.ts";

const clock = createManualClock(Date.UTC(2025, 10, 21, 12, 0, 0));
const ids = createIds(clock, systemRandom);
const FROM = "Stoa <stoa@example.org>";
const MAIL: Mail = {
  to: "ann@example.org",
  subject: "Confirm your address",
  text: "Hello Ann,\n\nhttps://stoa.example/app/confirm#token=abc_-def\n",
};

const INJECTIONS: readonly Partial<Mail>[] = [
  { to: "ann@example.org\r\nBcc: eve@example.org" },
  { to: "ann@example.org\nRCPT TO:<eve@example.org>" },
  { to: "ann@example.org\u0000" },
  { to: "ann@example.org, eve@example.org" },
  { to: "Ann <ann@example.org>" },
  { to: '"a b"@example.org' },
  { to: "ann" },
  { to: "@example.org" },
  { to: `${"a".repeat(65)}@example.org` },
  { to: `a@${"b".repeat(253)}` },
  { subject: "Hi\r\nBcc: eve@example.org" },
  { subject: "Hi\nX" },
  { subject: "Hi\rX" },
  { subject: "Hi\u2028X" },
  { subject: "" },
  { subject: "x".repeat(251) },
  { text: "x".repeat(65_537) },
];

async function refusesInjections(transport: MailTransport) {
  for (const part of INJECTIONS) {
    const mail = { ...MAIL, ...part, id: ids.uuid() };
    await assert.rejects(transport.deliver(mail), MailRefused, JSON.stringify(part).slice(0, 90));
  }
}

async function temporaryFolder(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "stoa-mail-"));
  t.after(() => rm(folder, { recursive: true, force: true }));
  return join(folder, "mail");
}

test("the folder: a mail becomes a readable file, private to the owner, and is listed", async (t) => {
  const folder = await temporaryFolder(t);
  assert.deepEqual(await listMails(folder), [], "no folder, no mails");
  const transport = createFolderTransport({ folder, from: FROM, clock });
  const id = ids.uuid();
  await transport.deliver({ ...MAIL, id });
  const path = join(folder, `${id}.eml`);
  assert.equal(
    await readFile(path, "utf8"),
    [
      "From: Stoa <stoa@example.org>",
      "To: ann@example.org",
      "Subject: Confirm your address",
      "Date: Fri, 21 Nov 2025 12:00:00 +0000",
      `Message-ID: <${id}@example.org>`,
      "Auto-Submitted: auto-generated",
      "MIME-Version: 1.0",
      "Content-Type: text/plain; charset=utf-8",
      "Content-Transfer-Encoding: 8bit",
      "",
      "Hello Ann,",
      "",
      "https://stoa.example/app/confirm#token=abc_-def",
      "",
      "",
    ].join("\r\n"),
  );
  if (process.platform !== "win32") assert.equal((await stat(path)).mode & 0o077, 0);
  assert.deepEqual(await listMails(folder), [{ ...MAIL, id, sentAtMs: clock.nowMs() }]);
  await transport.close();
});

test("the folder: any text comes back as it was, any language, any length of line", async (t) => {
  const folder = await temporaryFolder(t);
  const transport = createFolderTransport({ folder, from: FROM, clock });
  const texts = ["", "\n", "one", "Привет, Аня! 🎬\n\nend", `${"длинно ".repeat(900)}\nend\n`];
  for (const text of texts) {
    const mail = { ...MAIL, subject: "Билет на «Зеркало»", text, id: ids.uuid() };
    await transport.deliver(mail);
    assert.deepEqual((await listMails(folder))[0], { ...mail, sentAtMs: clock.nowMs() });
  }
  const long = await readFile(join(folder, (await readdir(folder)).sort().at(-1) ?? ""), "utf8");
  assert.ok(long.split("\r\n").every((line) => Buffer.byteLength(line) <= 998));
});

test("the folder: a mail delivered twice is one, strangers' files are left alone", async (t) => {
  const folder = await temporaryFolder(t);
  const transport = createFolderTransport({ folder, from: FROM, clock });
  const id = ids.uuid();
  await transport.deliver({ ...MAIL, id });
  await transport.deliver({ ...MAIL, id });
  await writeFile(join(folder, "note.txt"), "mine");
  await writeFile(join(folder, `${ids.uuid()}.eml`), "not a mail");
  assert.equal((await listMails(folder)).length, 1);
  await assert.rejects(transport.deliver({ ...MAIL, id: "../../escape" }), /UUID/);
});

test("the folder: newest first, a page at a time, and the oldest make room", async (t) => {
  const folder = await temporaryFolder(t);
  const transport = createFolderTransport({ folder, from: FROM, clock });
  const first = ids.uuid();
  await transport.deliver({ ...MAIL, id: first });
  const old = Array.from({ length: FOLDER_MAILS_MAX - 1 }, () => ids.uuid());
  await Promise.all(old.map((id) => writeFile(join(folder, `${id}.eml`), "")));
  const [second, third] = [ids.uuid(), ids.uuid()];
  await transport.deliver({ ...MAIL, id: second });
  await transport.deliver({ ...MAIL, id: third });
  const names = await readdir(folder);
  assert.equal(names.length, FOLDER_MAILS_MAX);
  assert.equal(names.includes(`${first}.eml`), false);
  for (let i = 0; i < LISTED_MAILS_MAX; i++) await transport.deliver({ ...MAIL, id: ids.uuid() });
  const listed = await listMails(folder);
  assert.equal(listed.length, LISTED_MAILS_MAX);
  const listedIds = listed.map(({ id }) => id);
  assert.deepEqual(listedIds, listedIds.toSorted().reverse());
});

test("the folder refuses what would inject a header or another recipient", async (t) => {
  const folder = await temporaryFolder(t);
  await refusesInjections(createFolderTransport({ folder, from: FROM, clock }));
  assert.deepEqual(await listMails(folder), []);
});

async function smtp(t: TestContext, options: SmtpPeerOptions = {}, credentials = "") {
  const peer = await createSmtpPeer(options);
  const scheme = options.tls === "implicit" ? "smtps" : "smtp";
  const url = `${scheme}://${credentials}localhost:${peer.port}`;
  const transport = createSmtpTransport({ url, from: FROM, ca: peer.ca });
  t.after(async () => {
    await transport.close();
    await peer.close();
  });
  return { peer, transport, url };
}

test("SMTP: the server gets the mail, with a Message-ID that stays the same", async (t) => {
  const { peer, transport } = await smtp(t);
  const id = ids.uuid();
  await transport.deliver({ ...MAIL, subject: "Билет", id });
  await transport.deliver({ ...MAIL, subject: "Билет", id });
  const [mail, again] = peer.received;
  assert.ok(mail && again);
  assert.deepEqual([mail.from, mail.to], ["stoa@example.org", ["ann@example.org"]]);
  assert.match(mail.raw, /^From: Stoa <stoa@example\.org>\r$/m);
  assert.match(mail.raw, /^To: ann@example\.org\r$/m);
  assert.match(mail.raw, /^Subject: =\?UTF-8\?B\?0JHQuNC70LXRgg==\?=\r$/m);
  assert.match(mail.raw, /^Auto-Submitted: auto-generated\r$/m);
  assert.match(mail.raw, /#token=(3D)?abc_-def/);
  for (const { raw } of [mail, again]) assert.ok(raw.includes(`Message-ID: <${id}@example.org>`));
});

test("SMTP: a passing refusal and a final one are told apart", async (t) => {
  const { peer, transport } = await smtp(t);
  const deliver = () => transport.deliver({ ...MAIL, id: ids.uuid() });
  const passing = (error: unknown) => error instanceof Error && !(error instanceof MailRefused);
  for (const at of ["RCPT", "DATA"] as const) {
    peer.answer({ at, code: 451 });
    await assert.rejects(deliver(), passing, `451 at ${at}`);
    peer.answer({ at, code: 550 });
    await assert.rejects(deliver(), MailRefused, `550 at ${at}`);
  }
  peer.answer("accept");
  await deliver();
  assert.equal(peer.received.length, 1);
  await peer.close();
  await assert.rejects(deliver(), passing, "no server");
});

test("SMTP refuses what would inject a command, a header or another recipient", async (t) => {
  const { peer, transport } = await smtp(t);
  await refusesInjections(transport);
  assert.equal(peer.offered(), 0);
});

test("SMTP: a text that looks like the protocol stays text", async (t) => {
  const { peer, transport } = await smtp(t);
  await transport.deliver({ ...MAIL, id: ids.uuid(), text: "a\r\n.\r\nMAIL FROM:<x@y>\r\n.b" });
  assert.equal(peer.received.length, 1);
  assert.match(peer.received[0]?.raw ?? "", /a\r\n\.\r\nMAIL FROM:<x@y>\r\n\.b/);
});

for (const tls of ["implicit", "starttls"] as const) {
  test(`SMTP with TLS (${tls}): encrypted, signed in, and the certificate is verified`, async (t) => {
    const { peer, transport, url } = await smtp(t, { tls }, "stoa:p%40ss@");
    await transport.deliver({ ...MAIL, id: ids.uuid() });
    assert.deepEqual([peer.received[0]?.encrypted, peer.received[0]?.user], [true, "stoa"]);

    const suspicious = createSmtpTransport({ url, from: FROM });
    await assert.rejects(suspicious.deliver({ ...MAIL, id: ids.uuid() }), /self-signed/);
    const stranger = await smtp(t, { tls, host: "elsewhere.example" });
    await assert.rejects(stranger.transport.deliver({ ...MAIL, id: ids.uuid() }), /altnames/);
    assert.deepEqual([peer.received.length, stranger.peer.received.length], [1, 0]);
  });
}

test("SMTP: no password goes to a server that cannot encrypt", async (t) => {
  const { peer, transport } = await smtp(t, { tls: "none" }, "stoa:secret@");
  await assert.rejects(transport.deliver({ ...MAIL, id: ids.uuid() }), /STARTTLS/);
  assert.equal(peer.offered(), 0);
});

test("SMTP: closing ends a delivery to a server that says nothing", async (t) => {
  const silent = createServer(() => {}).listen(0, "127.0.0.1");
  await once(silent, "listening");
  t.after(() => silent.close());
  const { port } = silent.address() as AddressInfo;
  const transport = createSmtpTransport({ url: `smtp://127.0.0.1:${port}`, from: FROM });
  const connected = once(silent, "connection");
  const delivery = assert.rejects(transport.deliver({ ...MAIL, id: ids.uuid() }));
  await connected;
  await transport.close();
  await delivery;
});

test("a sender is one address, with or without a name", () => {
  assert.equal(parseSender("stoa@example.org").address, "stoa@example.org");
  assert.equal(parseSender(FROM).messageId("1"), "<1@example.org>");
  assert.equal(parseSender("Кино «Стоа» <a@b.c>").address, "a@b.c");
  for (const wrong of ["", "stoa", "a@b\r\nBcc: c@d", "A <a@b>, B <c@d>", "A\n<a@b>", "<>"]) {
    assert.throws(() => parseSender(wrong), /is not a sender/);
  }
});
