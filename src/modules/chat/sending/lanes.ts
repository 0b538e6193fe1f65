/**
 * Messages of one lane are sent together, one transaction for all that wait: with many
 * conversations too, a commit is shared. More lanes than that only share less.
 */
const LANES = 4;

/** A conversation's lane; a UUID ends in chance. */
export function laneOf(conversationId: string): string {
  return String(Number.parseInt(conversationId.slice(-4), 16) % LANES);
}
