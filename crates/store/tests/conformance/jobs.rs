//! Jobs: written with what causes them, done once at a time, never lost.

use std::time::Duration;

use chinwag_domain::{policy, ports::*, records::*};

use crate::{cast::*, engines::Engine};

const LEASE: Duration = Duration::from_secs(3_600);
const DAY: Duration = Duration::from_secs(24 * 3_600);

/// Does away with the jobs that a new database begins with.
async fn stage(engine: Engine) -> Stage {
    let stage = Stage::new(engine).await;
    for job in stage.store.take_jobs(LEASE, 9).await.expect("taken") {
        assert!(stage.store.finish_job(job).await.expect("done"));
    }
    stage
}

async fn take(stage: &Stage) -> Vec<Job> {
    stage.store.take_jobs(LEASE, 9).await.expect("taken")
}

/// Lets so much time pass for the jobs.
async fn pass(stage: &Stage, time: Duration) {
    stage.by_hand(&format!("UPDATE jobs SET due_at = due_at - {}", time.as_millis())).await;
}

/// A job of somebody who took something back, and the room they did it in.
async fn recalled(stage: &Stage) -> (Person, i64, i64) {
    let ann = stage.user("Ann").await;
    let room = stage.room(&ann, &[]).await;
    let said = stage.say(room, &ann, "x").await;
    let permit = policy::may_recall_message(&ann.actor(), &stage.seat(room, &ann).await, &said, None).expect("own");
    let erasure = stage.store.recall_message(permit, said.id, NOW).await.expect("recalled").erasure;
    (ann, room, erasure)
}

async fn a_job_is_there_when_its_cause_is_and_only_then(engine: Engine) {
    let stage = stage(engine).await;
    let (ann, room, erasure) = recalled(&stage).await;
    let job = Job { id: erasure, kind: JobKind::EmptyLog, tries: 1 };
    assert_eq!(take(&stage).await, [job]);
    assert!(stage.store.finish_job(job).await.expect("done"));
    // One that is refused beside it, and one that is refused later, are undone as a whole.
    let seat = stage.seat(room, &ann).await;
    let said = stage.say(room, &ann, "y").await;
    let recall = || {
        let permit = policy::may_recall_message(&ann.actor(), &seat, &said, None).expect("own");
        stage.store.recall_message(permit, said.id, NOW)
    };
    let (first, second) = tokio::join!(recall(), recall());
    assert!(first.is_ok() && second.is_err(), "{first:?} {second:?}");
    assert_eq!(take(&stage).await.len(), 1);
    assert!(recall().await.is_err());
    assert_eq!(take(&stage).await, []);
}

async fn whoever_writes_a_job_wakes_who_does_it(engine: Engine) {
    let stage = stage(engine).await;
    recalled(&stage).await;
    tokio::time::timeout(Duration::from_secs(5), stage.store.job_written()).await.expect("woken");
}

async fn one_job_that_waits_is_enough_for_all_who_want_it_and_one_that_is_done_now_is_not(engine: Engine) {
    let stage = stage(engine).await;
    let (ann, room, first) = recalled(&stage).await;
    let again = async || {
        let said = stage.say(room, &ann, "z").await;
        let permit = policy::may_recall_message(&ann.actor(), &stage.seat(room, &ann).await, &said, None).expect("own");
        stage.store.recall_message(permit, said.id, NOW).await.expect("recalled").erasure
    };
    assert_eq!(again().await, first);
    let taken = take(&stage).await;
    assert_eq!(taken.len(), 1);
    let second = again().await;
    assert_ne!(second, first, "who does the first may have done it before this recall");
    assert_eq!(take(&stage).await.iter().map(|job| job.id).collect::<Vec<_>>(), [second]);
}

