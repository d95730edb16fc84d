import { jsonText, type Reply } from '../http/reply.js';
import type { OpenRoute } from '../route.js';

let document: string | null = null;

/** GET /openapi.json: generated from the routes and their schemas, on first use. */
export const openapi: OpenRoute = {
  method: 'get',
  path: '/openapi.json',
  summary: 'This API as an OpenAPI 3.1 document',
  access: 'public',
  answers: { 200: { description: 'OpenAPI 3.1.' } },
  async handle(): Promise<Reply> {
    if (document === null) {
      const [{ openApiDocument }, { ROUTES }] = await Promise.all([
        import('../openapi-document.js'),
        import('./index.js'),
      ]);
      document = JSON.stringify(openApiDocument(ROUTES));
    }
    return jsonText(200, document);
  },
};
