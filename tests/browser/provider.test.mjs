// Coming in through the organisation's own log-in: with a real OpenID Connect provider (oidc-provider) in a real
// browser, and with a crooked one, none of whose answers may let anybody in.

import assert from 'node:assert/strict';
import { createHash, createSign, generateKeyPairSync } from 'node:crypto';
import { createServer } from 'node:http';
import test, { after, before } from 'node:test';
import { accessible, fits, shoot, start } from './harness.mjs';

// oidc-provider says what it thinks of quick starts and of Node's version; nobody needs to read that here.
const { warn } = console;
console.warn = () => {};
const { Provider } = await import('oidc-provider');

const secret = 'a secret of more than thirty-two letters';
const running = [];
after(() => { console.warn = warn; for (const server of running) { server.closeAllConnections(); server.close(); } });

async function listen(handler) {
  const server = createServer(handler);
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  running.push(server);
  return `http://127.0.0.1:${server.address().port}`;
}

// ---------------------------------------------------------------- a real provider

let server;
before(async () => {
  let provider;
  const issuer = await listen((request, response) => provider.callback()(request, response));
  server = await start({
    env: {
      INTERLUDE_OIDC_ISSUER: issuer,
      INTERLUDE_OIDC_CLIENT_ID: 'interlude',
      INTERLUDE_OIDC_CLIENT_SECRET: secret,
      INTERLUDE_OIDC_NAME: 'Yunfan ID',
      INTERLUDE_OIDC_ROLES: 'ops=operator,helpdesk=support',
    },
  });
  provider = new Provider(issuer, {
    clients: [{ client_id: 'interlude', client_secret: secret, redirect_uris: [`${server.origin}/login/callback`] }],
    claims: { openid: ['sub'], profile: ['preferred_username', 'groups'], email: ['email'] },
    findAccount: (_, id) => ({
      accountId: id,
      claims: () => ({ sub: id, preferred_username: id, email: `${id}@example.com`, groups: id === 'chief' ? ['ops', 'staff'] : ['staff'] }),
    }),
    pkce: { required: () => true },
  });
});

