import type { FieldProblem, WorkflowDefinition } from '@invoke/contract';
import { PACKAGED_WORKFLOWS } from './packaged-workflows.js';
import { parsePlaceholder } from './template.js';

/**
 * What is wrong with a workflow that a tenant wants to add: an id that comes with Invoke, a step named twice or like one of
 * the runner's own, a placeholder that can never be filled. Empty: it can be stored.
 */
export function findWorkflowProblems(definition: WorkflowDefinition): readonly FieldProblem[] {
  const problems: FieldProblem[] = [];
  if (PACKAGED_WORKFLOWS.some((w) => w.id === definition.id)) {
    problems.push({ pointer: '/id', message: 'a workflow of this name comes with Invoke: take another id' });
  }
  const done = new Set<string>();
  definition.steps.forEach((step, i) => {
    const pointer = `/steps/${i}`;
    if (done.has(step.step))
      problems.push({ pointer: `${pointer}/step`, message: 'another step has this name' });
    if (OWN_STEPS.test(step.step)) {
      problems.push({ pointer: `${pointer}/step`, message: 'the runner itself has a step of this name' });
    }
    const { step: _name, title: _title, kind: _kind, ...filled } = step;
    for (const [name, value] of Object.entries(filled)) {
      problems.push(...placeholderProblems(value, `${pointer}/${name}`, done));
    }
    done.add(step.step);
  });
  return problems;
}

const OWN_STEPS = /^(?:request_received|tool_authorized|execution_.*)$/;

function placeholderProblems(value: unknown, pointer: string, done: ReadonlySet<string>): FieldProblem[] {
  if (typeof value === 'string') return textProblems(value, pointer, done);
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, child]) =>
    placeholderProblems(child, `${pointer}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`, done),
  );
}

function textProblems(text: string, pointer: string, done: ReadonlySet<string>): FieldProblem[] {
  const placeholder = parsePlaceholder(text);
  if (placeholder === null) {
    const meant = text.startsWith('${') && text.endsWith('}');
    return meant ? [{ pointer, message: 'expected ${input.<path>} or ${steps.<step>.<path>}' }] : [];
  }
  const [first = ''] = placeholder.path;
  if (placeholder.root === 'input' || done.has(first)) return [];
  return [{ pointer, message: `${first} is not a step before this one` }];
}
