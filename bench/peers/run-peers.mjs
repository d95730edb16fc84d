export async function runPeers() { throw new Error('x'); }
