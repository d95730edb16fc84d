import { z } from 'zod';
import { isObject } from './rpc.js';

/** What a tool of an MCP server returned, where it can go on to a client as it is. */
export interface McpContent {
  /** Null where there is only what is structured: some servers leave it at that, and clients want both. */
  readonly content: readonly unknown[] | null;
  readonly structuredContent?: unknown;
}

/** Anything beside these is not the protocol's: a wrapper that says more is shown whole, as text. */
const MEMBERS: readonly string[] = ['content', 'structuredContent', 'isError', '_meta', 'resultType'];

/** Null where it is not what the protocol calls the result of a tool, which clients would choke on. */
export function parseMcpContent(result: unknown): McpContent | null {
  if (!isObject(result) || !Object.keys(result).every((name) => MEMBERS.includes(name))) return null;
  const { content, structuredContent, isError = false, resultType = 'complete' } = result;
  if (isError !== false || resultType !== 'complete') return null;
  if (content === undefined && isObject(structuredContent)) return { content: null, structuredContent };
  if (!Array.isArray(content) || !Blocks.safeParse(content).success) return null;
  return structuredContent === undefined ? { content } : { content, structuredContent };
}

const text = z.string();
const Meta = z.record(z.string(), z.unknown());
/** As clients read it: with `atob`, which overlooks blanks and a missing end. */
const Base64 = text.refine((data) => {
  try {
    atob(data);
    return true;
  } catch {
    return false;
  }
});

const COMMON = {
  _meta: Meta.optional(),
  annotations: z
    .looseObject({
      audience: z.array(z.enum(['user', 'assistant'])).optional(),
      priority: z.number().min(0).max(1).optional(),
      lastModified: z.iso.datetime({ offset: true }).optional(),
    })
    .optional(),
};
const RESOURCE = { uri: text, mimeType: text.optional(), _meta: Meta.optional() };
const Icon = z.looseObject({
  src: text,
  mimeType: text.optional(),
  sizes: z.array(text).optional(),
  theme: z.enum(['light', 'dark']).optional(),
});

/**
 * As strictly as the SDKs' clients read them, what may be left out included: one such client throws away the result of a call
 * that has taken effect because of an `annotations` that is null.
 */
const Blocks = z.array(
  z.discriminatedUnion('type', [
    z.looseObject({ type: z.literal('text'), text, ...COMMON }),
    z.looseObject({ type: z.enum(['image', 'audio']), data: Base64, mimeType: text, ...COMMON }),
    z.looseObject({
      type: z.literal('resource_link'),
      name: text,
      title: text.optional(),
      description: text.optional(),
      size: z.number().optional(),
      icons: z.array(Icon).optional(),
      ...RESOURCE,
      ...COMMON,
    }),
    z.looseObject({
      type: z.literal('resource'),
      resource: z.union([z.looseObject({ text, ...RESOURCE }), z.looseObject({ blob: Base64, ...RESOURCE })]),
      ...COMMON,
    }),
  ]),
);
