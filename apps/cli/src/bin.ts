#!/usr/bin/env node
// The entry of `invoke`. It must be readable by every Node, so that an old one gets a sentence instead of a syntax error:
// no static import of anything newer than Node 14, nothing that has to be rewritten.
import module from 'node:module';

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);

if (major < 22 || (major === 22 && minor < 18)) {
  process.stderr.write(
    `invoke needs Node 22.18 or newer; this is ${process.versions.node}. See https://nodejs.org\n`,
  );
  process.exit(1);
}

module.enableCompileCache();
const { runProgram } = await import('./program.js');
await runProgram();
