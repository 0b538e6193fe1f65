/**
 * Who goes first when there are more calls than places: who signs in, so that nobody is locked out
 * by a crowd; then who looks, because it is cheap and most of what people do; then who changes
 * something; last who leafs through what is over. Health checks and metrics never wait.
 */
export const URGENCIES = ["sign-in", "read", "write", "history"] as const;
export type Urgency = (typeof URGENCIES)[number];
