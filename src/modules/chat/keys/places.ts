/** Where the vault's ciphertexts are: table, row and column, so that none opens elsewhere. */
export const places = {
  wraps: (accountId: string) => `chat_account_keys/${accountId}/wraps`,
  privateKey: (conversationId: string, accountId: string, version: number) =>
    `chat_encryption_keys/${conversationId}/${accountId}/${version}/private_key`,
  report: (reportId: string) => `chat_reports/${reportId}/body`,
} as const;
