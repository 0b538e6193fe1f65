export { SOCKET_ERRORS } from "./errors.ts";
export { nativeProtocol } from "./native-protocol.ts";
