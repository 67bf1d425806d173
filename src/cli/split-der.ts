/**
 * The certificates of a file in which they follow one another, as `cat leaf.der issuer.der` makes it. Only
 * the outer lengths are read; what does not end where another certificate begins is left to the parser.
 */
export function splitDer(bytes: Uint8Array): Uint8Array[] {
  const certificates: Uint8Array[] = [];
  let start = 0;
  for (let end = endOfFirst(bytes, 0); end !== undefined && end < bytes.length; end = endOfFirst(bytes, end)) {
    if (endOfFirst(bytes, end) === undefined) break;
    certificates.push(bytes.subarray(start, end));
    start = end;
  }
  return [...certificates, bytes.subarray(start)];
}

/** Where the SEQUENCE at an offset ends, if one of a certificate's size stands there and is complete. */
function endOfFirst(bytes: Uint8Array, offset: number): number | undefined {
  const [tag, form, high = 0, low = 0] = bytes.subarray(offset, offset + 4);
  if (tag !== 0x30) return undefined;
  const end = form === 0x81 ? offset + 3 + high : form === 0x82 ? offset + 4 + high * 256 + low : undefined;
  return end !== undefined && end <= bytes.length ? end : undefined;
}
