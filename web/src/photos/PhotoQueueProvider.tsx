import { type ReactElement, type ReactNode, createContext, useContext, useEffect, useState, useSyncExternalStore } from 'react';
import { get } from '../api/client';
import type { Chat } from '../api/messages';
import { useRoom } from '../visit/VisitRoom';
import { PhotoQueue, type QueueView } from './queue';

const QueueContext = createContext<PhotoQueue | null>(null);

/** Keeps the visit's photos and messages going while any of its pages is open. Inside a VisitRoom. */
export function PhotoQueueProvider({ children }: { children: ReactNode }): ReactElement {
  const { visitId, as, setChat } = useRoom();
  const [queue] = useState(
    () =>
      new PhotoQueue(visitId, as, undefined, (messages) => {
        if (messages) return setChat(messages);
        // The socket tells of it as well, unless it is what the line has lost.
        const path = `/visits/${encodeURIComponent(visitId)}/chat`;
        get<{ messages: Chat[] }>(path, { as }).then((answer) => setChat(answer.messages), () => undefined);
      }),
  );
  useEffect(() => queue.start(), [queue]);
  return <QueueContext.Provider value={queue}>{children}</QueueContext.Provider>;
}

export function usePhotoQueue(): { queue: PhotoQueue; view: QueueView } {
  const queue = useContext(QueueContext);
  if (!queue) throw new Error('usePhotoQueue outside of PhotoQueueProvider');
  return { queue, view: useSyncExternalStore(queue.subscribe, () => queue.view) };
}
