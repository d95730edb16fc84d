import { isObject } from './rpc.js';

/** What a tool of an MCP server returned, where it can go on to a client as it is. */
export interface McpContent {
  readonly content: readonly unknown[];
  readonly structuredContent?: unknown;
}

/** Anything beside these is not the protocol's: a wrapper that says more is shown whole, as text. */
const MEMBERS: readonly string[] = ['content', 'structuredContent', 'isError', '_meta', 'resultType'];

/** Null where it is not what the protocol calls the result of a tool, which clients would choke on. */
export function parseMcpContent(result: unknown): McpContent | null {
  if (!isObject(result) || !Object.keys(result).every((name) => MEMBERS.includes(name))) return null;
  const { content, structuredContent, isError = false, resultType = 'complete' } = result;
  if (!Array.isArray(content) || !content.every(isBlock)) return null;
  if (isError !== false || resultType !== 'complete') return null;
  return structuredContent === undefined ? { content } : { content, structuredContent };
}

function isBlock(block: unknown): boolean {
  if (!isObject(block)) return false;
  switch (block['type']) {
    case 'text':
      return isText(block['text']);
    case 'image':
    case 'audio':
      return isText(block['data']) && isText(block['mimeType']);
    case 'resource_link':
      return isText(block['uri']) && isText(block['name']);
    case 'resource':
      return isResource(block['resource']);
    default:
      return false;
  }
}

function isResource(resource: unknown): boolean {
  return (
    isObject(resource) && isText(resource['uri']) && (isText(resource['text']) || isText(resource['blob']))
  );
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}