// Through the provider's own pages: who one is, and that Interlude may know it.
async function logInAt(page, who) {
  await page.waitForURL(/\/interaction\//);
  await page.fill('input[name=login]', who);
  await page.fill('input[name=password]', 'anything');
  await Promise.all([page.waitForNavigation(), page.click('button[type=submit]')]);
  await Promise.all([page.waitForURL((url) => url.origin === server.origin), page.click('button[type=submit]')]);
}

test('somebody whose group gives a role comes in, with that role, and again later', async () => {
  for (const time of ['first', 'second']) {
    const page = await server.world({ lang: 'en', path: '/login?next=/admin/windows' });
    if (time === 'first') {
      await accessible(page);
      await fits(page);
      await shoot(page, 'provider-login');
    }
    await page.click('text=Log in with Yunfan ID');
    await logInAt(page, 'chief');
    assert.equal(new URL(page.url()).pathname, '/admin/windows');
    await page.goto('/admin/account');
    const text = await page.innerText('main');
    assert.match(text, /chief/);
    assert.match(text, /Operator/);
    assert.match(text, /Organisation's log-in/);
    assert.doesNotMatch(text, /Change my password/, 'there is no password to change');
    assert.equal((await page.goto('/admin/people')).status(), 403);
    await page.context().close();
  }
  const people = await server.run(['user', 'list']);
  assert.equal(people.split('\n').filter((line) => line.startsWith('chief')).length, 1, people);
});

test('somebody whom the provider knows and nobody here has let in stays outside', async () => {
  const page = await server.world({ lang: 'zh-CN', width: 'phone', path: '/login' });
  await page.click('text=Yunfan ID');
  await logInAt(page, 'stranger');
  assert.equal(new URL(page.url()).pathname, '/login');
  assert.match(await page.innerText('[role=alert]'), /还没有获准进入/);
  await accessible(page);
  await fits(page);
  await shoot(page, 'provider-unknown');
  assert.equal((await page.request.get('/admin/', { maxRedirects: 0 })).status(), 303);
  assert.doesNotMatch(await server.run(['user', 'list']), /stranger/);
});

test('somebody links their account, and comes in that way from then on', async () => {
  const page = await server.world({ lang: 'en', as: 'viewer', path: '/admin/account' });
  await page.click('text=Link my account');
  await logInAt(page, 'wang');
  assert.match(await page.innerText('[role=status]'), /Your account is linked/);
  const other = await server.world({ lang: 'en', path: '/login' });
  await other.click('text=Log in with Yunfan ID');
  await logInAt(other, 'wang');
  await other.goto('/admin/account');
  assert.match(await other.innerText('main'), /test-viewer/);
  // Nobody else can take the same identity.
  const thief = await server.world({ lang: 'en', as: 'support', path: '/admin/account' });
  await thief.click('text=Link my account');
  await logInAt(thief, 'wang');
  assert.match(await thief.innerText('[role=status]'), /Somebody else here is linked/);
  // Disabled here means outside, whatever the provider says.
  await server.run(['user', 'disable', 'test-viewer']);
  const again = await server.world({ lang: 'en', path: '/login' });
  await again.click('text=Log in with Yunfan ID');
  await logInAt(again, 'wang');
  assert.match(await again.innerText('[role=alert]'), /disabled/);
});

test('an answer of the provider works once, and only in the browser that asked', async () => {
  const page = await server.world({ lang: 'en', path: '/login' });
  let callback;
  page.on('request', (request) => { if (request.url().includes('/login/callback')) callback = request.url(); });
  await page.click('text=Log in with Yunfan ID');
  await logInAt(page, 'chief');
  assert.match(callback, /code=.*state=|state=.*code=/);
  await page.context().clearCookies({ name: 'interlude' });
  await page.goto(callback);
  assert.match(page.url(), /\/login\?refused=failed/);
  const other = await server.world({ lang: 'en', path: callback });
  assert.match(other.url(), /\/login\?refused=failed/);
  assert.match(await other.innerText('[role=alert]'), /did not work out/);
});

// ---------------------------------------------------------------- a crooked one

const keys = generateKeyPairSync('rsa', { modulusLength: 2048 });
const others = generateKeyPairSync('rsa', { modulusLength: 2048 });
const base64 = (value) => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');

function token(claims, { key = keys.privateKey, alg = 'RS256' } = {}) {
  const text = `${base64({ alg, kid: 'k', typ: 'JWT' })}.${base64(claims)}`;
  return `${text}.${alg === 'none' ? '' : createSign('RSA-SHA256').update(text).sign(key).toString('base64url')}`;
}

test('no answer that is wrong in any way lets anybody in', async () => {
  let issuer, answer, asked;
  issuer = await listen(async (request, response) => {
    const json = (value) => response.setHeader('content-type', 'application/json').end(JSON.stringify(value));
    if (request.url === '/.well-known/openid-configuration') {
      return json({
        issuer, authorization_endpoint: `${issuer}/authorize`, token_endpoint: `${issuer}/token`, jwks_uri: `${issuer}/keys`,
        response_types_supported: ['code'], subject_types_supported: ['public'], id_token_signing_alg_values_supported: ['RS256'],
      });
    }
    if (request.url === '/keys') return json({ keys: [{ ...keys.publicKey.export({ format: 'jwk' }), kid: 'k', use: 'sig', alg: 'RS256' }] });
    if (request.url === '/token') {
      let body = '';
      for await (const piece of request) body += piece;
      asked = { form: new URLSearchParams(body), authorization: request.headers.authorization };
      return json({ access_token: 'a', token_type: 'Bearer', ...answer() });
    }
    response.statusCode = 404;
    return response.end();
  });
  const crooked = await start({
    env: {
      INTERLUDE_OIDC_ISSUER: issuer,
      INTERLUDE_OIDC_CLIENT_ID: 'interlude',
      INTERLUDE_OIDC_CLIENT_SECRET: secret,
      INTERLUDE_OIDC_ROLES: '*=administrator',
    },
  });
  const get = (path, cookie) => fetch(crooked.origin + path, { redirect: 'manual', headers: cookie ? { cookie } : {} });

  async function comeBack(make, { state: other, cookie: without } = {}) {
    const go = await get('/login/provider');
    assert.equal(go.status, 303);
    const sent = new URL(go.headers.get('location'));
    assert.equal(sent.origin + sent.pathname, `${issuer}/authorize`);
    const query = Object.fromEntries(sent.searchParams);
    assert.equal(query.response_type, 'code');
    assert.equal(query.code_challenge_method, 'S256');
    assert.ok(query.state.length > 20 && query.nonce.length > 20);
    const [set] = go.headers.getSetCookie();
    assert.match(set, /HttpOnly/);
    const now = Math.floor(Date.now() / 1000);
    const good = { iss: issuer, aud: 'interlude', sub: 'somebody', nonce: query.nonce, iat: now, exp: now + 300 };
    answer = () => make(good);
    asked = undefined;
    const back = await get(`/login/callback?code=c&state=${other ?? query.state}`, without ? undefined : set.split(';')[0]);
    if (asked) {
      assert.equal(createHash('sha256').update(asked.form.get('code_verifier')).digest('base64url'), query.code_challenge);
      assert.ok(asked.authorization?.startsWith('Basic ') || asked.form.get('client_secret') === secret);
    }
    return { to: back.headers.get('location'), cookies: back.headers.getSetCookie().join('\n') };
  }

  const crookedAnswers = {
    'another audience': (good) => ({ id_token: token({ ...good, aud: 'somebody-else' }) }),
    'another audience besides': (good) => ({ id_token: token({ ...good, aud: ['interlude', 'somebody-else'] }) }),
    'another issuer': (good) => ({ id_token: token({ ...good, iss: 'https://elsewhere.example' }) }),
    'too old': (good) => ({ id_token: token({ ...good, exp: good.iat - 3600, iat: good.iat - 7200 }) }),
    'another nonce': (good) => ({ id_token: token({ ...good, nonce: 'another' }) }),
    'no nonce': ({ nonce: _, ...good }) => ({ id_token: token(good) }),
    'another key': (good) => ({ id_token: token(good, { key: others.privateKey }) }),
    'no signature': (good) => ({ id_token: token(good, { alg: 'none' }) }),
    'another access token': (good) => ({ id_token: token({ ...good, at_hash: 'AAAAAAAAAAAAAAAAAAAAAA' }) }),
    'no ID token': () => ({}),
    'nonsense': () => ({ id_token: 'nonsense' }),
  };
  for (const [what, make] of Object.entries(crookedAnswers)) {
    const { to, cookies } = await comeBack(make);
    assert.equal(to, '/login?refused=failed', what);
    assert.doesNotMatch(cookies, /^interlude=/m, what);
  }
  const fine = (good) => ({ id_token: token(good) });
  assert.equal((await comeBack(fine, { state: 'another' })).to, '/login?refused=failed', 'another state');
  assert.equal((await comeBack(fine, { state: '' })).to, '/login?refused=failed', 'no state');
  assert.equal((await comeBack(fine, { cookie: 'none' })).to, '/login?refused=failed', 'another browser');
  const { to, cookies } = await comeBack(fine);
  assert.equal(to, '/admin/', 'a good answer does let somebody in');
  assert.match(cookies, /^interlude=/m);
  assert.match(await crooked.run(['user', 'list']), /^somebody\tadministrator/m);
});
