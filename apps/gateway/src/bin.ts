import { enableCompileCache } from 'node:module';

enableCompileCache();
await import(new URL('./bin/main.js', import.meta.url).href);
