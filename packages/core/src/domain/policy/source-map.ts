/** Where a piece of rewritten text came from. A piece that was copied has the same length on both sides. */
interface Piece {
  /** Where it starts and ends in the rewritten text. */
  readonly out: number;
  readonly outEnd: number;
  /** Where it starts and ends in the source. */
  readonly at: number;
  readonly end: number;
  readonly copied: boolean;
}

/** From offsets in rewritten text back to offsets in the text as it was written. */
export interface SourceMap {
  /** The offset that a character of the rewritten text stands for. */
  toSource(offset: number): number;
  /** What a part of the rewritten text was written as. */
  sliceOf(start: number, end: number): string;
}

/** Collects rewritten text piece by piece and remembers where each came from. */
export class Rewriter {
  private readonly source: string;
  private readonly pieces: Piece[] = [];
  private text = '';

  constructor(source: string) {
    this.source = source;
  }

  copy(at: number, end: number): void {
    if (end > at) this.add(this.source.slice(at, end), { at, end, copied: true });
  }

  /** Puts `text` in the place of the source from `at` to `end`. */
  replace(text: string, at: number, end: number): void {
    this.add(text, { at, end, copied: false });
  }

  result(): { readonly text: string; readonly map: SourceMap } {
    const { source, pieces, text } = this;
    const map: SourceMap = {
      toSource(offset) {
        const piece = pieceAt(pieces, offset);
        if (piece === null) return offset;
        if (offset >= piece.outEnd) return piece.end;
        return piece.copied ? piece.at + offset - piece.out : piece.at;
      },
      sliceOf(start, end) {
        const last = pieceAt(pieces, end - 1);
        if (last === null) return source;
        return source.slice(map.toSource(start), last.copied ? map.toSource(end - 1) + 1 : last.end);
      },
    };
    return { text, map };
  }

  private add(text: string, from: Omit<Piece, 'out' | 'outEnd'>): void {
    this.pieces.push({ out: this.text.length, outEnd: this.text.length + text.length, ...from });
    this.text += text;
  }
}

/** The last piece that starts at or before `offset`. */
function pieceAt(pieces: readonly Piece[], offset: number): Piece | null {
  let low = 0;
  let high = pieces.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((pieces[middle] as Piece).out <= offset) low = middle + 1;
    else high = middle;
  }
  return pieces[low - 1] ?? null;
}
