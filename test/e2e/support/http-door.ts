import type { Door, Told } from './door.js';

/** Plain HTTP, as with curl. */
export function openHttpDoor(url: string, key: string): Door {
  const post = (path: string, body: object) => ask(url, key, { method: 'POST', path, body });
  const get = (path: string) => ask(url, key, { method: 'GET', path });
  return {
    call: (request) => post('/v1/call', request),
    verifyState: (request) => post('/v1/state/verify', request),
    reconcile: (request) => post('/v1/outcomes/reconcile', request),
    approval: async (id) => inside(await get(`/v1/approvals/${id}`), 'approval'),
    approve: (id, request = {}) => post(`/v1/approvals/${id}/approve`, request),
    reject: (id, comment) => post(`/v1/approvals/${id}/reject`, { comment }),
    resolve: (id, resolution) => post(`/v1/approvals/${id}/resolve`, { resolution }),
    async trace(executionId) {
      const { http, body } = await get('/v1/traces?limit=200');
      const traces = body['traces'] as readonly Told['body'][];
      return { http, body: traces.find((trace) => trace['execution_id'] === executionId) ?? {} };
    },
  };
}

interface HttpRequest {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly body?: object;
}

async function ask(url: string, key: string, { method, path, body }: HttpRequest): Promise<Told> {
  const response = await fetch(url + path, {
    method,
    headers: { 'Content-Type': 'application/json', 'X-API-Key': key },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { http: response.status, body: (await response.json()) as Told['body'] };
}

function inside({ http, body }: Told, name: string): Told {
  const inner = body[name];
  return { http, body: inner === undefined ? body : (inner as Told['body']) };
}
