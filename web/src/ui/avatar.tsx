import { type CSSProperties, useState } from 'react';
import './avatar.css';
import { useTranslations } from 'use-intl';
import { classes } from './classes';
import { hueOf, initialsOf, roomLetterOf } from './tint';

export type PresenceState = 'online' | 'away' | 'offline';

/** The style that tints an element of class `ui-tinted` by an id; its CSS then uses `--tint`, `--tint-ink`, `--thread`. */
export function tint(id: number | string): CSSProperties {
  return { '--hue': hueOf(id) } as CSSProperties;
}

export interface AvatarProps {
  id: number | string;
  name: string;
  size?: 16 | 20 | 24 | 28 | 32 | 38 | 48 | 64 | 96;
  /** Draws the dot; leave out where presence is not known or not wanted. */
  presence?: PresenceState | undefined;
  src?: string | null | undefined;
  className?: string;
}

/** Letters, and over them the picture once it is there; where it does not come, the letters go on standing for whom they stand for. */
function Face({ letters, src }: { letters: string; src: string | null | undefined }) {
  const [failed, setFailed] = useState<string>();
  return (
    <>
      <span className="ui-letters" data-letters={letters} />
      {src && src !== failed && (
        <img
          key={src}
          src={src}
          alt=""
          decoding="async"
          draggable={false}
          // Not by drawing anew: of these there are many.
          onLoad={({ currentTarget }) => currentTarget.setAttribute('data-there', '')}
          onError={() => setFailed(src)}
        />
      )}
    </>
  );
}

/** A person: a squircle with initials, or a picture. Decoration beside a name; the dot is told in words. */
export function Avatar({ id, name, size = 38, presence, src, className }: AvatarProps) {
  return (
    <span className={classes('ui-avatar ui-tinted', className)} data-size={size} style={tint(id)}>
      <Face letters={initialsOf(name)} src={src} />
      {presence && <PresenceDot presence={presence} />}
    </span>
  );
}

/** Online: full; away: a half moon; offline: a ring. Shape tells it as well as colour. */
export function PresenceDot({ presence }: { presence: PresenceState }) {
  const t = useTranslations('ui');
  return <span className="ui-presence" data-presence={presence} role="img" aria-label={t(`presence.${presence}`)} />;
}

/** A few people, overlapping; the rest as a number. */
export function AvatarStack({
  people,
  total = people.length,
  max = 4,
  size = 24,
}: {
  people: readonly { id: number | string; name: string; src?: string | null | undefined }[];
  total?: number;
  max?: number;
  size?: 20 | 24 | 28 | 32;
}) {
  const shown = people.slice(0, max);
  const rest = total - shown.length;
  return (
    <span className="ui-stack" aria-hidden="true">
      {shown.map((person) => (
        <Avatar key={person.id} {...person} size={size} />
      ))}
      {rest > 0 && (
        <span className="ui-stack-rest" data-size={size}>
          +{rest}
        </span>
      )}
    </span>
  );
}

/** A room: a rounded square in its own hue, or its picture. */
export function RoomTile({
  id,
  name,
  size = 22,
  src,
  className,
}: {
  id: number | string;
  name: string;
  size?: 22 | 28 | 36 | 56 | 96;
  src?: string | null | undefined;
  className?: string;
}) {
  return (
    <span className={classes('ui-tile ui-tinted', className)} data-size={size} style={tint(id)} aria-hidden="true">
      <Face letters={roomLetterOf(name)} src={src} />
    </span>
  );
}
