import type { LATEST_MAX as Latest } from "../../../src/modules/wallet/types.ts";

/**
 * Transactions that a subscription begins with. The contract's own constant stands among schemas,
 * and would bring their library along; its type is a literal, so the compiler sees to it that both
 * are one number.
 */
export const LATEST_MAX: typeof Latest = 20;
