// Microsoft's own test client drives `lowdb --dap`: node scenario.js PYTHON ADAPTER PROGRAM; prints "all done" at the end.
'use strict';
const assert = require('assert');
const { DebugClient } = require('@vscode/debugadapter-testsupport');

const [, , python, adapter, program] = process.argv;
const lines = require('fs').readFileSync(program, 'utf8').split('\n');
const at = (name) => lines.findIndex((line) => line.includes('# @' + name)) + 1;

async function session(name, act) {
  const client = new DebugClient(python, adapter, 'lowdb', undefined, true);
  client.defaultTimeout = 20000;
  await client.start();
  try {
    await act(client);
    console.log('ok   ' + name);
  } finally {
    await client.stop();
  }
}

async function top(client, threadId) {
  return (await client.stackTraceRequest({ threadId, startFrame: 0, levels: 20 })).body.stackFrames[0];
}

async function locals(client, frame) {
  const scopes = (await client.scopesRequest({ frameId: frame.id })).body.scopes;
  const rows = await client.variablesRequest({ variablesReference: scopes[0].variablesReference });
  return Object.fromEntries(rows.body.variables.map((row) => [row.name, row.value]));
}

async function run() {
  await session('a program runs to its end', async (client) => {
    await Promise.all([
      client.configurationSequence(),
      client.launch({ program }),
      client.assertOutput('stdout', 'total 6\n'),
      client.waitForEvent('exited').then((event) => assert.strictEqual(event.body.exitCode, 3)),
      client.waitForEvent('terminated'),
    ]);
  });

  await session('it stops on entry', async (client) => {
    await Promise.all([
      client.configurationSequence(),
      client.launch({ program, stopOnEntry: true }),
      client.assertStoppedLocation('entry', { path: program, line: 1 }),
    ]);
  });

  await session('breakpoints, values, steps, evaluation, the end', async (client) => {
    await client.hitBreakpoint({ program }, { path: program, line: at('add') });
    const [{ id: threadId }] = (await client.threadsRequest()).body.threads;
    let frame = await top(client, threadId);
    assert.deepStrictEqual(await locals(client, frame), { item: '1', total: '0' });
    const value = await client.evaluateRequest({ expression: 'item + 41', frameId: frame.id, context: 'hover' });
    assert.strictEqual(value.body.result, '42');
    const scopes = (await client.scopesRequest({ frameId: frame.id })).body.scopes;
    const set = { variablesReference: scopes[0].variablesReference, name: 'item', value: '10' };
    assert.strictEqual((await client.setVariableRequest(set)).body.value, '10');
    await Promise.all([
      client.nextRequest({ threadId }),
      client.assertStoppedLocation('step', { path: program, line: at('give') }),
    ]);
    frame = await top(client, threadId);
    assert.strictEqual((await locals(client, frame)).result, '10');
    await Promise.all([
      client.stepOutRequest({ threadId }),
      client.assertStoppedLocation('step', { path: program }),
    ]);
    await client.setBreakpointsRequest({ source: { path: program }, breakpoints: [] });
    await Promise.all([
      client.continueRequest({ threadId }),
      client.assertOutput('stdout', 'total 15\n'),
      client.waitForEvent('terminated'),
    ]);
  });

  await session('conditions, hit conditions, log points', async (client) => {
    const breakpoints = [
      { line: at('add'), condition: 'item == 3' },
      { line: at('give'), logMessage: 'result is {result}' },
    ];
    await Promise.all([
      client.waitForEvent('initialized').then(async () => {
        const answer = await client.setBreakpointsRequest({ source: { path: program }, breakpoints });
        assert.deepStrictEqual(answer.body.breakpoints.map((point) => point.verified), [true, true]);
        return client.configurationDoneRequest();
      }),
      client.launch({ program }),
      client.assertOutput('console', 'result is 1\nresult is 3\n'),
      client.assertStoppedLocation('breakpoint', { path: program, line: at('add') }),
    ]);
  });

  await session('exceptions', async (client) => {
    const [stopped] = await Promise.all([
      client.waitForEvent('stopped'),
      client.waitForEvent('initialized').then(async () => {
        await client.setExceptionBreakpointsRequest({ filters: ['uncaught'] });
        return client.configurationDoneRequest();
      }),
      client.launch({ program, args: ['fail'] }),
    ]);
    assert.strictEqual(stopped.body.reason, 'exception');
    const { threadId } = stopped.body;
    assert.strictEqual((await top(client, threadId)).line, at('fail'));
    const info = await client.exceptionInfoRequest({ threadId });
    assert.match(info.body.exceptionId, /ValueError/);
  });

  await session('pause and restart', async (client) => {
    await Promise.all([
      client.configurationSequence(),
      client.launch({ program, args: ['wait'] }),
      client.assertOutput('stdout', 'waiting\n'),
    ]);
    const [stopped] = await Promise.all([client.waitForEvent('stopped'), client.pauseRequest({ threadId: 1 })]);
    assert.strictEqual(stopped.body.reason, 'pause');
    await Promise.all([
      client.configurationSequence(),
      client.restartRequest({ arguments: { program } }),
      client.waitForEvent('exited').then((event) => assert.strictEqual(event.body.exitCode, 3)),
      client.waitForEvent('terminated'),
    ]);
  });

  await session('errors', async (client) => {
    await client.initializeRequest();
    await assert.rejects(client.launchRequest({ program: '/nowhere.py' }), /no file '\/nowhere.py'/);
    await assert.rejects(client.send('frobnicate'), /./);
  });
}

run().then(
  () => console.log('all done'),
  (error) => {
    console.log(error.stack);
    process.exit(1);
  },
);
