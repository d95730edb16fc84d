export async function runGrowth() { throw new Error('x'); }
