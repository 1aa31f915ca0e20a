//! Resolving a known issue: however the job is broken off, nobody is told twice and nobody is missed.

use std::collections::BTreeMap;

use diesel::prelude::*;
use interlude::domain::instant::Instant;
use interlude::domain::known_issue::IssueStatus;
use interlude::domain::language::Language;
use interlude::domain::report::{Contact, Source, Status, Verdict};
use interlude::domain::secret::{IdempotencyKey, InstanceKey};
use interlude::jobs as runner;
use interlude::store::jobs::{self, Job};
use interlude::store::known_issues::{self, Resolution};
use interlude::store::me_toos::{self, NewMeToo, Person};
use interlude::store::people::Actor as StoreActor;
use interlude::store::reports::events::{Event, EventKind};
use interlude::store::schema::{
    known_issue_told, me_too_events, me_toos as me_toos_table, report_events, reports as reports_table,
};
use interlude::store::{Error, counters, reports as report_verbs};

use super::{answer, issue, link, nothing_is_wrong, reports};
use crate::support::World;

fn instance() -> InstanceKey {
    InstanceKey::new([7; 32])
}

fn key(n: usize) -> IdempotencyKey {
    IdempotencyKey::parse("key", &format!("{n:-<30}")).unwrap()
}

fn me_too_of(issue: i64, n: usize) -> NewMeToo {
    let language = if n.is_multiple_of(2) { Language::ZhCn } else { Language::En };
    NewMeToo { issue, contact: Contact::default(), language, source: Source::Web }
}

/// So many people say "me too".
fn me_too(world: &World, issue: i64, people: std::ops::Range<usize>) {
    world.write(move |w| {
        for n in people.clone() {
            let person = Person::new(&instance(), &key(n));
            me_toos::say(w, &instance(), &key(n), &person, &me_too_of(issue, n))?;
        }
        Ok(())
    });
}

fn resolve(world: &World, issue: i64) {
    world.write(move |w| known_issues::resolve(w, &StoreActor::CommandLine, issue, None, &answer()));
}

fn job(world: &World) -> Option<Job> {
    world.read(|c| jobs::due(c, Instant::now())).into_iter().next()
}

/// Takes a step, and undoes it, as a kill in the middle of it does.
fn killed(world: &World, job: &Job) {
    let store = world.store.clone();
    let job = job.clone();
    let broken = std::thread::spawn(move || {
        store.write_here(move |w| {
            known_issues::tell_more(w, &job)?;
            Err::<(), _>(Error::conflict("taken"))
        })
    });
    assert!(broken.join().unwrap().is_err());
}

fn step(world: &World, job: &Job) -> Result<bool, Error> {
    let store = world.store.clone();
    let job = job.clone();
    std::thread::spawn(move || store.write_here(move |w| known_issues::tell_more(w, &job))).join().unwrap()
}

/// How often each report and each me-too was answered.
fn answered(world: &World) -> (BTreeMap<i64, i64>, BTreeMap<i64, i64>) {
    world.read(|c| {
        let reports: Vec<(i64, i64)> = report_events::table
            .filter(report_events::kind.eq(EventKind::Answer))
            .group_by(report_events::report_id)
            .select((report_events::report_id, diesel::dsl::count_star()))
            .load(c)?;
        let me_toos: Vec<(i64, i64)> = me_too_events::table
            .filter(me_too_events::kind.eq(EventKind::Answer))
            .group_by(me_too_events::me_too_id)
            .select((me_too_events::me_too_id, diesel::dsl::count_star()))
            .load(c)?;
        Ok((reports.into_iter().collect(), me_toos.into_iter().collect()))
    })
}

#[track_caller]
fn everybody_was_told_once(world: &World, reports: usize, me_toos: usize) {
    let (of_reports, of_me_toos) = answered(world);
    assert!(of_reports.values().chain(of_me_toos.values()).all(|n| *n == 1), "somebody was told twice");
    assert_eq!((of_reports.len(), of_me_toos.len()), (reports, me_toos), "somebody was missed");
    nothing_is_wrong(world);
}

