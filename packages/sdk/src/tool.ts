import { toCamelKeys } from './casing.js';
import type { JsonObject } from './json.js';

/** A capability card is a document that people write and keep in files: it is handed out as it is on the wire. */
export interface CapabilityCard {
  readonly name: string;
  readonly description: string;
  readonly input_schema: JsonObject;
  readonly output_schema?: JsonObject | null | undefined;
  readonly effect: 'read' | 'write';
  readonly tags: readonly string[];
  readonly [member: string]: unknown;
}

/** A tool that the key may see. `id` is what `call` takes. */
export interface Tool {
  readonly id: string;
  readonly key: string;
  readonly name: string;
  readonly provider: string;
  readonly description: string;
  readonly riskLevel: 'low' | 'medium' | 'high' | 'critical';
  readonly approvalRequired: boolean;
  /** False while its address is still a placeholder. */
  readonly configured: boolean;
  /** R read, A honours our key, B can be looked up, C blind. */
  readonly toolClass: 'R' | 'A' | 'B' | 'C';
  readonly version: string;
  readonly capabilityCard: CapabilityCard;
  readonly [member: string]: unknown;
}

export interface ToolQuery {
  /** Words to search names and descriptions for. */
  readonly q?: string | undefined;
}

export function toTool(wire: unknown): Tool {
  return toCamelKeys(wire, {}) as Tool;
}
