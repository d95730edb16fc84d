import { RISK_LEVELS, type RiskLevel } from '@invoke/contract';

/** Of a tool that is gone. */
export const UNKNOWN_RISK: RiskLevel = 'medium';

/** How risky a call is that may reach these tools: as risky as the riskiest of them. */
export function riskiest(levels: readonly RiskLevel[]): RiskLevel {
  return RISK_LEVELS[Math.max(...levels.map((level) => RISK_LEVELS.indexOf(level)))] ?? UNKNOWN_RISK;
}
