export { createExpressionLanguage } from './engine/expression/cel-language.js';
export { createSchemaCompiler } from './engine/schema/ajv-schema-compiler.js';
