//! Moves read marks in rooms that the transaction has locked.

use std::collections::{BTreeMap, HashMap, HashSet};

use chinwag_domain::{
    ports::{Committed, StoreError, StoreResult},
    records::{Marked, ReadState},
};
use sea_orm::{ConnectionTrait, DbErr, Value};

use super::{ground::Ground, listed};
use crate::{
    columns::Columns,
    dialect::{repeat, statement},
    engine::{set_rows, words},
    marks::{self, Mark},
    seats::{clamp, stands},
};

/// Where a mark is: room and person.
type Place = (i64, i64);

pub(crate) async fn mark(
    db: &impl ConnectionTrait,
    marks: &[Mark],
    ground: &Ground,
) -> Result<(Vec<StoreResult<Marked>>, Vec<Committed>), DbErr> {
    let mut read: HashMap<Place, i64> = ground.seats.iter().map(|(place, seat)| (*place, seat.read_seq)).collect();
    let mut answers: BTreeMap<usize, StoreResult<Marked>> = BTreeMap::new();
    let mut changes = Vec::new();
    let mut left: Vec<usize> = (0..marks.len()).collect();
    // One mark that moves twice is two moves, each with a position of its own.
    while !left.is_empty() {
        let mut seen = HashSet::new();
        let (now, later): (Vec<_>, Vec<_>) = left.into_iter().partition(|at| seen.insert(place(&marks[*at])));
        let standing: Vec<usize> = now.iter().copied().filter(|at| is_standing(&marks[*at], ground)).collect();
        let goals = standing.iter().map(|at| {
            let (room_id, user_id) = place(&marks[*at]);
            ((room_id, user_id), marks[*at].seq.min(ground.rooms[&room_id].last_seq))
        });
        let moves: Vec<(Place, i64)> = goals.filter(|(place, seq)| *seq > read[place]).collect();
        write(db, &moves).await?;
        read.extend(moves.iter().copied());
        let moved: HashSet<Place> = moves.into_iter().map(|(place, _)| place).collect();
        let states = states(db, &standing.iter().map(|at| place(&marks[*at])).collect::<Vec<_>>()).await?;
        for at in now {
            let place = place(&marks[at]);
            let answer = match states.get(&place) {
                Some(state) if standing.contains(&at) => {
                    let moved = moved.contains(&place);
                    if moved {
                        let (user_id, seq) = (place.1, state.own_seq);
                        changes.push(Committed::Own { user_id, seq, event: marks::moved(state) });
                    }
                    Ok(Marked { state: *state, moved })
                }
                _ => Err(StoreError::Stale),
            };
            answers.insert(at, answer);
        }
        left = later;
    }
    Ok((answers.into_values().collect(), changes))
}

fn place(mark: &Mark) -> Place {
    (mark.permit.room_id(), mark.permit.user_id())
}

fn is_standing(mark: &Mark, ground: &Ground) -> bool {
    let (room_id, user_id) = place(mark);
    let (Some(tail), Some(account)) = (ground.rooms.get(&room_id), ground.accounts.get(&user_id)) else { return false };
    let seat = ground.seats.get(&(room_id, user_id));
    seat.is_some_and(|seat| stands(&mark.permit, *account, Some(seat.version), tail.public))
}

/// Each move takes the next position of its person's own log.
async fn write(db: &impl ConnectionTrait, moves: &[(Place, i64)]) -> Result<(), DbErr> {
    if moves.is_empty() {
        return Ok(());
    }
    let mut counts: BTreeMap<i64, i64> = BTreeMap::new();
    for ((_, user_id), _) in moves {
        *counts.entry(*user_id).or_default() += 1;
    }
    let mut next = take_positions(db, &counts).await?;
    let mut values = Vec::with_capacity(moves.len() * 4);
    for ((room_id, user_id), seq) in moves {
        let own_seq = next.entry(*user_id).or_default();
        *own_seq += 1;
        values.extend([*room_id, *user_id, *seq, *own_seq].map(Value::from));
    }
    let keys = ["room_id", "user_id"];
    let sql = set_rows(db, "members", (&keys, &["read_seq", "own_seq"]), moves.len(), "TRUE");
    db.execute_raw(statement(db, &sql, values)).await?;
    // Index: `messages_by_seq`.
    let (list, places) = listed(&moves.iter().map(|(place, _)| *place).collect::<Vec<_>>(), "(?,?)");
    let sql = format!(
        "UPDATE members SET read_ordinal = coalesce((SELECT x.ordinal FROM messages x WHERE x.room_id = members.room_id \
         AND x.seq <= members.read_seq ORDER BY x.seq DESC LIMIT 1), 0) WHERE (room_id, user_id) IN ({list})"
    );
    db.execute_raw(statement(db, &sql, flat(places))).await.map(|_| ())
}

/// Moves the ends of people's own logs forward by so many; gives where they were.
async fn take_positions(db: &impl ConnectionTrait, counts: &BTreeMap<i64, i64>) -> Result<HashMap<i64, i64>, DbErr> {
    let or_add = words(db).or_add("own_logs", "user_id", "last_seq");
    let rows = repeat("(?,?)", counts.len());
    let sql = format!("INSERT INTO own_logs (user_id, last_seq) VALUES {rows} {or_add}");
    db.execute_raw(statement(db, &sql, flat(counts.iter().map(|(user_id, count)| (*user_id, *count))))).await?;
    let (list, people) = listed(&counts.keys().copied().collect::<Vec<_>>(), "?");
    let sql = format!("SELECT user_id, last_seq FROM own_logs WHERE user_id IN ({list})");
    let rows = db.query_all_raw(statement(db, &sql, people.into_iter().map(Value::from))).await?;
    let before = |row: &sea_orm::QueryResult| {
        let (user_id, last): (i64, i64) = (row.try_get_by_index(0)?, row.try_get_by_index(1)?);
        Ok((user_id, last - counts.get(&user_id).copied().unwrap_or(0)))
    };
    rows.iter().map(before).collect()
}

async fn states(db: &impl ConnectionTrait, places: &[Place]) -> Result<HashMap<Place, ReadState>, DbErr> {
    if places.is_empty() {
        return Ok(HashMap::new());
    }
    let (list, places) = listed(places, "(?,?)");
    let sql = format!(
        "SELECT m.room_id, m.user_id, m.read_seq, {}, {}, m.own_seq FROM members m JOIN rooms r ON r.id = m.room_id \
         WHERE (m.room_id, m.user_id) IN ({list})",
        marks::unread("r.message_count", "m"),
        marks::mentions("m")
    );
    let rows = db.query_all_raw(statement(db, &sql, flat(places))).await?;
    let read = |row| {
        let mut columns = Columns::of(row);
        let (room_id, user_id) = (columns.next()?, columns.next()?);
        let (seq, unread, mentions) = (columns.next()?, clamp(columns.next()?), clamp(columns.next()?));
        Ok(((room_id, user_id), ReadState { room_id, seq, unread, mentions, own_seq: columns.next()? }))
    };
    rows.iter().map(read).collect()
}

fn flat(pairs: impl IntoIterator<Item = (i64, i64)>) -> impl Iterator<Item = Value> {
    pairs.into_iter().flat_map(|(one, other)| [one.into(), other.into()])
}
