import type { HttpBinding } from '@invoke/contract';
import type { ToolReply } from '@invoke/core/domain';
import type { ToolCall } from '@invoke/core/ports';
import { isPlaceholderUrl } from '../address/check-tool-url.js';
import { putKeyIntoParams, toKeyHeaders } from '../call-key.js';
import { hideSecrets } from '../secrets/hide-secrets.js';
import type { PoolSet } from '../wire/pool-set.js';
import { buildHttpRequest } from './build-http-request.js';
import { toHttpReply } from './to-http-reply.js';

export interface HttpInvokerDeps {
  readonly pools: PoolSet;
  readonly secrets: (name: string) => string | undefined;
}

/**
 * One attempt on a plain HTTP tool. Params that cannot be put into its URL are refused here: certainly nothing was done, and
 * the same call will fail again. Secrets that went out with it do not come back with the reply.
 */
export async function invokeHttp(
  deps: HttpInvokerDeps,
  binding: HttpBinding,
  call: ToolCall,
): Promise<ToolReply> {
  if (isPlaceholderUrl(binding.url))
    return notSent('not_configured', 'the address of this tool is still a placeholder');
  const built = buildHttpRequest(binding, putKeyIntoParams(call), deps.secrets);
  if (built.kind !== 'built') return notSent(built.kind, built.message);

  const { url, headers, body, secretForms } = built;
  const exchanged = await deps.pools.exchange(url.origin, {
    method: binding.method,
    path: `${url.pathname}${url.search}`,
    headers: {
      ...headers,
      ...toKeyHeaders(call),
      ...(call.traceparent === null ? {} : { traceparent: call.traceparent }),
    },
    body,
    mayStillSend: call.mayStillSend,
    deadlineMs: call.giveUpAfterMs,
  });
  return hideSecrets(toHttpReply(exchanged, call.tool.card), secretForms);
}

function notSent(reason: 'not_configured' | 'invalid_params', message: string): ToolReply {
  return { kind: 'failure', sent: false, reason, message };
}
