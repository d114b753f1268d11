import net from 'node:net';
import { demo } from './ready.ts';

const START = 0x0b;
const END = Buffer.from([0x1c, 0x0d]);
const ANSWER_WITHIN_MS = 15_000;

/** Sends a message of HL7 v2 in a frame of MLLP, as a system of a hospital does; the code of its acknowledgement, such as `AA`. */
export async function sendMessage(segments: readonly string[]): Promise<string> {
  const answer = await exchange(Buffer.concat([Buffer.from([START]), Buffer.from(`${segments.join('\r')}\r`), END]));
  const code = /\rMSA\|(\w\w)/.exec(answer)?.[1];
  if (!code) throw new Error(`no acknowledgement: ${answer}`);
  return code;
}

function exchange(frame: Buffer): Promise<string> {
  const [, host, port] = /^(.*):(\d+)$/.exec(demo().mllp ?? '') ?? [];
  if (!host) throw new Error('the demo takes no HL7 v2');
  return new Promise((resolve, reject) => {
    let came = Buffer.alloc(0);
    const line = net.connect(Number(port), host, () => line.write(frame));
    line.setTimeout(ANSWER_WITHIN_MS, () => line.destroy(new Error('no answer by MLLP')));
    line.once('error', reject);
    line.once('close', () => reject(new Error('the line was closed without an answer')));
    line.on('data', (bytes) => {
      came = Buffer.concat([came, bytes]);
      if (!came.subarray(-END.length).equals(END)) return;
      resolve(came.subarray(1, -END.length).toString('utf8'));
      line.end();
    });
  });
}

/** A message of a system that calls itself `from` (MSH-3 and MSH-4); its number is `control`. */
export function message(kind: string, control: string, from: string, ...segments: string[]): string[] {
  return [`MSH|^~\\&|${from}|BQ||20260105160000||${kind}|${control}|P|2.5.1`, ...segments];
}

/** Somebody whom the hospital WEST knows by the number 4711. */
const ANA = 'PID|1||4711^^^WEST^MR||Reyes^Ana||19700506|F';

/** Ana is made known. */
export function admitted(control: string, from: string, pid = ANA): string[] {
  return message('ADT^A28', control, from, 'EVN||20260105160000', pid);
}

/** A value of Ana's blood with a long note, and a value that is none. */
export function measured(control: string, from: string): string[] {
  return message(
    'ORU^R01',
    control,
    from,
    ANA,
    'OBR|1||F1^LAB|718-7^Hemoglobin^LN|||20260105150000',
    'OBX|1|NM|718-7^Hemoglobin^LN||11.1|g/dL|||||F',
    `NTE|1||${'Seen twice, and measured again. '.repeat(40)}`,
    'OBX|2|NM|6690-2^Leukocytes^LN||not a number|10*3/uL|||||F',
  );
}

/** An order without its ORC cannot be applied. */
export function halfOrdered(control: string, from: string): string[] {
  return message('ORM^O01', control, from, ANA);
}
