import { sql } from "kysely";
import type { Tx } from "../../../core/database.ts";
import { chat } from "./tables.ts";

export interface Report {
  readonly id: string;
  readonly conversationId: string;
  readonly group: string;
  readonly senderId: string;
  readonly reporterId: string;
  readonly bodySealed: string;
  readonly nowMs: number;
}

/** @returns the id of the report: of the earlier one, if there is one of the same message */
export async function insertReport(tx: Tx, report: Report): Promise<string> {
  const { rows } = await sql<{ id: string }>`
    insert into chat_reports (id, conversation_id, message_group, sender_id, reporter_id,
      body_sealed, inserted_at)
    values (${report.id}, ${report.conversationId}, ${report.group}, ${report.senderId},
      ${report.reporterId}, ${report.bodySealed}, ${new Date(report.nowMs)})
    on conflict (reporter_id, conversation_id, message_group)
      do update set message_group = excluded.message_group
    returning id
  `.execute(tx.as());
  return rows[0]?.id ?? report.id;
}

export async function countReports(tx: Tx, reporterId: string): Promise<number> {
  const { count } = await chat(tx)
    .selectFrom("chat_reports")
    .select(({ fn }) => fn.countAll<bigint>().as("count"))
    .where("reporter_id", "=", reporterId)
    .executeTakeFirstOrThrow();
  return Number(count);
}
