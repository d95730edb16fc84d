import { setTimeout as sleep } from 'node:timers/promises';
import {
  openCountingTools,
  type ToolAnswer,
  type ToolRequest,
} from '../../attacks/support/counting-tools.js';
import { TOOLS } from './cards.js';

/**
 * How a tool takes one call. `ok`: does it. `lost`: does it, and the connection breaks before the answer. `silent`: does it,
 * and does not answer in time. `dropped`: the connection breaks before anything is done. A number: does nothing, and answers
 * with this HTTP status.
 */
export type Turn = 'ok' | 'lost' | 'silent' | 'dropped' | number;

export interface Effect {
  readonly tool: string;
  readonly params: ToolRequest['params'];
}

/** The systems behind the tools. They do what they are told as often as they are told, and count it themselves. */
export interface Business extends AsyncDisposable {
  readonly httpUrl: string;
  readonly mcpUrl: string;
  /** Where people are told that they are waited for: webhooks of Slack and of email. */
  readonly hooks: { readonly slack: string; readonly email: string };
  /** What has been posted to a webhook and names this id, as JSON text. */
  posts(hook: 'slack' | 'email', id: string): readonly string[];
  /** An id that no other test has used. */
  id(prefix: string): string;
  /** What read tools answer about an id from now on; `slowlyMs` later, where that is given. */
  know(id: string, state: object | 'unreadable', slowlyMs?: number): void;
  /** How a tool takes the next calls that name this id, in order; after these, `ok`. */
  plan(tool: string, id: string, ...turns: readonly Turn[]): void;
  /** How many calls that name this id have reached the tool. */
  calls(tool: string, id: string): number;
  /** What was really done about this id, by any tool, in order. */
  effects(id: string): readonly Effect[];
}

const SILENT_MS = 2_000;

export async function openBusiness(): Promise<Business> {
  const tools = await openCountingTools();
  const known = new Map<string, { readonly state: object | 'unreadable'; readonly slowlyMs: number }>();
  const plans = new Map<string, Turn[]>();
  const effects: Effect[] = [];
  let ids = 0;

  async function take(request: ToolRequest, reads: boolean): Promise<ToolAnswer | 'break'> {
    const turn = nextTurn(request);
    if (typeof turn === 'number') return { status: turn, body: { error: 'no' } };
    if (turn === 'dropped') return 'break';
    if (reads) return look(request.params);
    effects.push({ tool: request.tool, params: request.params });
    const { payment_id: paymentId } = request.params;
    if (typeof paymentId === 'string') known.set(paymentId, { state: { charged: true }, slowlyMs: 0 });
    if (turn === 'silent') await sleep(SILENT_MS);
    return turn === 'lost' ? 'break' : { status: 200, body: { done: request.tool } };
  }

  function nextTurn({ tool, params }: ToolRequest): Turn {
    return idsIn(params).flatMap((id) => plans.get(`${tool} ${id}`)?.shift() ?? [])[0] ?? 'ok';
  }

  async function look(params: ToolRequest['params']): Promise<ToolAnswer | 'break'> {
    const about = idsIn(params).flatMap((id) => known.get(id) ?? [])[0];
    if (about === undefined) return { status: 200, body: {} };
    if (about.slowlyMs > 0) await sleep(about.slowlyMs);
    return about.state === 'unreadable' ? 'break' : { status: 200, body: about.state };
  }

  for (const { card } of TOOLS) tools.answer(card.name, (request) => take(request, card.effect === 'read'));
  return {
    httpUrl: tools.httpUrl,
    mcpUrl: tools.mcpUrl,
    hooks: { slack: `${tools.httpUrl}hooks.slack`, email: `${tools.httpUrl}hooks.email` },
    posts: (hook, id) =>
      tools.calls
        .filter(({ tool }) => tool === `hooks.${hook}`)
        .map(({ params }) => JSON.stringify(params))
        .filter((text) => text.includes(id)),
    id: (prefix) => `${prefix}_${(ids += 1)}`,
    know: (id, state, slowlyMs = 0) => void known.set(id, { state, slowlyMs }),
    plan: (tool, id, ...turns) => void plans.set(`${tool} ${id}`, [...turns]),
    calls: (tool, id) => tools.calls.filter((c) => c.tool === tool && idsIn(c.params).includes(id)).length,
    effects: (id) => effects.filter(({ params }) => idsIn(params).includes(id)),
    [Symbol.asyncDispose]: () => tools[Symbol.asyncDispose](),
  };
}

function idsIn(params: ToolRequest['params']): readonly string[] {
  return Object.values(params).filter((value) => typeof value === 'string');
}
