// Rules of this house that oxlint does not have, as an oxlint plugin. Each is proven in test/architecture/lint.test.ts.

/** `export *` hides what a module offers: barrels list by hand. */
const noExportAll = {
  create: (context) => ({
    ExportAllDeclaration(node) {
      context.report({ node, message: 'List what is exported by name; no `export *`.' });
    },
  }),
};

/** What `import()` gives is a promise. */
const noDynamicImport = {
  create: (context) => ({
    ImportExpression(node) {
      context.report({ node, message: 'The domain is synchronous.' });
    },
  }),
};

/** `new Date()` and `Date(...)` read the clock; with an argument, `new Date(x)` does not. */
const noImplicitNow = {
  create: (context) => ({
    NewExpression(node) {
      if (isDate(node.callee) && node.arguments.length === 0) report(context, node);
    },
    CallExpression(node) {
      if (isDate(node.callee)) report(context, node);
    },
  }),
};

function isDate(callee) {
  return callee.type === 'Identifier' && callee.name === 'Date';
}

function report(context, node) {
  context.report({ node, message: 'This reads the clock. The domain is told what time it is.' });
}

export default {
  meta: { name: 'house' },
  rules: {
    'no-dynamic-import': noDynamicImport,
    'no-export-all': noExportAll,
    'no-implicit-now': noImplicitNow,
  },
};
