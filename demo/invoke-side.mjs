import { tellAnswer, tellDecision, tellEvent, tellVerified } from './tell.mjs';
/** @import { InvokeAnswer, InvokeStage, Tell, ToolServer } from './types.ts' */
/** @import { Gateway } from './stage/gateway.mjs' */

/**
 * What a scene can do with the gateway. Every answer is kept, in order, and told together with what the execution's journal
 * says about it.
 * @param {{ readonly gateway: Gateway, readonly business: ToolServer, readonly answers: InvokeAnswer[], readonly tell: Tell }} context
 * @returns {Pick<InvokeStage, 'invoke' | 'approvalsOf' | 'eventToGateway'>}
 */
export function createInvokeSide({ gateway, business, answers, tell }) {
  /** @type {Set<string>} */
  const told = new Set();

  /** @param {InvokeAnswer} answer */
  const keep = (answer) => {
    answers.push(answer);
    return answer;
  };

  return {
    invoke: {
      async call(request, options) {
        const answer = keep(await gateway.call(request, options));
        const id = answer.body.execution_id ?? null;
        const execution = id === null ? null : await gateway.execution(id);
        tellAnswer(tell, { tool: request.tool, answer, execution, told });
        return answer;
      },
      async verifyState(question) {
        const answer = keep(await gateway.verifyState(question));
        tellVerified(tell, answer);
        return answer;
      },
    },

    approvalsOf(holder) {
      /** @param {string} id @param {{ readonly verb: 'approve' | 'reject', readonly body: Readonly<Record<string, unknown>> }} decision */
      const decide = async (id, { verb, body }) => {
        const answer = keep(await gateway.decide(id, { verb, body, as: holder }));
        tellDecision(tell, { holder, verb, answer });
        return answer;
      };
      return {
        read: async (id) => keep(await gateway.approval(id, holder)),
        approve: (id, shown = { digest: undefined }) => decide(id, { verb: 'approve', body: shown }),
        reject: (id) => decide(id, { verb: 'reject', body: {} }),
      };
    },

    async eventToGateway(event) {
      const { http, text } = await business.sendEvent({ ...event, to: gateway.eventsUrl() });
      const answer = keep({ http, headers: new Headers(), text, body: JSON.parse(text) });
      tellEvent(tell, { type: event.type, answer });
      return answer;
    },
  };
}
