#!/usr/bin/env bash
# The documented calls of GoChat, as its users wrote them, against a fresh Chinwag: register, log in, make a room, talk in
# it over two sockets. Usage: gochat.sh [BASE_URL]; needs curl and Node 20 or newer. Ends with "ok" or says what differed.
set -euo pipefail

BASE=${1:-${CHINWAG_URL:-http://localhost:8080}}
here=$(cd "$(dirname "$0")" && pwd)

fail() { echo "gochat.sh: $*" >&2; exit 1; }
# field JSON PATH: a value of a JSON text, by the path of its keys.
field() { node -e 'let v = JSON.parse(process.argv[1]); for (const k of process.argv[2].split(".")) v = v?.[k]; process.stdout.write(String(v ?? ""))' "$1" "$2"; }
expect() { [ "$(field "$1" "$2")" = "$3" ] || fail "$2 is '$(field "$1" "$2")', not '$3', in: $1"; }

# Register two people.
first=$(curl -sS -X POST "$BASE/api/auth/register" \
  -H "Content-Type: application/json" \
  -d '{"username":"user1","email":"user1@example.com","password":"123456"}')
expect "$first" message success
expect "$first" data.user.username user1
second=$(curl -sS -X POST "$BASE/api/auth/register" \
  -H "Content-Type: application/json" \
  -d '{"username":"user2","email":"user2@example.com","password":"123456"}')
expect "$second" data.user.email user2@example.com

# Log in.
login=$(curl -sS -X POST "$BASE/api/auth/login" \
  -H "Content-Type: application/json" \
  -d '{"username":"user1","password":"123456"}')
expect "$login" code 200
TOKEN=$(field "$login" data.token)
TOKEN2=$(field "$second" data.token)

# Who am I.
me=$(curl -sS "$BASE/api/auth/userinfo" -H "Authorization: Bearer $TOKEN")
expect "$me" data.username user1

# Make a room.
room=$(curl -sS -X POST "$BASE/api/rooms" \
  -H "Content-Type: application/json" \
  -H "Authorization: Bearer $TOKEN" \
  -d '{"name":"技术讨论","description":"讨论技术问题","is_private":false}')
expect "$room" data.name 技术讨论
ROOM=$(field "$room" data.id)

# My rooms, search, details, join.
rooms=$(curl -sS "$BASE/api/rooms" -H "Authorization: Bearer $TOKEN")
expect "$rooms" data.0.name 技术讨论
found=$(curl -sS -G "$BASE/api/rooms/search" --data-urlencode "name=技术" -H "Authorization: Bearer $TOKEN2")
expect "$found" data.0.id "$ROOM"
details=$(curl -sS "$BASE/api/rooms/$ROOM" -H "Authorization: Bearer $TOKEN2")
expect "$details" data.description 讨论技术问题
joined=$(curl -sS -X POST "$BASE/api/rooms/$ROOM/join" -H "Authorization: Bearer $TOKEN2")
expect "$joined" data.my_role member
members=$(curl -sS "$BASE/api/rooms/$ROOM/members" -H "Authorization: Bearer $TOKEN")
expect "$members" data.0.role owner
expect "$members" data.1.user.username user2

# Talk over two sockets: join, text, typing, leave, and the history afterwards.
node --experimental-websocket --no-warnings "$here/two-clients.mjs" "$BASE" "$ROOM" "$TOKEN" "$TOKEN2"
history=$(curl -sS "$BASE/api/rooms/$ROOM/messages?limit=50&offset=0" -H "Authorization: Bearer $TOKEN")
case "$history" in *'"你好，世界"'*) ;; *) fail "the history lacks what was said: $history" ;; esac

# A broadcast by the room's owner goes out in the room's own voice.
told=$(curl -sS -X POST "$BASE/api/ws/broadcast/$ROOM" \
  -H "Content-Type: application/json" \
  -H "Authorization: Bearer $TOKEN" \
  -d '{"content":"系统维护通知"}')
expect "$told" data.type system

health=$(curl -sS "$BASE/health")
expect "$health" status ok
expect "$health" server chinwag

echo ok
