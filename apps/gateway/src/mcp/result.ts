import { SERVER_INFO } from './handshake.js';
import type { Era } from './protocol.js';
import type { RpcError } from './rpc.js';

/** What a method answers, before its era puts it into its words. */
export type Answer =
  | {
      readonly kind: 'result';
      /** The members of the result as JSON text, without the braces around them. */
      readonly members: string;
      readonly meta?: Readonly<Record<string, unknown>>;
    }
  | { readonly kind: 'error'; readonly error: RpcError };

export function resultOf(value: object, meta: Readonly<Record<string, unknown>> = {}): Answer {
  return { kind: 'result', members: JSON.stringify(value).slice(1, -1), meta };
}

/** The result as JSON text: results of the stateless revision name their kind, and who made them. */
export function toResultText({ members, meta = {} }: Answer & { kind: 'result' }, { kind }: Era): string {
  const modern = kind === 'modern';
  const told = modern ? { ...meta, 'io.modelcontextprotocol/serverInfo': SERVER_INFO } : meta;
  const parts = [
    modern ? '"resultType":"complete"' : '',
    members,
    Object.keys(told).length === 0 ? '' : `"_meta":${JSON.stringify(told)}`,
  ];
  return `{${parts.filter((part) => part !== '').join(',')}}`;
}
