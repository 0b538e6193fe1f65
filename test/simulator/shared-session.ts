import { after } from "node:test";
import { SqlSession } from "./engine/sql-session.ts";

let opened: Promise<SqlSession> | undefined;
after(async () => {
  await (await opened)?.[Symbol.asyncDispose]();
});

/** The database that the simulator's tests share, one after the other. */
export function sharedSession(): Promise<SqlSession> {
  opened ??= SqlSession.open();
  return opened;
}
