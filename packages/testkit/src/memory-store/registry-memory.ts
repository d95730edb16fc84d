import type {
  EpochMs,
  KeyRecord,
  PolicyRecord,
  ProviderRecord,
  ToolDefinition,
  WorkflowRecord,
} from '@invoke/core/domain';
import { compareText } from './compare-text.js';

export interface RegistryMemory {
  /** Raised by every change but the uses of keys. */
  revision: number;
  providers: ProviderRecord[];
  tools: ToolDefinition[];
  /** Every definition that there ever was. */
  versions: ToolDefinition[];
  policies: PolicyRecord[];
  workflows: WorkflowRecord[];
  keys: KeyRecord[];
  /** When keys were last used, by their ids. */
  readonly uses: Map<string, EpochMs>;
}

export function createRegistryMemory(): RegistryMemory {
  return {
    revision: 0,
    providers: [],
    tools: [],
    versions: [],
    policies: [],
    workflows: [],
    keys: [],
    uses: new Map(),
  };
}

/** The items with this one at the end, and without those whose place it takes. */
export function put<T>(items: readonly T[], item: T, replaces: (other: T) => boolean): T[] {
  return [...items.filter((other) => !replaces(other)), item];
}

export function sortedBy<T>(items: readonly T[], keys: (item: T) => readonly string[]): readonly T[] {
  const keyOf = (item: T) => keys(item).join('\u0000');
  return items.toSorted((a, b) => compareText(keyOf(a), keyOf(b)));
}
