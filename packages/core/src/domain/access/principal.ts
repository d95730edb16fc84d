import type { Scope } from '@invoke/contract';
import type { EpochMs } from '../time.js';

/** Who asks: an API key and its limits. A list that is null does not limit. */
export interface Principal {
  readonly tenant: string;
  /** Names the key in records; never the key. */
  readonly keyId: string;
  /** Null: all scopes (a full-access key). */
  readonly scopes: ReadonlySet<Scope> | null;
  readonly allowedTools: ReadonlySet<string> | null;
  readonly readOnly: boolean;
  /** The agent whose key this is; implied where a request names none. */
  readonly agentId: string | null;
  readonly envs: ReadonlySet<string> | null;
  readonly agents: ReadonlySet<string> | null;
  readonly workflows: ReadonlySet<string> | null;
  readonly actions: ReadonlySet<string> | null;
  readonly resources: ReadonlySet<string> | null;
  readonly expiresAt: EpochMs | null;
  /** The keys that made this one, oldest first: it counts as theirs where two different ones are needed. */
  readonly madeBy: readonly string[];
}
