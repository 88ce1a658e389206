/** People and rooms to show components with. */
export const PEOPLE = [
  { id: 3, name: 'Maya Lindqvist' },
  { id: 11, name: '李明', src: '/avatars/whale.svg' },
  { id: 8, name: 'Tomás Rivera' },
  { id: 21, name: 'Noor Haddad' },
  { id: 5, name: '王小雨', src: '/avatars/cat.svg' },
  { id: 14, name: 'Kenji Mori' },
] as const;

export const ROOMS = [
  { id: 1, name: 'general' },
  { id: 2, name: 'design', src: '/avatars/owl.svg' },
  { id: 9, name: '产品讨论' },
  { id: 4, name: 'release' },
] as const;

export const AVATAR_SIZES = [16, 20, 24, 28, 32, 38, 48, 64, 96] as const;
export const TILE_SIZES = [22, 28, 36, 56, 96] as const;
export const PRESENCES = ['online', 'away', 'offline'] as const;
