export { phoenixProtocol } from "./phoenix-protocol.ts";
