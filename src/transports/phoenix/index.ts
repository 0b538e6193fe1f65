export { type PhoenixProtocolParts, phoenixProtocol } from "./phoenix-protocol.ts";
