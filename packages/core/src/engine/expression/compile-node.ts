import type { NameRules } from '../../domain/policy/expression.js';
import type { LinearPattern } from '../bounded/linear-pattern.js';
import type { ASTNode } from './cel-grammar.js';
import { compileCall, compileMethod } from './compile-call.js';
import {
  compileField,
  compileHas,
  compileIndex,
  compileInstant,
  compileList,
  compileMap,
  compileName,
  compileOpenName,
} from './compile-data.js';
import { compileMacro } from './compile-macro.js';
import { compileBinary, compileChoice, compileLogic, compileUnary } from './compile-operator.js';
import type { NodeContext, Step } from './step.js';
import { MACROS } from './vet-expression.js';

export interface NodeCompilerOptions {
  readonly textOf: (node: ASTNode) => string;
  readonly patterns: ReadonlyMap<ASTNode, LinearPattern>;
  readonly roots: ReadonlySet<string>;
  readonly names: NameRules;
}

/** Turns an expression that has been vetted into a function of its facts, node by node. */
export function compileExpression(ast: ASTNode, options: NodeCompilerOptions): Step {
  return compilerWithin(null, options).compile(ast);
}

/** @param variable of the macro that the nodes are in; null outside of macros */
function compilerWithin(variable: string | null, options: NodeCompilerOptions): NodeContext {
  const context: NodeContext = {
    ...options,
    compile: (node) => compileNode(node, { variable, options }, context),
    compileBody: (node, inner) => compilerWithin(inner, options).compile(node),
  };
  return context;
}

interface Within {
  readonly variable: string | null;
  readonly options: NodeCompilerOptions;
}

function compileNode(node: ASTNode, { variable, options }: Within, context: NodeContext): Step {
  switch (node.op) {
    case 'value': {
      const value = node.args;
      return () => value;
    }
    case 'id':
      return node.args === variable ? (frame) => frame.item : compileNameIn(node.args, options);
    case '.':
    case '.?':
      return compileField(node, context);
    case '[]':
    case '[?]':
      return compileIndex(node, context);
    case 'call':
      return node.args[0] === 'has' ? compileHas(node, context) : compileCall(node, context);
    case 'rcall':
      return MACROS.has(node.args[0]) ? compileMacro(node, context) : compileMethod(node, context);
    case 'list':
      return compileList(node, context);
    case 'map':
      return compileMap(node, context);
    case '?:':
      return compileChoice(node, context);
    case '||':
    case '&&':
      return compileLogic(node, context);
    case '!_':
    case '-_':
      return compileUnary(node, context);
    default:
      return compileBinary(node, context);
  }
}

function compileNameIn(name: string, { roots, names }: NodeCompilerOptions): Step {
  if (!roots.has(name)) return compileOpenName(name, names);
  return names.instants?.includes(name) === true ? compileInstant(name) : compileName(name);
}
