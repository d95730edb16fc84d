import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { LookupAddress } from 'node:dns';
import type { LookupFunction } from 'node:net';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { afterEach, describe, expect, test } from 'vitest';
import { createCheckedFetch, type EgressPolicy } from '../src/index.js';
import { openInvoker } from './support/invoker.js';
import { answerJson } from './support/mcp-servers.js';
import { listen, serveHttp } from './support/serve.js';
import { aCall, http, mcp } from './support/tool-call.js';

/** A resolver that gives each of these answers in turn, the last one for ever. */
function resolver(...answers: readonly (readonly string[])[]): LookupFunction {
  let asked = 0;
  return (_hostname, _options, callback) => {
    const addresses = answers[Math.min(asked++, answers.length - 1)] ?? [];
    callback(
      null,
      addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
    );
  };
}

async function fetchWith(policy: EgressPolicy, url: string) {
  const checked = createCheckedFetch(policy);
  try {
    return await checked.fetch({
      url: new URL(url),
      headers: {},
      deadlineMs: 2_000,
      mayStillSend: () => true,
    });
  } finally {
    await checked.close();
  }
}

const denied = { kind: 'failure', sent: false, reason: 'address_denied' };

describe('egress', () => {
  test.each([
    { cell: 'loopback', url: 'http://127.0.0.1:PORT/' },
    { cell: 'loopback by name', url: 'http://localhost:PORT/' },
    { cell: 'loopback by name with a dot', url: 'http://localhost.:PORT/' },
    { cell: 'unspecified', url: 'http://0.0.0.0:PORT/' },
    { cell: 'unspecified v6', url: 'http://[::]:PORT/' },
    { cell: 'v6 loopback', url: 'http://[::1]:PORT/' },
    { cell: 'mapped', url: 'http://[::ffff:127.0.0.1]:PORT/' },
    { cell: 'short', url: 'http://127.1:PORT/' },
    { cell: 'decimal', url: 'http://2130706433:PORT/' },
    { cell: 'octal', url: 'http://0177.0.0.1:PORT/' },
    { cell: 'hex', url: 'http://0x7f.1:PORT/' },
    { cell: 'ideographic full stop', url: 'http://127\u30020\u30020\u30021:PORT/' },
    { cell: 'the own host', url: 'http://gateway.test:PORT/' },
  ])('$cell: nobody is connected to', async ({ url }) => {
    await using canary = await serveHttp((_req, res) => answerJson(res, 200, {}));
    const policy = { allowLoopback: false, deniedHosts: ['gateway.test'], lookup: resolver(['127.0.0.1']) };
    expect(await fetchWith(policy, url.replace('PORT', String(canary.port)))).toMatchObject(denied);
    expect(canary.connections()).toBe(0);
  });

  test.each([
    { cell: 'a name that is private', answers: [['10.0.0.7']] },
    { cell: 'a name that is loopback', answers: [['127.0.0.1']] },
    { cell: 'a name that is metadata in v6', answers: [['fd00:ec2::254']] },
    { cell: 'one public and one private address', answers: [['93.184.216.34', '10.0.0.7']] },
    { cell: 'the private one first', answers: [['127.0.0.1', '93.184.216.34']] },
  ])('$cell: denied', async ({ answers }) => {
    await using canary = await serveHttp((_req, res) => answerJson(res, 200, {}));
    const policy = { allowLoopback: false, lookup: resolver(...answers) };
    expect(await fetchWith(policy, `http://name.test:${canary.port}/`)).toMatchObject(denied);
    expect(canary.connections()).toBe(0);
  });

  test('a name is resolved once per connection: a second answer has no effect', async () => {
    await using canary = await serveHttp((_req, res) => answerJson(res, 200, {}));
    let asked = 0;
    const rebind = resolver(['198.51.100.1'], ['127.0.0.1']);
    const lookup: LookupFunction = (...args) => (asked++, rebind(...args));
    /* 198.51.100.1 is documentation: it is denied at the first look, where the trick needs a second one. */
    expect(
      await fetchWith({ allowLoopback: false, lookup }, `http://name.test:${canary.port}/`),
    ).toMatchObject(denied);
    expect([asked, canary.connections()]).toEqual([1, 0]);
  });

  test('an address that changes between the check and the connection is caught at the socket', async () => {
    let served = 0;
    await using canary = await serveHttp((_req, res) => (served++, answerJson(res, 200, {})));
    let reads = 0;
    /* Reads as public to whoever looks first, and as loopback to the one who connects. */
    const shifty = {
      family: 4,
      get address() {
        return reads++ === 0 ? '93.184.216.34' : '127.0.0.1';
      },
    } as LookupAddress;
    const lookup: LookupFunction = (_hostname, _options, callback) => callback(null, [shifty]);
    expect(
      await fetchWith({ allowLoopback: false, lookup }, `http://name.test:${canary.port}/`),
    ).toMatchObject(denied);
    expect(reads).toBeGreaterThan(1);
    expect(served).toBe(0);
  });

  test('a name without an address', async () => {
    const policy = { allowLoopback: true, lookup: resolver([]) };
    expect(await fetchWith(policy, 'http://name.test/')).toMatchObject({
      kind: 'failure',
      sent: false,
      reason: 'dns',
    });
  });

  test('the operator’s switch opens loopback and nothing else', async () => {
    await using server = await serveHttp((_req, res) => answerJson(res, 200, { ok: true }));
    await using invoker = openInvoker({ lookup: resolver(['127.0.0.1']) });
    expect(await invoker.invoke(aCall(http(`http://name.test:${server.port}/`)))).toMatchObject({
      kind: 'answer',
    });
    expect(await invoker.invoke(aCall(http('http://0.0.0.0/')))).toMatchObject(denied);
    expect(await invoker.invoke(aCall(mcp('http://169.254.169.254/mcp')))).toMatchObject(denied);
  });

  test('a redirect is not followed to where a call could not go', async () => {
    await using canary = await serveHttp((_req, res) => answerJson(res, 200, {}));
    await using server = await serveHttp(
      (_req, res) => void res.writeHead(307, { location: `${canary.origin}/secret` }).end(),
    );
    await using invoker = openInvoker();
    expect(await invoker.invoke(aCall(http(server.origin)))).toMatchObject({ reason: 'redirect' });
    expect(await invoker.invoke(aCall(mcp(`${server.origin}/mcp`)))).toMatchObject({ reason: 'redirect' });
    expect(canary.connections()).toBe(0);
  });
});

