/** Why this page has no microphone or camera, told apart by what one can do about it. */

export type DeviceFault =
  /** Browsers give them to pages over https, and to localhost, alone. */
  | 'insecure'
  /** This browser does not know how to record. */
  | 'unsupported'
  /** The person, the browser or the system said no. */
  | 'denied'
  /** There is none. */
  | 'absent'
  /** Another program has it. */
  | 'busy'
  /** It stopped, or something that nobody has a name for. */
  | 'failed';

export interface DeviceFacts {
  readonly secure: boolean;
  readonly asks: boolean;
  readonly records: boolean;
}

/** What can be known without asking. */
export function missingOf({ secure, asks, records }: DeviceFacts): DeviceFault | undefined {
  // A page that is not secure is not even told how to ask.
  if (!secure) return 'insecure';
  return asks && records ? undefined : 'unsupported';
}

const FAULTS: Readonly<Record<string, DeviceFault>> = {
  NotAllowedError: 'denied',
  SecurityError: 'denied',
  NotFoundError: 'absent',
  OverconstrainedError: 'absent',
  NotReadableError: 'busy',
  AbortError: 'busy',
  NotSupportedError: 'unsupported',
};

/** What the browser answered, by the name of its error. */
export function faultOf(cause: unknown): DeviceFault {
  const name = typeof cause === 'object' && cause !== null && 'name' in cause ? cause.name : undefined;
  return (typeof name === 'string' && FAULTS[name]) || 'failed';
}
