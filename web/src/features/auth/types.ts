/** What the screens need to know of the server before anybody is logged in: GET /api/server. */
export interface ServerFacts {
  name: string;
  setup_needed: boolean;
  registration: 'open' | 'closed';
  guests: boolean;
  password_policy: 'basic' | 'strong';
  password_min: number;
  people: number;
  online: number;
}

/** The last part of the printed set-up link. */
export type SetupToken = string;
