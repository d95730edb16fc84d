import { describe, expect, vi } from 'vitest';
import { verifies } from '../support/verifies.js';
import { freeze, inFuture, type Enter } from '../support/world.js';

/** The example of the description. */
const POLICY = {
  rules: [
    {
      when: 'action == git_push and branch == main',
      effect: 'require_approval',
      intent: 'push_to_main',
      allowed_action: 'git_push',
      reason: 'Human approval required for pushes to main',
    },
  ],
} as const;
const policy = { rules: POLICY.rules.map((rule) => ({ ...rule })) };
const STATE = { variables: { branch: 'main' }, tool_outputs: { diff_summary: { files_changed: 3 } } };

export function describeApprovalGates(enter: Enter): void {
  /** The same on a repository of this test; `repo.push` counts what is really pushed. */
  function push(branch = 'main') {
    const url = `https://example.com/${enter().business.id('repo')}`;
    const request = {
      tool: 'repo.push',
      params: { url, branch },
      agent_id: 'dev_agent_v1',
      action: 'git_push',
      idempotency_key: `push:${url}`,
      policy,
      execution_state: { ...STATE, variables: { branch } },
    };
    return { url, request };
  }

  describe('Approval Gates', () => {
    verifies(
      ['GATE-02', 'GATE-05'],
      'the example as it stands: pending, and rejected it stays undone',
      async () => {
        const world = enter();
        const id = await freeze(world, {
          tool: 'fetch.url',
          params: { url: 'https://example.com/repo', branch: 'main' },
          agent_id: 'dev_agent_v1',
          action: 'git_push',
          policy,
          execution_state: STATE,
        });
        expect((await world.approver.reject(id, 'not on a Friday')).body).toMatchObject({
          outcome: 'rejected',
        });
      },
    );

    verifies('GATE-01', 'the checkpoint carries everything that was decided on', async () => {
      const world = enter();
      const { url, request } = push();
      const before = Date.now();
      const expires_at = inFuture();
      const id = await freeze(world, { ...request, policy: { ...policy, expires_at } });
      const { body } = await world.approver.approval(id);
      expect(body).toMatchObject({
        id,
        kind: 'approval',
        status: 'pending',
        agent_id: 'dev_agent_v1',
        action: 'git_push',
        params: { url, branch: 'main' },
        variables: { branch: 'main' },
        tool_outputs: { diff_summary: { files_changed: 3 } },
        intent: 'push_to_main',
        allowed_action: 'git_push',
        reason: 'Human approval required for pushes to main',
        risk_level: 'high',
        expires_at: Date.parse(expires_at),
        digest: expect.stringMatching(/^sha256:[0-9a-f]{64}$/) as string,
      });
      expect(body['created_at']).toBeGreaterThanOrEqual(before - 1_000);
      expect(body['created_at']).toBeLessThanOrEqual(Date.now() + 1_000);
      expect(world.business.calls('repo.push', url)).toBe(0);
      await world.approver.reject(id, 'seen');
    });

    verifies('GATE-02', 'a branch that the rule does not name is pushed at once', async () => {
      const { agent, business } = enter();
      const { url, request } = push('feature');
      expect(await agent.call(request)).toMatchObject({ http: 200, body: { status: 'completed' } });
      expect(business.effects(url)).toHaveLength(1);
    });

    verifies(
      'GATE-03',
      'approved by another key: executed once, and the repeat of the call gets its result',
      async () => {
        const world = enter();
        const { agent, approver, business } = world;
        const { url, request } = push();
        const id = await freeze(world, request);
        expect(await freeze(world, request)).toBe(id);
        expect(business.calls('repo.push', url)).toBe(0);
        const { digest } = (await approver.approval(id)).body;
        const approved = await approver.approve(id, { reviewed_by: 'dana', digest: digest as string });
        expect(approved).toMatchObject({
          http: 200,
          body: {
            success: true,
            outcome: 'executed',
            approval_id: id,
            execution_status: 'completed',
            result: { done: 'repo.push' },
          },
        });
        expect(await approver.approve(id)).toMatchObject({ http: 409, body: { code: 'approval_conflict' } });
        expect(await agent.call(request)).toMatchObject({
          http: 200,
          body: { status: 'completed', replayed: true, result: { done: 'repo.push' } },
        });
        expect(business.effects(url)).toEqual([{ tool: 'repo.push', params: { url, branch: 'main' } }]);
        expect((await approver.approval(id)).body).toMatchObject({ status: 'executed', reviewed_by: 'dana' });
      },
    );

    verifies('GATE-03', 'twenty yeses at once: one executes', async () => {
      const world = enter();
      const { url, request } = push();
      const id = await freeze(world, request);
      const answers = await Promise.all(Array.from({ length: 20 }, () => world.approver.approve(id)));
      expect(answers.map(({ body }) => String(body['code'] ?? body['outcome'])).toSorted()).toEqual([
        ...Array<string>(19).fill('approval_conflict'),
        'executed',
      ]);
      expect(world.business.effects(url)).toHaveLength(1);
    });

    verifies('GATE-04', 'who asked cannot approve, and who may not decide cannot either', async () => {
      const { agent, approver, both, business } = enter();
      const { url, request } = push();
      const id = await freeze({ agent: both }, request);
      expect(await both.approve(id)).toMatchObject({ http: 403, body: { code: 'self_approval_denied' } });
      expect(await agent.approve(id)).toMatchObject({ http: 403, body: { code: 'insufficient_scope' } });
      expect((await approver.approval(id)).body).toMatchObject({ status: 'pending', decided_by: null });
      expect(business.calls('repo.push', url)).toBe(0);
      expect((await approver.approve(id)).body).toMatchObject({ outcome: 'executed' });
    });

    verifies('GATE-05', 'rejected: nothing is executed, and the repeat of the call says so', async () => {
      const world = enter();
      const { agent, approver, business } = world;
      const { url, request } = push();
      const id = await freeze(world, request);
      expect(await approver.reject(id, 'not on a Friday')).toMatchObject({
        http: 200,
        body: { outcome: 'rejected', execution_status: 'rejected' },
      });
      expect(await approver.approve(id)).toMatchObject({ http: 409, body: { code: 'approval_conflict' } });
      expect((await agent.call(request)).body).toMatchObject({ success: false, status: 'rejected' });
      expect(business.calls('repo.push', url)).toBe(0);
    });

    verifies('NOTIFY-01', 'Slack and email are told of it, and of nothing that could decide it', async () => {
      const world = enter();
      const { request } = push();
      const id = await freeze(world, request);
      for (const hook of ['slack', 'email'] as const) {
        const [text = ''] = await vi.waitUntil(
          () => {
            const posts = world.business.posts(hook, id);
            return posts.length > 0 && posts;
          },
          { timeout: 5_000 },
        );
        expect(text).toContain('Human approval required for pushes to main');
        expect(text).not.toMatch(/inv_e2e_/);
      }
      await world.approver.reject(id, 'seen');
    });

    verifies('GATE-06', 'a rule that fresh state makes deny: cancelled', async () => {
      const world = enter();
      const { url, request } = push();
      const rules = [...policy.rules, { when: 'has(state.frozen) && state.frozen', effect: 'deny' } as const];
      const id = await freeze(world, { ...request, policy: { rules } });
      expect((await world.approver.approve(id, { state: { frozen: true } })).body).toMatchObject({
        outcome: 'cancelled',
        execution_status: 'denied',
      });
      expect(world.business.calls('repo.push', url)).toBe(0);
    });
  });
}
