import { callHttp } from "../../client/index.ts";
import { DEMO_PASSWORD } from "../../src/modules/auth/types.ts";
import { type Call, PERSON_PASSWORD } from "./in-process.ts";

/** Calls a server in another process, as whoever the token says. */
export function callOver(url: string, bearer?: string): Call {
  return (name, input) => callHttp(url, name, input, bearer === undefined ? {} : { bearer });
}

let people = 0;

/** The access token of somebody new. */
export async function newPersonOver(url: string): Promise<string> {
  people += 1;
  const username = `guest-${process.pid}-${people}`;
  const { token } = await callOver(url)("auth.register", { username, password: PERSON_PASSWORD });
  return token;
}

/** An access token of the demo operator, in a session of its own. */
export async function operatorOver(url: string): Promise<string> {
  const secret = DEMO_PASSWORD;
  const { token } = await callOver(url)("auth.login", { username: "olivia", secret });
  return token;
}
