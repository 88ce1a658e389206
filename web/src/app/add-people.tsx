/** Seating more people in a room. */
import { useTranslations } from 'use-intl';
import { AddPeople } from '../features/rooms/dialogs';

export default function AddPeopleTo({
  title,
  ...props
}: {
  roomId: number;
  title: string;
  open: boolean;
  onClose(): void;
}) {
  const t = useTranslations('members');
  return <AddPeople {...props} title={t('addTo', { room: title })} />;
}
