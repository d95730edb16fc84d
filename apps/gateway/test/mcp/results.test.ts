import { expect, test } from 'vitest';
import { openGateway } from '../support/gateway.js';
import { openMcpToolServer } from '../support/mcp-tool-server.js';
import { registerMcp } from '../support/register.js';
import { modern } from '../support/rpc.js';

/** What a careful server writes and JavaScript cannot hold. */
const LARGE = '9007199254740993';
const large = (JSON as unknown as { rawJSON(text: string): object }).rawJSON(LARGE);

test('numbers that JavaScript cannot hold come as the tool has written them', async () => {
  await using upstream = await openMcpToolServer({
    charge: {
      content: [{ type: 'text', text: 'ok', annotations: { x: large } }],
      structuredContent: { id: large },
    },
  });
  await using gateway = await openGateway();
  await registerMcp(gateway, 'charge', upstream.url, { output_schema: { type: 'object' } });
  const answer = await modern(gateway, 'tools/call', { name: 'charge', arguments: {} });
  expect(answer.text).toContain(`"structuredContent":{"id":${LARGE}}`);
  expect(answer.text).toContain(`"annotations":{"x":${LARGE}}`);
});
