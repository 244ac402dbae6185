/** What WebAuthn needs of CBOR (RFC 8949): integers, bytes, text, lists, maps. */
export type Cbor = number | string | Buffer | boolean | Cbor[] | CborMap;
type CborMap = Map<number, Cbor> | Map<string, Cbor>;

/** FOR TESTS. Deterministic encoding with the shortest lengths (RFC 8949 § 4.2.1), members in the order given. */
export function encodeCbor(value: Cbor): Buffer {
  if (typeof value === "boolean") return Buffer.from([value ? 0xf5 : 0xf4]);
  if (typeof value === "number") return value < 0 ? head(1, -1 - value) : head(0, value);
  if (typeof value === "string")
    return Buffer.concat([head(3, Buffer.byteLength(value)), Buffer.from(value)]);
  if (Buffer.isBuffer(value)) return Buffer.concat([head(2, value.length), value]);
  if (Array.isArray(value)) return Buffer.concat([head(4, value.length), ...value.map(encodeCbor)]);
  const members = [...value].flatMap(([key, member]) => [encodeCbor(key), encodeCbor(member)]);
  return Buffer.concat([head(5, value.size), ...members]);
}

/** Major type and argument (RFC 8949 § 3). */
export function head(major: number, argument: number): Buffer {
  const type = major << 5;
  if (argument < 24) return Buffer.from([type | argument]);
  if (argument < 0x100) return Buffer.from([type | 24, argument]);
  const wide = argument >= 0x1_0000;
  const bytes = Buffer.alloc(wide ? 5 : 3);
  bytes[0] = type | (wide ? 26 : 25);
  if (wide) bytes.writeUInt32BE(argument, 1);
  else bytes.writeUInt16BE(argument, 1);
  return bytes;
}
