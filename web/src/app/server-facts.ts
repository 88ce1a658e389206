/** What the server says about itself to anybody: its name, whether it takes registrations, how many are here. */
import { useCallback, useEffect } from 'react';
import { create } from 'zustand';
import { http, type ServerFacts } from '../net';

interface Facts {
  readonly server: ServerFacts | undefined;
  readonly unreachable: boolean;
}

const useFacts = create<Facts>(() => ({ server: undefined, unreachable: false }));

/** Asks the server; undefined where it cannot be reached. */
export async function learnFacts(): Promise<ServerFacts | undefined> {
  try {
    const server = await http.server();
    useFacts.setState({ server, unreachable: false });
    return server;
  } catch {
    useFacts.setState({ unreachable: true });
    return undefined;
  }
}

export function useServerFacts(): Facts & { retry(): void } {
  const facts = useFacts();
  const retry = useCallback(() => void learnFacts(), []);
  useEffect(() => {
    void learnFacts();
  }, []);
  return { ...facts, retry };
}

/** What people call this server; the product's name until it is known. It asks nobody. */
export const useServerName = () => useFacts(({ server }) => server?.name ?? 'Chinwag');
