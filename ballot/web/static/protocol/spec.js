/** Which text this folder follows: Belenios 3.3.0, protocol version 1, as ballot/protocol/spec.py. */

export const PROTOCOL_VERSION = 1;
export const GROUP = "Ed25519";
export const BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
