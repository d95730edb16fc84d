import { z } from 'zod';
import { JsonObject } from './fields.js';

/** Which entity the agent believes it acts on, and how it came to know. */
export const EntityResolution = z.strictObject({
  entity_id: z.string().min(1).max(256),
  source: z.string().min(1).max(256),
  resolved_at: z.iso.datetime({ offset: true }),
});
export type EntityResolution = z.infer<typeof EntityResolution>;

/** What the agent knew when it decided. */
export const ExecutionContextState = z.strictObject({
  variables: JsonObject.optional(),
  tool_outputs: JsonObject.optional(),
});
export type ExecutionContextState = z.infer<typeof ExecutionContextState>;
