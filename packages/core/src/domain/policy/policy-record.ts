import type { PolicyDocument, WorkflowDefinition } from '@invoke/contract';
import type { EpochMs } from '../time.js';

/** The rules and budgets of a tenant, as they were stored through the API. */
export interface PolicyRecord {
  readonly tenant: string;
  readonly document: PolicyDocument;
  readonly updatedBy: string;
  readonly updatedAt: EpochMs;
}

/** A workflow that a tenant has added. */
export interface WorkflowRecord {
  readonly tenant: string;
  readonly definition: WorkflowDefinition;
  readonly updatedBy: string;
  readonly updatedAt: EpochMs;
}