fn standing(world: &World, issue: i64) -> Resolution {
    world.read(|c| known_issues::resolutions(c, issue)).remove(0).0
}

story! {
    async fn a_job_that_is_killed_between_any_two_steps_tells_everybody_once(world) {
        let issue = issue(world);
        let ids = reports(world, 510, Status::New);
        link(world, issue, &ids);
        me_too(world, issue, 0..505);
        resolve(world, issue);
        let mut steps = 0;
        while let Some(job) = job(world) {
            killed(world, &job);
            let before = answered(world);
            let done = step(world, &job).unwrap();
            steps += 1;
            let after = answered(world);
            let told = after.0.len() + after.1.len() - before.0.len() - before.1.len();
            assert!(told <= 500, "{told} in one step");
            // A second runner that read the job before this step does nothing.
            if !done {
                assert!(matches!(step(world, &job), Err(Error::Stale)));
                assert_eq!(answered(world), after);
            }
            assert!(steps < 20);
        }
        everybody_was_told_once(world, 510, 505);
        let resolution = standing(world, issue);
        assert_eq!((resolution.reports_told, resolution.me_toos_told), (510, 505));
        assert!(resolution.done_at.is_some());
        let open: i64 = world.read(|c| {
            Ok(reports_table::table
                .filter(reports_table::status.ne(Status::Resolved))
                .select(diesel::dsl::count_star())
                .first(c)?)
        });
        assert_eq!(open, 0);
        assert_eq!(world.read(|c| counters::others(c, None)).all, 510);
        // Each in their own language.
        let events: Vec<Event> =
            world.read(|c| report_verbs::events::list(c, ids[1])).into_iter().filter(|e| e.kind == EventKind::Answer).collect();
        assert_eq!(events[0].content.as_deref(), Some("It works again"));
    }

    async fn two_runners_at_once_tell_everybody_once(world) {
        let issue = issue(world);
        let ids = reports(world, 505, Status::Acknowledged);
        link(world, issue, &ids);
        me_too(world, issue, 0..50);
        resolve(world, issue);
        let runners: Vec<_> = (0..2)
            .map(|_| {
                let store = world.store.clone();
                std::thread::spawn(move || {
                    actix_web::rt::System::new().block_on(async move {
                        // A collision puts a step off; it is due again soon.
                        for _ in 0..200 {
                            drop(runner::tick(&store, false).await);
                            let left = store.read(|c| jobs::due(c, Instant::now().plus_hours(1))).await.unwrap();
                            if left.is_empty() {
                                break;
                            }
                            actix_web::rt::time::sleep(std::time::Duration::from_millis(50)).await;
                        }
                    });
                })
            })
            .collect();
        for runner in runners {
            runner.join().unwrap();
        }
        everybody_was_told_once(world, 505, 50);
        assert_eq!(standing(world, issue).reports_told, 505);
    }

    async fn whoever_is_linked_later_is_told_too(world) {
        let issue = issue(world);
        let all = reports(world, 4, Status::New);
        link(world, issue, &all[..2]);
        resolve(world, issue);
        // Linked before the job has come to anybody, with a number below those it will look at.
        link(world, issue, &all[2..3]);
        runner::tick(&world.store, false).await.unwrap();
        link(world, issue, &all[3..]);
        // Unlinked and linked again, nobody hears it twice.
        let again = all.clone();
        world.write(move |w| known_issues::unlink(w, &StoreActor::CommandLine, issue, &again));
        link(world, issue, &all);
        everybody_was_told_once(world, 4, 0);
        let told: i64 = world.read(|c| Ok(known_issue_told::table.select(diesel::dsl::count_star()).first(c)?));
        assert_eq!(told, 4);
    }

    async fn nobody_joins_a_resolved_known_issue(world) {
        let issue = issue(world);
        me_too(world, issue, 0..1);
        resolve(world, issue);
        let said = {
            let store = world.store.clone();
            std::thread::spawn(move || {
                store.write_here(move |w| {
                    let person = Person::new(&instance(), &key(1));
                    me_toos::say(w, &instance(), &key(1), &person, &me_too_of(issue, 1))
                })
            })
            .join()
            .unwrap()
        };
        assert!(matches!(said, Err(Error::Conflict { code: "known-issue-resolved", .. })));
        runner::tick(&world.store, false).await.unwrap();
        everybody_was_told_once(world, 0, 1);
    }

    async fn not_fixed_reopens_that_report_alone_and_resolving_again_tells_again(world) {
        let issue = issue(world);
        let all = reports(world, 3, Status::New);
        link(world, issue, &all);
        resolve(world, issue);
        runner::tick(&world.store, false).await.unwrap();
        let one = all[0];
        // What the receipt's button does, without the receipt: an imported report has none.
        world.write(move |w| {
            diesel::update(reports_table::table.find(one))
                .set(reports_table::link_hash.eq(interlude::domain::secret::hash(&opening(one))))
                .execute(w.connection)?;
            report_verbs::judge(w, &opening(one), Verdict::NotFixed)
        });
        let statuses: Vec<Status> = world.read(|c| {
            Ok(reports_table::table.order(reports_table::id).select(reports_table::status).load(c)?)
        });
        assert_eq!(statuses, [Status::InProgress, Status::Resolved, Status::Resolved]);
        assert_eq!(world.read(|c| me_toos::counts(c, issue)).not_fixed, 1);
        world.write(move |w| {
            known_issues::reopen(w, &StoreActor::CommandLine, issue, None, IssueStatus::Identified)
        });
        resolve(world, issue);
        runner::tick(&world.store, false).await.unwrap();
        let (of_reports, _) = answered(world);
        assert!(of_reports.values().all(|n| *n == 2), "{of_reports:?}");
        nothing_is_wrong(world);
    }

    async fn reopening_stops_the_telling(world) {
        let issue = issue(world);
        let all = reports(world, 505, Status::New);
        link(world, issue, &all);
        resolve(world, issue);
        step(world, &job(world).unwrap()).unwrap();
        world.write(move |w| {
            known_issues::reopen(w, &StoreActor::CommandLine, issue, None, IssueStatus::Monitoring)
        });
        runner::tick(&world.store, false).await.unwrap();
        assert!(job(world).is_none());
        assert_eq!(answered(world).0.len(), 500);
        nothing_is_wrong(world);
    }

    async fn what_was_erased_is_resolved_without_words(world) {
        let issue = issue(world);
        let all = reports(world, 1, Status::New);
        let id = all[0];
        world.write(move |w| {
            diesel::update(reports_table::table.find(id))
                .set(reports_table::link_hash.eq(interlude::domain::secret::hash(&opening(id))))
                .execute(w.connection)?;
            report_verbs::erase(w, &opening(id))
        });
        link(world, issue, &all);
        me_too(world, issue, 0..1);
        let me_too: i64 = world.read(|c| Ok(me_toos_table::table.select(me_toos_table::id).first(c)?));
        let link = Person::new(&instance(), &key(0)).receipt(&instance(), interlude::domain::reference::MeTooReference(me_too)).link;
        world.write(move |w| me_toos::erase(w, &link));
        resolve(world, issue);
        runner::tick(&world.store, false).await.unwrap();
        assert_eq!(answered(world), Default::default());
        let status: Status = world.read(|c| Ok(reports_table::table.find(id).select(reports_table::status).first(c)?));
        assert_eq!(status, Status::Resolved);
        nothing_is_wrong(world);
    }
}

/// A link to this report that has the form of one.
fn opening(id: i64) -> String {
    let key = IdempotencyKey::parse("key", "any-key-of-22-letters-or-more").unwrap();
    interlude::domain::secret::Receipt::derive(
        &instance(),
        &key,
        interlude::domain::reference::ReportReference(id),
    )
    .link
}
