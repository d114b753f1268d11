import { expect } from '@playwright/test';
import { expectSeesAndHears, received } from '../harness/media.ts';
import { test } from '../harness/people.ts';
import { demo } from '../harness/ready.ts';

// Without this nothing that a call test says can be believed.
test('the made-up camera and microphone are seen and heard over loopback', async ({ people }) => {
  const { page } = await people.atDesk('tester');
  await page.goto(`${demo().http}/healthz`);
  await page.evaluate(async () => {
    const stream = await navigator.mediaDevices.getUserMedia({ audio: true, video: true });
    const [here, there] = [new RTCPeerConnection(), new RTCPeerConnection()];
    here.onicecandidate = ({ candidate }) => void (candidate && there.addIceCandidate(candidate));
    there.onicecandidate = ({ candidate }) => void (candidate && here.addIceCandidate(candidate));
    there.ontrack = ({ streams }) => {
      const video = document.body.appendChild(document.createElement('video'));
      video.srcObject = streams[0] ?? null;
      void video.play();
    };
    stream.getTracks().forEach((track) => here.addTrack(track, stream));
    await here.setLocalDescription();
    await there.setRemoteDescription(here.localDescription!);
    await there.setLocalDescription();
    await here.setRemoteDescription(there.localDescription!);
  });
  await expectSeesAndHears(page);
  expect((await received(page)).bytes).toBeGreaterThan(0);
});
