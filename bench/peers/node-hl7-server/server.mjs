// node-hl7-server that keeps every message: written to one file and synced before it is acknowledged.
import fs from 'node:fs';
import { Server } from 'node-hl7-server';

const [, , port, file] = process.argv;
const kept = fs.openSync(file, 'a');

new Server({ bindAddress: '127.0.0.1' }).createInbound({ port: Number(port) }, async (request, response) => {
  fs.writeSync(kept, `${request.getMessage().toString()}\n`);
  fs.fsyncSync(kept);
  await response.sendResponse('AA');
});
