import { Crown, MessageCircle, UserPlus } from 'lucide-react';
import { useTranslations } from 'use-intl';
import {
  Avatar,
  AvatarStack,
  Badge,
  Banner,
  BrandMark,
  Button,
  EmptyState,
  ErrorState,
  Kbd,
  Pill,
  PresenceDot,
  Progress,
  RoomTile,
  Skeleton,
  SkeletonRows,
  Spinner,
} from '../../ui';
import { AVATAR_SIZES, PEOPLE, PRESENCES, ROOMS, TILE_SIZES } from './samples';
import { Specimen } from './specimen';

/** Who and where: avatars, tiles, badges. */
export function Faces() {
  const t = useTranslations('kit');
  return (
    <>
      <Specimen name="BrandMark">
        <div className="kit-row">
          {[16, 24, 32, 48, 72].map((size) => (
            <BrandMark key={size} size={size} />
          ))}
        </div>
      </Specimen>
      <Specimen name="Avatar, AvatarStack, PresenceDot">
        <div className="kit-row">
          {AVATAR_SIZES.map((size, at) => (
            <Avatar
              key={size}
              {...(PEOPLE[at % PEOPLE.length] ?? PEOPLE[0])}
              size={size}
              presence={PRESENCES[at % 3]}
            />
          ))}
        </div>
        <div className="kit-row">
          <AvatarStack people={PEOPLE} total={23} />
          <AvatarStack people={PEOPLE.slice(0, 3)} size={32} />
          {PRESENCES.map((presence) => (
            <PresenceDot key={presence} presence={presence} />
          ))}
        </div>
        <div className="kit-row">
          {[...'ABCDEFGHIJKLMNOP'].map((letter, at) => (
            <Avatar key={letter} id={at + 1} name={letter} size={32} />
          ))}
        </div>
      </Specimen>
      <Specimen name="RoomTile">
        <div className="kit-row">
          {TILE_SIZES.map((size, at) => (
            <RoomTile key={size} {...(ROOMS[at] ?? ROOMS[0])} size={size} />
          ))}
        </div>
      </Specimen>
      <Specimen name="Badge, Pill, Kbd">
        <div className="kit-row">
          <Badge count={3} tone="mention" label={t('mentions', { count: 3 })} />
          <Badge count={128} tone="mention" label={t('mentions', { count: 128 })} />
          <Badge count={7} />
          <Pill>{t('roles.member')}</Pill>
          <Pill tone="accent" icon={<Crown aria-hidden="true" />}>
            {t('roles.owner')}
          </Pill>
          <Pill tone="ember">@maya</Pill>
          <Pill tone="ok">200</Pill>
          <Pill tone="danger">404</Pill>
          <Kbd keys="Ctrl+K" />
          <Kbd keys="Alt+Shift+ArrowDown" />
        </div>
      </Specimen>
    </>
  );
}

/** Waiting, nothing, failing. */
export function States() {
  const t = useTranslations('kit');
  return (
    <>
      <Specimen name="Banner">
        <div className="kit-stack">
          <Banner>{t('banner')}</Banner>
          <Banner tone="ok">{t('banner')}</Banner>
          <Banner tone="warning" action={<Button size="small">{t('save')}</Button>}>
            {t('banner')}
          </Banner>
          <Banner tone="error">{t('error')}</Banner>
          <Banner slim>{t('banner')}</Banner>
        </div>
      </Specimen>
      <Specimen name="Skeleton, Spinner, Progress">
        <div className="kit-grid">
          <Skeleton lines={3} after={0} />
          <SkeletonRows rows={2} after={0}>
            {t('loading')}
          </SkeletonRows>
          <div className="kit-row">
            <Spinner after={0} label={t('loading')} />
          </div>
          <div className="kit-stack">
            <Progress label={t('loading')} value={64} />
            <Progress label={t('loading')} />
          </div>
        </div>
      </Specimen>
      <Specimen name="EmptyState, ErrorState">
        <div className="kit-grid">
          <EmptyState
            icon={<MessageCircle aria-hidden="true" />}
            title={t('emptyTitle')}
            action={
              <Button variant="primary" icon={<UserPlus aria-hidden="true" />}>
                {t('save')}
              </Button>
            }
          >
            {t('emptyText')}
          </EmptyState>
          <ErrorState title={t('errorTitle')} onRetry={() => undefined}>
            {t('error')}
          </ErrorState>
        </div>
      </Specimen>
    </>
  );
}
