/** The plain text lobby: a name first, then lines, both ways as `name:content`. No account, no state beyond this connection. */

export interface LobbyListener {
  line(line: string): void;
  /** The line is gone; 1008 means that the name was refused and `line` has just told why. */
  ended(code: number): void;
}

export interface Lobby {
  say(text: string): void;
  close(): void;
}

/** Goes into the lobby by a name. */
export function enterLobby(name: string, listener: LobbyListener): Lobby {
  const address = new URL('/ws/lobby', location.href);
  address.protocol = address.protocol === 'https:' ? 'wss:' : 'ws:';
  const socket = new WebSocket(address);
  socket.onopen = () => socket.send(name);
  socket.onmessage = (event) => listener.line(String(event.data));
  socket.onclose = (event) => listener.ended(event.code);
  return {
    say: (text) => socket.send(text),
    close: () => {
      socket.onclose = null;
      socket.close();
    },
  };
}
