/**
 * Plays the media server inside the page while the mock API is in use: takes `call.*` frames off the visit's socket
 * and answers them with a second peer connection that shows a drawn clinician.
 */
import type { CallMessageFromClient, FromServer } from '../src/api/messages.ts';

const sendToServer = WebSocket.prototype.send;
const calls = new WeakMap<WebSocket, RTCPeerConnection>();

WebSocket.prototype.send = function send(data) {
  const message = typeof data === 'string' && data.includes('"t":"call.') ? (JSON.parse(data) as CallMessageFromClient) : null;
  if (message) void hear(this, message);
  if (!message || message.t === 'call.leave') sendToServer.call(this, data);
};

async function hear(socket: WebSocket, message: CallMessageFromClient): Promise<void> {
  if (message.t === 'call.leave') return calls.get(socket)?.close();
  if (message.t === 'call.view') return;
  let peer = calls.get(socket);
  if (message.t === 'call.answer') return peer?.setRemoteDescription({ type: 'answer', sdp: message.sdp });
  const joining = !peer || message.t === 'call.join';
  if (!peer || joining) {
    peer?.close();
    peer = new RTCPeerConnection();
    calls.set(socket, peer);
  }
  await peer.setRemoteDescription({ type: 'offer', sdp: message.sdp });
  await peer.setLocalDescription();
  await gathered(peer);
  deliver(socket, { t: 'call.answer', sdp: peer.localDescription?.sdp ?? '' });
  deliver(socket, { t: 'call.state', state: 'connected' });
  if (joining) await offer(socket, peer);
}

/** As the server does: what the others send comes in an offer of its own, and the tracks are named beside it. */
async function offer(socket: WebSocket, peer: RTCPeerConnection): Promise<void> {
  if (new URLSearchParams(location.search).has('alone')) return;
  peer.addTransceiver(silence(), { direction: 'sendonly' });
  peer.addTransceiver(drawnClinician(), { direction: 'sendonly' });
  await peer.setLocalDescription();
  await gathered(peer);
  deliver(socket, { t: 'call.offer', sdp: peer.localDescription?.sdp ?? '' });
  deliver(socket, { t: 'call.tracks', tracks: tracksOf(peer) });
}

function tracksOf(peer: RTCPeerConnection): Extract<FromServer, { t: 'call.tracks' }>['tracks'] {
  const visit = /\/(?:v|visits)\/([^/]+)/.exec(location.pathname)?.[1] ?? '';
  const participant = `${visit}-${location.pathname.startsWith('/v/') ? 'c' : 'p'}`;
  return peer.getTransceivers().flatMap((transceiver) => {
    const kind = transceiver.sender.track?.kind;
    if (!transceiver.mid || (kind !== 'audio' && kind !== 'video')) return [];
    return [{ mid: transceiver.mid, participant, kind, source: kind === 'audio' ? ('microphone' as const) : ('camera' as const) }];
  });
}

function deliver(socket: WebSocket, message: FromServer): void {
  socket.dispatchEvent(new MessageEvent('message', { data: JSON.stringify(message) }));
}

function gathered(peer: RTCPeerConnection): Promise<void> {
  return new Promise((done) => {
    const look = (): void => {
      if (peer.iceGatheringState === 'complete') done();
    };
    peer.addEventListener('icegatheringstatechange', look);
    look();
    setTimeout(done, 1000);
  });
}

function silence(): MediaStreamTrack {
  const context = new AudioContext();
  return context.createMediaStreamDestination().stream.getAudioTracks()[0] as MediaStreamTrack;
}

function drawnClinician(): MediaStreamTrack {
  const canvas = document.createElement('canvas');
  canvas.width = 960;
  canvas.height = 720;
  const pen = canvas.getContext('2d');
  const draw = (): void => {
    if (pen) paint(pen, performance.now() / 1000);
  };
  setInterval(draw, 66);
  draw();
  return canvas.captureStream(15).getVideoTracks()[0] as MediaStreamTrack;
}

function paint(pen: CanvasRenderingContext2D, seconds: number): void {
  const sway = Math.sin(seconds) * 8;
  const wall = pen.createLinearGradient(0, 0, 960, 720);
  wall.addColorStop(0, '#c9d8d4');
  wall.addColorStop(1, '#8fa9a3');
  pen.fillStyle = wall;
  pen.fillRect(0, 0, 960, 720);
  pen.fillStyle = '#f3f6f5';
  pen.beginPath();
  pen.ellipse(480 + sway / 2, 740, 300, 280, 0, Math.PI, 0);
  pen.fill();
  pen.fillStyle = '#e3b894';
  pen.fillRect(440 + sway, 400, 80, 110);
  pen.beginPath();
  pen.ellipse(480 + sway, 310, 115, 145, 0, 0, Math.PI * 2);
  pen.fill();
  pen.fillStyle = '#2a2320';
  pen.beginPath();
  pen.ellipse(480 + sway, 235, 125, 95, 0, Math.PI, 0);
  pen.fill();
  pen.beginPath();
  pen.arc(438 + sway, 310, 9, 0, Math.PI * 2);
  pen.arc(522 + sway, 310, 9, 0, Math.PI * 2);
  pen.fill();
  pen.lineWidth = 7;
  pen.strokeStyle = '#8d4b3f';
  pen.beginPath();
  pen.arc(480 + sway, 360, 34, 0.25 * Math.PI, 0.75 * Math.PI);
  pen.stroke();
  pen.lineWidth = 12;
  pen.strokeStyle = '#0b6b62';
  pen.beginPath();
  pen.arc(480 + sway / 2, 500, 92, 0.1 * Math.PI, 0.9 * Math.PI);
  pen.stroke();
}
