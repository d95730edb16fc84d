import { Pool } from 'undici';

const HEADERS = { 'content-type': 'application/json' };

/**
 * The call of the tool, as the gateway and the bare proxy make it.
 * @param {string} url
 * @returns {(body: unknown) => Promise<unknown>}
 */
export function createForward(url) {
  const pool = new Pool(url, { connections: 128, pipelining: 1 });
  return async (body) => {
    const answer = await pool.request({
      path: '/',
      method: 'POST',
      headers: HEADERS,
      body: JSON.stringify(body),
    });
    if (answer.statusCode !== 200) throw new Error(`the tool answered ${answer.statusCode}`);
    return answer.body.json();
  };
}
