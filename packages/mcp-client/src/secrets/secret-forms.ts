/** Shorter values are words that answers are full of. */
const SHORTEST = 8;

/**
 * How values may be written where they come back, longest first: as they are, the parts of `Bearer <token>`, escaped as in
 * JSON, percent-encoded, and in base64 wherever they begin in what is encoded. Values of fewer than 8 characters have none.
 */
export function formsOf(values: readonly string[]): readonly string[] {
  const forms = new Set<string>();
  for (const value of values.flatMap((v) => [v, ...v.split(/\s+/)])) {
    if (value.length < SHORTEST) continue;
    for (const form of [
      value,
      JSON.stringify(value).slice(1, -1),
      ...percentForms(value),
      ...base64Forms(value),
    ])
      if (form.length >= SHORTEST) forms.add(form);
  }
  return [...forms].toSorted((a, b) => b.length - a.length);
}

function percentForms(value: string): readonly string[] {
  const encoded = encodeURIComponent(value);
  return [encoded, encoded.replaceAll(/%[0-9A-F]{2}/g, (code) => code.toLowerCase())];
}

/** Three bytes make four characters: what a value looks like hangs on how many bytes stand before it. */
function base64Forms(value: string): readonly string[] {
  return [0, 1, 2].flatMap((before) => {
    const bytes = Buffer.from(`${' '.repeat(before)}${value}`);
    // Characters that also hold bits of what stands before or behind are not of the value alone.
    const first = Math.ceil((before * 4) / 3);
    const form = bytes.toString('base64').slice(first, Math.floor((bytes.length * 4) / 3));
    return [form, form.replaceAll('+', '-').replaceAll('/', '_')];
  });
}
