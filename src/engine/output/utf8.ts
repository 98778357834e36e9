/**
 * How many of the last bytes belong to a character that goes on behind them: 0 to 3.
 * Bytes that cannot begin such a character count as whole, so cutting there never changes what the text decodes to.
 */
export function cutBytes(bytes: Buffer): number {
  const most = Math.min(3, bytes.length);
  for (let back = 1; back <= most; back++) {
    const length = sequenceLength(bytes[bytes.length - back]!);
    if (length > 0) return length > back ? back : 0;
  }
  return 0;
}

/** Of the UTF-8 sequence that this byte begins; 0 for a byte that continues one. */
function sequenceLength(byte: number): number {
  if (byte >= 0x80 && byte < 0xc0) return 0;
  if (byte < 0xc2 || byte > 0xf4) return 1;
  if (byte < 0xe0) return 2;
  return byte < 0xf0 ? 3 : 4;
}
