import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Clock } from "../../core/clock.ts";
import { checkMail } from "../../core/mail-delivery.ts";
import type { MailTransport } from "../../core/mailer.ts";
import { readEml, type StoredMail, writeEml } from "./eml.ts";
import { parseSender } from "./sender.ts";

export type { StoredMail } from "./eml.ts";

/** Kept in the folder; the oldest make room. */
export const FOLDER_MAILS_MAX = 1_000;
export const LISTED_MAILS_MAX = 50;

const MAIL_ID = /^[0-9a-f-]{36}$/;
const FILE_NAME = /^([0-9a-f-]{36})\.eml$/;

export interface FolderOptions {
  /** Made when the first mail comes. */
  readonly folder: string;
  readonly from: string;
  readonly clock: Clock;
}

/**
 * Writes each mail as `<id>.eml` instead of sending it, for trying out and for tests. Ids are
 * UUIDv7, so names sort by age; a mail delivered twice is one file.
 */
export function createFolderTransport({ folder, from, clock }: FolderOptions): MailTransport {
  const sender = parseSender(from);
  return {
    async deliver(mail) {
      checkMail(mail);
      if (!MAIL_ID.test(mail.id)) throw new Error("the id of a mail is a UUID");
      const stored = { ...mail, sentAtMs: clock.nowMs() };
      const eml = writeEml(stored, { from: sender.from, messageId: sender.messageId(mail.id) });
      await mkdir(folder, { recursive: true, mode: 0o700 });
      const path = join(folder, `${mail.id}.eml`);
      await writeFile(`${path}.part`, eml, { mode: 0o600 });
      await rename(`${path}.part`, path);
      const ids = await mailIds(folder);
      const over = ids.slice(FOLDER_MAILS_MAX);
      await Promise.all(over.map((id) => rm(join(folder, `${id}.eml`), { force: true })));
    },
    async close() {},
  };
}

/** The newest mails of the folder, newest first, at most {@link LISTED_MAILS_MAX}. */
export async function listMails(folder: string): Promise<StoredMail[]> {
  const ids = (await mailIds(folder)).slice(0, LISTED_MAILS_MAX);
  const mails = await Promise.all(ids.map((id) => readMail(folder, id)));
  return mails.filter((mail) => mail !== null);
}

async function readMail(folder: string, id: string): Promise<StoredMail | null> {
  try {
    return readEml(id, await readFile(join(folder, `${id}.eml`), "utf8"));
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}

/** Newest first. */
async function mailIds(folder: string): Promise<string[]> {
  try {
    const names = await readdir(folder);
    const ids = names.flatMap((name) => FILE_NAME.exec(name)?.[1] ?? []);
    return ids.sort().reverse();
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOENT";
}
