// Senders for Node that others wrote.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { Client, Message } from 'node-hl7-client';
import simple from 'simple-hl7';

const [host, port] = process.env.BIANQUE_MLLP.split(':');
const number = () => randomUUID().slice(0, 12);

async function found(kind, conditions) {
  const address = `${process.env.BIANQUE_FHIR}/${kind}?${new URLSearchParams(conditions)}`;
  const answer = await fetch(address, { headers: { authorization: `Bearer ${process.env.BIANQUE_TOKEN}` } });
  assert.equal(answer.status, 200);
  return ((await answer.json()).entry ?? []).map(({ resource }) => resource);
}

test('node-hl7-client sends and reads the answers', async () => {
  const client = new Client({ host });
  const answers = [];
  const line = client.createConnection({ port: Number(port) }, (answer) => {
    answers.push(answer.getMessage());
  });
  const numbers = [number(), number(), number()];
  for (const [place, one] of numbers.entries()) {
    const message = new Message({ messageHeader: { msh_9_1: 'ADT', msh_9_2: 'A28', msh_10: one, msh_11_1: 'P' } });
    message.set('MSH.3', 'TRY');
    const pid = message.addSegment('PID');
    pid.set('3.1', one);
    pid.set('3.4', 'TRY-MRN');
    pid.set('5.1', 'Reyes');
    await line.sendMessage(message);
    // One at a time: this client does not come back from two answers that it reads at once.
    for (let wait = 0; wait < 200 && answers.length === place; wait++) await new Promise((done) => setTimeout(done, 25));
  }
  const said = answers.map((answer) => [answer.get('MSA.1').toString(), answer.get('MSA.2').toString()]);
  assert.deepEqual(said, numbers.map((one) => ['AA', one]));
  for (const one of numbers) {
    assert.equal((await found('Patient', { identifier: `urn:hl7v2:TRY-MRN|${one}` })).length, 1);
  }
  client.closeAll();
});

test('simple-hl7 sends and reads the answer', async () => {
  const client = simple.Server.createTcpClient(host, Number(port));
  const one = number();
  const message = new simple.Message('TRY', 'OUT', 'BIANQUE', '', '20260105160000', '', ['ADT', 'A28'], one, 'P', '2.5');
  message.addSegment('PID', '1', '', [one, '', '', 'TRY-MRN'], '', ['Reyes', 'Ana']);
  const answer = await new Promise((done, fail) => {
    client.send(message, (error, ack) => (error ? fail(error) : done(ack)));
  });
  assert.equal(answer.getSegment('MSA').getField(1), 'AA');
  assert.equal(answer.getSegment('MSA').getField(2), one);
  assert.equal((await found('Patient', { identifier: `urn:hl7v2:TRY-MRN|${one}` }))[0].name[0].family, 'Reyes');
  client.close();
});
