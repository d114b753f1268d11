import { useEffect, useMemo, useState, useSyncExternalStore } from 'react';
import type { MediaState, Participant, Rung, Silence } from '../api/messages';
import { useRoom } from '../visit/VisitRoom';
import { CallController, type CallView } from './controller';
import { type NetworkWord, networkWord } from './networkWords';
import type { RemoteTrack } from './peer';

/** One of the others, with what arrives from them. */
export interface Person extends Pick<Participant, 'id' | 'name' | 'role' | 'organization' | 'present'> {
  microphone: MediaState | null;
  camera: MediaState | null;
  /** By the clinician's word nobody hears them. */
  silenced: Silence | null;
  /** The language that they hear, where it is not the original. */
  hears: string | null;
  /** Somebody interprets for whoever looks, so that this voice is in the background. */
  background: boolean;
  /** There is sound alone: because of this end of the line, or of theirs. */
  without: 'here' | 'there' | null;
  sound: MediaStream | null;
  picture: MediaStream | null;
  screen: MediaStream | null;
  /** What of it is not sent at present, to keep the sound. */
  paused: readonly RemoteTrack['source'][];
}

export interface Call {
  view: CallView;
  controller: CallController;
  people: Person[];
  network: NetworkWord;
}

/** The call of the room that this is in; it lasts as long as the component and `active` do. */
export function useCall(active: boolean): Call {
  const { visitId, as, send, subscribe, doubt, iceServers, greetings, visit, you } = useRoom();
  const [controller, setController] = useState(() => new CallController({ visitId, as, send, subscribe, doubt, iceServers }));
  // Not before the socket has been greeted: a greeting that finds a call joined means that the socket was lost.
  const ready = greetings > 0;
  useEffect(() => {
    if (!active || !ready) return;
    const fresh = new CallController({ visitId, as, send, subscribe, doubt, iceServers });
    setController(fresh);
    void fresh.start();
    return () => fresh.close();
  }, [active, ready, visitId, as, send, subscribe, doubt, iceServers]);
  const view = useSyncExternalStore(controller.subscribe, () => controller.view);
  const { tracks, rung } = view;
  const people = useMemo(() => peopleOf(visit.participants, you, tracks, rung), [visit.participants, you, tracks, rung]);
  return { view, controller, people, network: networkWord(view.call.state, view.stats, rung, 'code' in view.call ? view.call.code : undefined) };
}

const STREAMS = new WeakMap<MediaStreamTrack, MediaStream>();

/** The same track is always the same stream, so that elements keep playing across renders. */
function streamOf(track: MediaStreamTrack | undefined): MediaStream | null {
  if (!track) return null;
  const held = STREAMS.get(track) ?? new MediaStream([track]);
  STREAMS.set(track, held);
  return held;
}

export function peopleOf(participants: readonly Participant[], you: string | null, tracks: readonly RemoteTrack[], rung: Rung): Person[] {
  const hears = participants.find((one) => one.id === you)?.hears ?? null;
  const interpreted = hears !== null && participants.some((one) => one.present && one.speaks === hears && !one.silenced);
  return participants
    .filter((one) => one.id !== you && (one.present || tracks.some((track) => track.participant === one.id)))
    .map((one) => {
      const track = (source: RemoteTrack['source']): MediaStreamTrack | undefined =>
        tracks.find((each) => each.participant === one.id && each.source === source)?.track;
      return {
        id: one.id,
        name: one.name,
        role: one.role,
        organization: one.organization,
        present: one.present,
        microphone: one.microphone || null,
        camera: one.camera || null,
        silenced: one.silenced ?? null,
        hears: one.hears ?? null,
        background: interpreted && one.role !== 'interpreter',
        without: rung === 'sound' ? 'here' : one.media === 'sound' ? 'there' : null,
        sound: streamOf(track('microphone')),
        picture: streamOf(track('camera')),
        screen: streamOf(track('screen')),
        paused: tracks.filter((each) => each.participant === one.id && each.paused).map((each) => each.source),
      };
    });
}
