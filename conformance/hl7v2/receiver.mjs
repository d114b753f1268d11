// node-hl7-server as the system of a hospital: says its port, then each message that came, a line of JSON each. A message
// whose text holds REFUSE is answered with AE.
import { Server } from 'node-hl7-server';

const port = Number(process.argv[2]);
const inbound = new Server({ bindAddress: '127.0.0.1' }).createInbound({ port }, async (request, response) => {
  const text = request.getMessage().toString();
  console.log(JSON.stringify({ text }));
  await response.sendResponse(text.includes('REFUSE') ? 'AE' : 'AA');
});
inbound.on('listen', () => console.log(JSON.stringify({ port })));