describe('TLS', () => {
  const read = (name: string) => readFileSync(new URL(`./fixtures/${name}`, import.meta.url), 'utf8');
  const [key, cert] = [read('loopback-key.pem'), read('loopback-cert.pem')];
  const trusted = getCACertificates('default');
  afterEach(() => setDefaultCACertificates(trusted));

  async function serveTls() {
    let requests = 0;
    const server = createServer(
      { key, cert },
      (_req, res) => (requests++, answerJson(res, 200, { ok: true })),
    );
    return Object.assign(await listen(server, 'https'), { requests: () => requests });
  }
  const call = async (host: string, port: number) => {
    await using invoker = openInvoker({ lookup: resolver(['127.0.0.1']) });
    return await invoker.invoke(aCall(http(`https://${host}:${port}/`)));
  };

  test('a certificate that nobody vouches for: nothing is sent', async () => {
    await using server = await serveTls();
    expect(await call('loopback.test', server.port)).toMatchObject({
      kind: 'failure',
      sent: false,
      reason: 'tls',
    });
    expect(server.requests()).toBe(0);
  });

  test('the certificate of another host: nothing is sent', async () => {
    setDefaultCACertificates([...trusted, cert]);
    await using server = await serveTls();
    expect(await call('other.test', server.port)).toMatchObject({
      kind: 'failure',
      sent: false,
      reason: 'tls',
    });
    expect(server.requests()).toBe(0);
  });

  test('the right certificate, checked by name although the address was looked up by us', async () => {
    setDefaultCACertificates([...trusted, cert]);
    await using server = await serveTls();
    expect(await call('loopback.test', server.port)).toMatchObject({ kind: 'answer', value: { ok: true } });
    expect(server.requests()).toBe(1);
  });

  test('plain http where https was expected: nothing is sent', async () => {
    await using server = await serveHttp((_req, res) => answerJson(res, 200, {}));
    expect(await call('loopback.test', server.port)).toMatchObject({
      kind: 'failure',
      sent: false,
      reason: 'tls',
    });
  });
});
