import type { RiskLevel, ToolClass } from '@invoke/contract';
import type { CallHistory } from './call-history.js';

export interface RiskFacts {
  /** Null: no tool has this name. */
  readonly tool: {
    readonly riskLevel: RiskLevel;
    readonly toolClass: ToolClass;
    /** Its card names fields that identify an entity. */
    readonly namesEntities: boolean;
  } | null;
  readonly hasKey: boolean;
  readonly hasResolution: boolean;
  readonly approvalRequired: boolean;
  /** The call would be refused. */
  readonly refused: boolean;
  readonly history: CallHistory;
}

export interface RiskScore {
  readonly level: RiskLevel;
  /** 0 (harmless) to 100. */
  readonly numeric: number;
}

/**
 * How much can go wrong with a call: what its tool is capable of, what protects it, and how such calls have gone. A sum of
 * points, so that it can be explained; it decides nothing by itself.
 */
export function scoreRisk(facts: RiskFacts): RiskScore {
  const numeric = Math.max(0, Math.min(100, pointsOf(facts)));
  return { numeric, level: levelOf(numeric) };
}

const BASE: Readonly<Record<RiskLevel, number>> = { low: 5, medium: 20, high: 45, critical: 70 };
/** A name that nobody has registered says nothing about what it does. */
const UNREGISTERED = 60;
/** What may be done after an unknown outcome: nothing (C), look it up (B), or simply repeat it (A). */
const CLASS: Readonly<Record<ToolClass, number>> = { R: 0, A: 5, B: 10, C: 20 };

function pointsOf(facts: RiskFacts): number {
  const { tool, history, hasKey, hasResolution, approvalRequired, refused } = facts;
  const judged = (approvalRequired ? 10 : 0) + (refused ? 20 : 0);
  if (tool === null) return UNREGISTERED + judged;
  const share = (n: number, most: number) => (history.seen === 0 ? 0 : Math.round((most * n) / history.seen));
  const trouble = share(history.unknown, 20) + share(history.failed, 10);
  const base = BASE[tool.riskLevel];
  if (tool.toolClass === 'R') return Math.round(base / 2) + judged + Math.round(trouble / 2);
  const unprotected = (hasKey ? 0 : 10) + (tool.namesEntities && !hasResolution ? 10 : 0);
  return base + CLASS[tool.toolClass] + unprotected + judged + trouble;
}

function levelOf(numeric: number): RiskLevel {
  if (numeric < 30) return 'low';
  if (numeric < 55) return 'medium';
  return numeric < 75 ? 'high' : 'critical';
}
