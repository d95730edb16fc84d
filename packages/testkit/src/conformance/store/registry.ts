import type { EpochMs } from '@invoke/core/domain';
import { describe, expect, test } from 'vitest';
import { policy, workflow } from './control-records.js';
import { NOW, provider, tool } from './records.js';
import type { OpenStore } from './store-under-test.js';

const NOTHING = { providers: [], tools: [], policies: [], workflows: [], keys: [] };
const LATER = (NOW + 1) as EpochMs;

export function describeRegistry(open: OpenStore): void {
  describe('registry', () => {
    test('starts empty at revision 0', async () => {
      await using it = await open();
      expect(await it.store.registry.load()).toEqual({ revision: 0, ...NOTHING });
      expect(await it.store.registry.revision()).toBe(0);
    });

    test('a provider is created once per tenant and slug, and keeps its id', async () => {
      await using it = await open();
      const { registry } = it.store;
      expect(await registry.saveProvider(provider())).toEqual(provider());
      const renamed = provider({
        id: 'prov_2',
        name: 'New name',
        ownerEmail: null,
        createdAt: LATER,
        updatedAt: LATER,
      });
      const kept = provider({ name: 'New name', ownerEmail: null, updatedAt: LATER });
      expect(await registry.saveProvider(renamed)).toEqual(kept);
      await registry.saveProvider(provider({ id: 'prov_3', tenant: 'other' }));
      expect(await registry.load()).toEqual({
        revision: 3,
        ...NOTHING,
        providers: [kept, provider({ id: 'prov_3', tenant: 'other' })],
      });
    });

    test('a tool is created, then updated; old versions stay readable', async () => {
      await using it = await open();
      const { registry } = it.store;
      const first = tool();
      const second = tool({ version: 'decaf', riskLevel: 'high', updatedAt: LATER });
      expect(await registry.saveTool(first)).toEqual({ kind: 'saved', created: true });
      expect(await registry.saveTool(second)).toEqual({ kind: 'saved', created: false });
      expect(await registry.load()).toEqual({ revision: 2, ...NOTHING, tools: [second] });
      expect(await registry.toolVersion('acme', 'c0ffee')).toEqual(first);
      expect(await registry.toolVersion('acme', 'decaf')).toEqual(second);
      expect(await registry.toolVersion('other', 'decaf')).toBeNull();
      expect(await registry.toolVersion('acme', 'unheard')).toBeNull();
    });

    test('an id belongs to one provider of the tenant', async () => {
      await using it = await open();
      const { registry } = it.store;
      await registry.saveTool(tool());
      const foreign = tool({ provider: { id: 'prov_2', slug: 'billing' }, version: 'beef' });
      expect(await registry.saveTool(foreign)).toEqual({ kind: 'conflict' });
      expect(await registry.saveTool({ ...foreign, tenant: 'other' })).toEqual({
        kind: 'saved',
        created: true,
      });
      expect(await registry.load()).toMatchObject({
        revision: 2,
        tools: [{ version: 'c0ffee' }, { version: 'beef' }],
      });
      expect(await registry.toolVersion('acme', 'beef')).toBeNull();
    });

    test('of providers that race for an id, one gets it', async () => {
      await using it = await open();
      const rivals = Array.from({ length: 8 }, (_, i) =>
        tool({ provider: { id: `prov_${i}`, slug: `p${i}` } }),
      );
      const results = await Promise.all(rivals.map((rival) => it.store.registry.saveTool(rival)));
      expect(results.filter((result) => result.kind === 'saved')).toEqual([{ kind: 'saved', created: true }]);
      expect(await it.store.registry.revision()).toBe(1);
    });

    test('a policy replaces the one of its tenant, a workflow the one of its id', async () => {
      await using it = await open();
      const { registry } = it.store;
      const [first, second] = [policy(), policy({ updatedBy: 'key_2', updatedAt: LATER })];
      const [flow, changed] = [workflow('flow_b'), workflow('flow_b', { updatedAt: LATER })];
      const other = { policy: policy({ tenant: 'other' }), flow: workflow('flow_b', { tenant: 'other' }) };
      for (const record of [other.policy, first, second]) await registry.savePolicy(record);
      for (const record of [other.flow, flow, workflow('flow_a'), changed]) {
        await registry.saveWorkflow(record);
      }
      expect(await registry.load()).toEqual({
        revision: 7,
        ...NOTHING,
        policies: [second, other.policy],
        workflows: [workflow('flow_a'), changed, other.flow],
      });
    });

    test('the name of a provider’s secret is kept, and changed', async () => {
      await using it = await open();
      const { registry } = it.store;
      expect(await registry.saveProvider(provider({ webhookSecret: 'CRM_SECRET' }))).toEqual(
        provider({ webhookSecret: 'CRM_SECRET' }),
      );
      await registry.saveProvider(provider({ webhookSecret: 'OTHER_SECRET' }));
      expect((await registry.load()).providers).toEqual([provider({ webhookSecret: 'OTHER_SECRET' })]);
    });

    test('the revision counts every change, also of those that are made at once', async () => {
      await using it = await open();
      await Promise.all(
        Array.from({ length: 12 }, (_, i) =>
          it.store.registry.saveTool(tool({ id: `tool_${i}`, version: `v${i}` })),
        ),
      );
      expect(await it.store.registry.revision()).toBe(12);
    });
  });

  describe('the store itself', () => {
    test('is ready, and has a secret of 32 bytes that stays', async () => {
      await using it = await open();
      expect(await it.store.check()).toEqual({ ok: true });
      const [first, second] = await Promise.all([it.store.instanceSecret(), it.store.instanceSecret()]);
      expect(first).toMatch(/^[0-9a-f]{64}$/);
      expect(second).toBe(first);
    });
  });
}
