import type { Engine, OfferedTool, Principal } from '@invoke/core';
import { GET_EXECUTION } from '@invoke/core/domain';
import { GET_EXECUTION_TOOL, refuseReading } from './get-execution.js';
import { CACHE } from './handshake.js';
import type { Answer } from './result.js';
import type { Era } from './protocol.js';
import { INVALID_PARAMS, type RpcParams } from './rpc.js';
import { toWireTool } from './to-wire-tool.js';

const PAGE = 200;

interface Listed {
  readonly name: string;
  text(): string;
}

const OWN: Listed = { name: GET_EXECUTION, text: () => GET_EXECUTION_TOOL };

export interface ListInput {
  readonly engine: Engine;
  readonly principal: Principal;
  readonly params: RpcParams;
  readonly era: Era;
}

/** `tools/list`: what this key may call, sorted by name, 200 at a time. */
export function listTools({ engine, principal, params, era }: ListInput): Answer {
  const after = parseCursor(params['cursor']);
  if (after === null) {
    const message = '/params/cursor: expected the nextCursor of this list';
    return { kind: 'error', error: { code: INVALID_PARAMS, message } };
  }
  const own: readonly Listed[] = refuseReading(principal) === null ? [OWN] : [];
  const all = [...engine.offeredTools(principal).map(toListed), ...own]
    .filter(({ name }) => name > after)
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  const page = all.slice(0, PAGE);
  const last = all.length > PAGE ? page.at(-1) : undefined;
  const members = [`"tools":[${page.map((tool) => tool.text()).join(',')}]`];
  if (last !== undefined) members.push(`"nextCursor":"${toCursor(last.name)}"`);
  if (era.kind === 'modern') members.push(JSON.stringify(CACHE).slice(1, -1));
  return { kind: 'result', members: members.join(',') };
}

function toListed(offered: OfferedTool): Listed {
  return { name: offered.name, text: () => toWireTool(offered) };
}

/** The name after which the list goes on, so that it does not matter whether that tool is still there. */
function parseCursor(cursor: unknown): string | null {
  if (cursor === undefined) return '';
  const name = typeof cursor === 'string' ? Buffer.from(cursor, 'base64url').toString('utf8') : '';
  return /^[A-Za-z0-9_]{1,50}$/.test(name) && toCursor(name) === cursor ? name : null;
}

function toCursor(name: string): string {
  return Buffer.from(name, 'utf8').toString('base64url');
}
