import type { CapabilityCard, HttpBinding, RiskLevel } from '@invoke/contract';
import type { EpochMs } from '../time.js';

/** Where a tool is and how it is spoken to. */
export type ToolBinding =
  | { readonly kind: 'mcp'; readonly url: string; readonly tool: string }
  | ({ readonly kind: 'http' } & HttpBinding)
  | { readonly kind: 'builtin'; readonly handler: string };

/**
 * One version of one tool. `version` is the SHA-256 of its canonical definition: whatever is recorded or approved names
 * it, and a changed definition is another version.
 */
export interface ToolDefinition {
  /** Readable and callable; unique per tenant (the registered name). */
  readonly id: string;
  /** `<provider slug>.<name>`. */
  readonly key: string;
  readonly name: string;
  /** `*` for tools that are there for every tenant (built in, or given to createInvoke). */
  readonly tenant: string;
  readonly provider: { readonly id: string; readonly slug: string };
  readonly version: string;
  readonly card: CapabilityCard;
  readonly binding: ToolBinding;
  readonly riskLevel: RiskLevel;
  readonly approvalRequired: boolean;
  readonly updatedAt: EpochMs;
}

export interface ProviderRecord {
  readonly id: string;
  readonly tenant: string;
  readonly slug: string;
  readonly name: string;
  readonly ownerEmail: string | null;
  /** Names the environment variable with the secret that its events are signed with; never the secret. */
  readonly webhookSecret: string | null;
  readonly createdAt: EpochMs;
  readonly updatedAt: EpochMs;
}
