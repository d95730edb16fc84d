import type { PolicyDocument, PolicyView } from '@invoke/contract';
import { decideHeldScope } from '../../domain/access/decide-principal.js';
import type { Principal } from '../../domain/access/principal.js';
import { epochMs } from '../../domain/time.js';
import type { EngineDeps } from '../deps.js';
import type { Toolbox } from '../toolbox.js';
import type { Policies } from './policies.js';
import { compileDocument, createPolicyTrials, type PolicyTrials, type Tried } from './policy-trials.js';

/** Where policies are kept and tried out. */
export interface PolicyDesk extends PolicyTrials {
  setOperatorPolicy: Policies['setOperatorDocument'];
  policy(principal: Principal): PolicyView;
  /** Replaces the document of the principal's tenant, if it compiles. In force when it resolves. */
  savePolicy(principal: Principal, document: PolicyDocument): Promise<Tried<PolicyView>>;
}

export function createPolicyDesk(deps: EngineDeps, toolbox: Toolbox): PolicyDesk {
  const { policies, store, clock } = deps;
  return {
    ...createPolicyTrials(deps),
    setOperatorPolicy: policies.setOperatorDocument,
    policy: ({ tenant }) => viewOf(tenant, deps),
    async savePolicy(principal, document) {
      const held = decideHeldScope(principal, 'providers:admin');
      if (held.kind === 'refuse') return { kind: 'refused', refusal: held.refusal };
      const compiled = compileDocument(document, deps);
      if (compiled.kind === 'refused') return compiled;
      const { tenant, keyId } = principal;
      const updatedAt = epochMs(clock.now());
      await store.registry.savePolicy({ tenant, document, updatedBy: keyId, updatedAt });
      await toolbox.refresh();
      return { kind: 'ok', value: viewOf(tenant, deps) };
    },
  };
}

function viewOf(tenant: string, { tools, policies }: EngineDeps): PolicyView {
  const record = tools.policies().find((p) => p.tenant === tenant);
  return {
    document: record?.document ?? null,
    updated_by: record?.updatedBy ?? null,
    updated_at: record?.updatedAt ?? null,
    broken: policies.inForce(tenant).broken,
  };
}
