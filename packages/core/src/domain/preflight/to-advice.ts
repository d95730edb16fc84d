import type { PreflightView, Refusal } from '@invoke/contract';
import type { RiskFacts } from './score-risk.js';

export interface AdviceFacts extends RiskFacts {
  readonly refusal: Refusal | null;
  /** Why a human decides first; null where none does. */
  readonly approvalReason: string | null;
  /** The key that would be suggested; null where none is needed. */
  readonly suggestedKey: string | null;
  readonly keyApplied: boolean;
  readonly escalates: boolean;
  readonly canLookUp: boolean;
}

export type Advice = Pick<PreflightView, 'warnings' | 'recommended_guardrails'>;

/** What a caller should know of a call, and what would make it safer. */
export function toAdvice(facts: AdviceFacts): Advice {
  return { warnings: warningsOn(facts), recommended_guardrails: guardrailsFor(facts) };
}

function warningsOn(facts: AdviceFacts): PreflightView['warnings'] {
  const { tool, refusal, approvalReason, history, hasResolution, suggestedKey, hasKey } = facts;
  const warnings: PreflightView['warnings'] = [];
  const say = (severity: 'info' | 'warning' | 'error', message: string) =>
    warnings.push({ severity, message });
  if (refusal !== null) say('error', `This call would be refused (${refusal.code}): ${refusal.message}`);
  if (tool === null) {
    say('warning', 'No tool of this name can be called with this key, so nothing is known of what it does.');
  }
  if (approvalReason !== null) say('warning', `A human decides first: ${approvalReason}`);
  if (suggestedKey !== null && !hasKey) {
    say('warning', 'There is no idempotency key: a repeat after a timeout would be a second call.');
  }
  if (tool?.toolClass === 'C') {
    say(
      'warning',
      'Nothing tells what happened after a lost answer: this tool is tried once, and doubts go to a human.',
    );
  }
  if (tool?.namesEntities === true && tool.toolClass !== 'R' && !hasResolution) {
    say('warning', 'There is no entity_resolution: a wrong id in the params would not be noticed.');
  }
  const { seen, unknown, failed } = history;
  if (unknown > 0)
    say('warning', `Of the last ${seen} calls of this tool, ${unknown} had an unknown outcome.`);
  if (failed > 0) say('info', `Of the last ${seen} calls of this tool, ${failed} did not succeed.`);
  return warnings;
}

function guardrailsFor(facts: AdviceFacts): PreflightView['recommended_guardrails'] {
  const { tool, suggestedKey, keyApplied, hasResolution, approvalRequired, escalates, canLookUp } = facts;
  const guardrails: PreflightView['recommended_guardrails'] = [];
  const recommend = (type: string, action: string, applied = false) =>
    guardrails.push({ type, action, applied });
  if (suggestedKey !== null) recommend('idempotency_key', `send idempotency_key ${suggestedKey}`, keyApplied);
  if (approvalRequired) recommend('approval', 'wait for a human to approve the call', true);
  if (tool === null) {
    recommend('register_tool', 'register the tool with a capability card before it is called');
    return guardrails;
  }
  if (tool.toolClass === 'R') return guardrails;
  if (tool.namesEntities && !hasResolution) {
    recommend('entity_resolution', 'say in entity_resolution which entity was resolved, and how');
  }
  if (tool.toolClass === 'C') {
    recommend('reconcile', 'say in failure_policy.reconcile, or on the card, how to look up what happened');
  } else if (canLookUp) {
    recommend('reconcile', 'an unknown outcome is looked up before anything is retried', true);
  }
  const risky = tool.riskLevel === 'high' || tool.riskLevel === 'critical';
  if (risky && !escalates) {
    recommend(
      'escalation',
      'set failure_policy.on_failure to escalate, so that a human sees what cannot be settled',
    );
  }
  return guardrails;
}
