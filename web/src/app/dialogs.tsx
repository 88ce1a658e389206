/** What opens over the page by a command: making and finding rooms, finding people, jumping, the keys, leaving. */
import { useTranslations } from 'use-intl';
import { useLocation } from 'wouter';
import { BrowseRooms, CreateRoom, StartDirect } from '../features/rooms/dialogs';
import { openDirect } from '../net';
import { Help } from './help';
import { Jump } from './jump';
import { LeaveDialog } from './leave';
import type { Overlay } from './shell';

export default function Dialogs({
  overlay,
  onOverlay,
  onClose,
  onLogOut,
}: {
  overlay: Overlay | undefined;
  onOverlay(overlay: Overlay): void;
  onClose(): void;
  onLogOut(): Promise<void>;
}) {
  const t = useTranslations('app');
  const [, navigate] = useLocation();
  const open = (id: number) => navigate(`/r/${id}`);
  return (
    <>
      <CreateRoom open={overlay === 'create'} onClose={onClose} onCreated={open} />
      <BrowseRooms open={overlay === 'browse'} onClose={onClose} onOpen={open} onCreate={() => onOverlay('create')} />
      <StartDirect
        open={overlay === 'direct'}
        onClose={onClose}
        title={t('startDirect')}
        onChoose={async (user) => open((await openDirect(user.id)).id)}
      />
      <Jump open={overlay === 'jump'} onClose={onClose} onOverlay={onOverlay} />
      <LeaveDialog open={overlay === 'leave'} onClose={onClose} onLeave={onLogOut} />
      <Help open={overlay === 'help'} onClose={onClose} />
    </>
  );
}
