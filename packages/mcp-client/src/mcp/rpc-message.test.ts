import { describe, expect, test } from 'vitest';
import { parseRpcMessage } from './rpc-message.js';

const CELLS = [
  {
    cell: '{"jsonrpc":"2.0","id":7,"result":{"a":1e2}}',
    expected: { kind: 'result', text: '{"a":1e2}', value: { a: 100 } },
    why: 'a result',
  },
  {
    cell: '{"id":7,"result":[1]}',
    expected: { kind: 'result', text: '[1]', value: [1] },
    why: 'a bare result without jsonrpc',
  },
  {
    cell: '{"jsonrpc":"2.0","id":7,"result":null}',
    expected: { kind: 'result', text: 'null', value: null },
    why: 'null is a result',
  },
  {
    cell: '{"jsonrpc":"2.0","id":7,"error":{"code":-32601,"message":"no","data":{"x":1}}}',
    expected: { kind: 'error', code: -32601, message: 'no', data: { x: 1 } },
    why: 'an error',
  },
  {
    cell: '{"jsonrpc":"2.0","id":7,"error":{"code":-1}}',
    expected: { kind: 'error', code: -1, message: '' },
    why: 'an error without a message',
  },
  {
    cell: '{"jsonrpc":"2.0","id":null,"error":{"code":-32700,"message":"p"}}',
    expected: { kind: 'error', code: -32700 },
    why: 'an error about a message that could not be read',
  },
  {
    cell: '[{"jsonrpc":"2.0","method":"x"},{"jsonrpc":"2.0","id":7,"result":1}]',
    expected: { kind: 'result', text: '1' },
    why: 'a batch (2025-03-26)',
  },
  {
    cell: '{"jsonrpc":"2.0","method":"ping","id":1}',
    expected: { kind: 'other', message: { method: 'ping' } },
    why: 'a request of the server',
  },
  {
    cell: '{"jsonrpc":"2.0","id":8,"result":1}',
    expected: { kind: 'invalid' },
    why: 'the answer to another request',
  },
  {
    cell: '{"jsonrpc":"2.0","id":"7","result":1}',
    expected: { kind: 'invalid' },
    why: 'an id of another type',
  },
  {
    cell: '{"jsonrpc":"2.0","id":null,"result":1}',
    expected: { kind: 'invalid' },
    why: 'a result without an id',
  },
  { cell: '{"jsonrpc":"2.0","result":1}', expected: { kind: 'invalid' }, why: 'no id at all' },
  { cell: '{"jsonrpc":"2.0","id":7}', expected: { kind: 'invalid' }, why: 'neither result nor error' },
  {
    cell: '{"jsonrpc":"2.0","id":7,"error":"boom"}',
    expected: { kind: 'invalid' },
    why: 'an error without a code',
  },
  { cell: '"ok"', expected: { kind: 'invalid' }, why: 'not an object' },
  { cell: '{"id":7,"result":', expected: { kind: 'invalid' }, why: 'cut off' },
] as const;

describe('parseRpcMessage', () => {
  test.each(CELLS)('$why', ({ cell, expected }) => {
    expect(parseRpcMessage(cell, 7)).toMatchObject(expected);
  });
});
