import { config } from "zod";

/**
 * Zod compiles schemas with `new Function` where it may. The content security policy forbids that,
 * and even the attempt is reported as a violation. Load this file before any wire contract: they
 * are schemas, which try as soon as they are made.
 */
config({ jitless: true });
