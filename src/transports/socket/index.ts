export { SOCKET_ERRORS } from "./errors.ts";
export { type NativeParts, nativeProtocol } from "./native-protocol.ts";