async fn a_job_is_one_runners_until_its_lease_ends(engine: Engine) {
    let stage = stage(engine).await;
    recalled(&stage).await;
    let (one, other) = tokio::join!(take(&stage), take(&stage));
    let held = [one, other].concat();
    assert_eq!(held.len(), 1, "{held:?}");
    pass(&stage, LEASE - Duration::from_secs(60)).await;
    assert_eq!(take(&stage).await, []);
    pass(&stage, Duration::from_secs(60)).await;
    let after = take(&stage).await;
    assert_eq!(after, [Job { tries: 2, ..held[0] }]);
    // Whoever was too slow has no say any more.
    assert!(!stage.store.finish_job(held[0]).await.expect("asked"));
    assert!(!stage.store.fail_job(held[0], "slow".into(), None).await.expect("asked"));
    assert!(stage.store.finish_job(after[0]).await.expect("done"));
    assert_eq!(stage.store.job_figures().await.expect("asked"), JobFigures::default());
}

async fn a_job_that_fails_is_due_again_and_one_that_is_given_up_is_seen_until_the_next_start(engine: Engine) {
    let stage = stage(engine).await;
    recalled(&stage).await;
    let job = take(&stage).await[0];
    assert!(stage.store.fail_job(job, "no luck".into(), Some(DAY)).await.expect("written"));
    let figures = stage.store.job_figures().await.expect("asked");
    assert_eq!((figures.waiting, figures.dead), (1, 0));
    let due_in = figures.due_in.expect("it is due");
    assert!((DAY.as_millis() as i64 - 60_000..=DAY.as_millis() as i64).contains(&due_in), "{due_in}");
    assert_eq!(take(&stage).await, []);
    pass(&stage, DAY).await;
    let job = take(&stage).await[0];
    assert_eq!(job.tries, 2);
    assert!(stage.store.fail_job(job, "never".into(), None).await.expect("written"));
    pass(&stage, 1_000 * DAY).await;
    assert_eq!(take(&stage).await, []);
    assert_eq!(stage.store.job_figures().await.expect("asked"), JobFigures { waiting: 0, dead: 1, due_in: None });
    let dead = chinwag_store::dead_jobs(&stage.config.site).await.expect("looked");
    assert_eq!(dead.iter().map(|job| (job.tries, job.fault.as_str())).collect::<Vec<_>>(), [(2, "never")]);
    let stage = stage.reopen().await;
    assert_eq!(take(&stage).await, [Job { tries: 1, ..job }], "another chance");
    // What a server held when it died is not held for its lease, where there is no other that may hold it.
    let stage = stage.reopen().await;
    let held = if engine == Engine::Sqlite { vec![Job { tries: 1, ..job }] } else { Vec::new() };
    assert_eq!(take(&stage).await, held);
}

/// As long as somebody is logged in, there will be something to forget.
async fn forgetting_sessions_goes_on_while_there_are_any(engine: Engine) {
    let stage = stage(engine).await;
    let ann = stage.user("Ann").await;
    let kinds = async || take(&stage).await.into_iter().map(|job| job.kind).collect::<Vec<_>>();
    stage.log_in(ann.id, session(7, 0), 9).await.expect("created");
    assert_eq!(kinds().await, [], "nothing to forget on the first day");
    pass(&stage, DAY).await;
    assert_eq!(kinds().await, [JobKind::ForgetSessions]);
    assert_eq!(stage.store.forget_sessions(NOW, NOW).await.expect("asked"), 0);
    pass(&stage, DAY).await;
    assert_eq!(kinds().await.len(), 2, "the next one, and the one that was not finished");
    assert_eq!(stage.store.forget_sessions(i64::MAX, NOW).await.expect("asked"), 1);
    pass(&stage, DAY).await;
    assert_eq!(kinds().await.len(), 2, "no other follows");
}

on_every_engine!(
    a_job_is_there_when_its_cause_is_and_only_then,
    whoever_writes_a_job_wakes_who_does_it,
    one_job_that_waits_is_enough_for_all_who_want_it_and_one_that_is_done_now_is_not,
    a_job_is_one_runners_until_its_lease_ends,
    a_job_that_fails_is_due_again_and_one_that_is_given_up_is_seen_until_the_next_start,
    forgetting_sessions_goes_on_while_there_are_any,
);
