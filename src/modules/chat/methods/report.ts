import { createHmac } from "node:crypto";
import { defineMethod } from "../../../core/method.ts";
import type { Vault } from "../../../core/vault.ts";
import { commitmentDiffers, conversationNotFound, listFull, messageNotFound } from "../errors.ts";
import { places } from "../keys/places.ts";
import { getConversation } from "../membership/entering.ts";
import { getMessage } from "../sending/own-message.ts";
import { countReports, insertReport } from "../store/reports.ts";
import { REPORTS_MAX } from "../types/limits.ts";
import { chatWire } from "../types.ts";

export const report = ({ vault }: { readonly vault: Vault }) =>
  defineMethod({
    name: "chat.report",
    ...chatWire.methods["chat.report"],
    summary: "Shows the operators what was said; the message's commitment proves it.",
    access: "person",
    errors: [conversationNotFound, messageNotFound, commitmentDiffers, listFull],
    transaction: "write",
    async handle({ input, actor: { accountId }, tx, ids, clock }) {
      const { conversation_id: conversationId, message_group: group, body, k_f: key } = input;
      const nowMs = clock.nowMs();
      await getConversation(tx, conversationId, accountId);
      const message = await getMessage(tx, { conversationId, accountId, nowMs }, group);
      const proof = createHmac("sha256", Buffer.from(key, "base64url"))
        .update(Buffer.from(body, "base64url"))
        .digest("base64url");
      if (proof !== message.commitment) throw commitmentDiffers();
      if ((await countReports(tx, accountId)) >= REPORTS_MAX) throw listFull({ max: REPORTS_MAX });
      const id = ids.uuid();
      const reportId = await insertReport(tx, {
        id,
        conversationId,
        group,
        senderId: message.senderId,
        reporterId: accountId,
        bodySealed: vault.seal(body, places.report(id)),
        nowMs,
      });
      return { report_id: reportId };
    },
  });
