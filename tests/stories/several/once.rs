//! What the clock and long work ask for happens once, however many processes see that it is due.

use std::collections::BTreeMap;
use std::time::{Duration, Instant as Moment};

use diesel::prelude::*;
use interlude::domain::instant::Instant;
use interlude::domain::report::Status;
use interlude::store::connection::Db;
use interlude::store::people::Actor;
use interlude::store::reports::bulk::{self, Asked, Outcome};
use interlude::store::reports::events::EventKind;
use interlude::store::reports::import;
use interlude::store::schema::{invitations, known_issue_resolutions, report_events, reports, windows};
use interlude::store::{Result, Store, Write, audit, known_issues, verify};
use serde_json::json;

use super::Instances;
use crate::known;
use crate::support::Place;
use crate::support::process::Start;
use crate::windows::{hours_from_now, planned};

/// How soon all of it must be done, on a machine with other things to do.
const DONE: Duration = Duration::from_secs(60);
/// Longer than every process takes to look once more.
const LOOKED: Duration = Duration::from_millis(1_500);

/// Three instances on one database: the more there are, the likelier they meet.
fn three() -> Option<(Place, Instances, tempfile::TempDir, Store)> {
    let (place, mut instances) = Instances::two()?;
    let folder = tempfile::tempdir().unwrap();
    instances.running.push(Start::on(&place.database, folder.path()).go());
    let store = Store::open(place.database.clone()).unwrap();
    Some((place, instances, folder, store))
}

/// Asks until it is so.
#[track_caller]
fn until<T>(store: &Store, look: impl Fn(&mut Db) -> Result<Option<T>>) -> T {
    let end = Moment::now() + DONE;
    loop {
        if let Some(found) = store.read_here(&look).unwrap() {
            return found;
        }
        assert!(Moment::now() < end, "it is never done");
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// So many reports; gives their numbers.
fn reported(store: &Store, n: usize) -> Vec<i64> {
    let all = known::made(n, Status::New);
    store
        .write_here(move |w| {
            import(w, &all)?;
            Ok(reports::table
                .order(reports::id.desc())
                .limit(n as i64)
                .select(reports::id)
                .load(w.connection)?)
        })
        .unwrap()
}

/// How many events of this kind each of these reports has.
fn counted(store: &Store, of: &[i64], kind: EventKind) -> BTreeMap<i64, i64> {
    let rows: Vec<(i64, i64)> = store
        .read_here(|c| {
            Ok(report_events::table
                .filter(report_events::report_id.eq_any(of))
                .filter(report_events::kind.eq(kind))
                .group_by(report_events::report_id)
                .select((report_events::report_id, diesel::dsl::count_star()))
                .load(c)?)
        })
        .unwrap();
    rows.into_iter().collect()
}

#[track_caller]
fn each_once(counted: &BTreeMap<i64, i64>, of: &[i64]) {
    assert_eq!(counted.len(), of.len());
    assert!(counted.values().all(|n| *n == 1), "{counted:?}");
}

fn acts(store: &Store, action: &str) -> usize {
    let all = store.read_here(|c| audit::list(c, None, 10_000)).unwrap();
    all.iter().filter(|act| act.action == action).count()
}

/// Windows are completed by the clock, whoever reported something of them is invited by the job of the
/// survey, and reminded later: each of that once.
#[test]
fn completing_inviting_and_reminding() {
    const WINDOWS: usize = 6;
    let Some((_place, instances, _folder, store)) = three() else { return };
    for n in 0..WINDOWS {
        let mut window = planned(-2, 1);
        window["slug"] = json!(format!("window-{n}"));
        window["state"] = json!("scheduled");
        window["complete_by_clock"] = json!(true);
        window["survey"] = json!({"template": "short", "days": 14});
        let made = instances.send(n % 3, "POST", "/api/v1/windows", &window);
        assert_eq!(made.status, 201, "{}", made.text());
        instances.running[n % 3]
            .wait_for(&format!("/api/v1/windows/window-{n}"), DONE, |a| a.json()["state"] == "in_progress");
        for who in 0..3 {
            let body = json!({
                "window": format!("window-{n}"), "impact": "blocked", "description": "Nothing works.",
                "occurred_at": hours_from_now(0), "contact": {"email": format!("p{who}@example.com")},
            });
            let key = format!("reporter-{who}-of-window-number-{n}");
            let headers = [("idempotency-key", key.as_str())];
            let address = &instances.running[who].address;
            let sent = instances.operator.send(address, "POST", "/api/v1/reports", &headers, &body).unwrap();
            assert_eq!(sent.status, 201, "{}", sent.text());
        }
    }
    let end = |w: &mut Write<'_>| -> Result<usize> {
        let over = windows::scheduled_end.eq(w.now.plus_seconds(-1));
        Ok(diesel::update(windows::table).set(over).execute(w.connection)?)
    };
    assert_eq!(store.write_here(end).unwrap(), WINDOWS);
    let invited = |c: &mut Db| -> Result<i64> { Ok(invitations::table.count().get_result(c)?) };
    until(&store, |c| Ok((invited(c)? >= 3 * WINDOWS as i64).then_some(())));
    std::thread::sleep(LOOKED);
    assert_eq!(store.read_here(invited).unwrap(), 3 * WINDOWS as i64);
    assert_eq!(acts(&store, "window.complete"), WINDOWS);
    for n in 0..WINDOWS {
        let window = instances.running[0].get(&format!("/api/v1/windows/window-{n}")).json();
        assert_eq!(window["state"], "completed");
        assert_eq!(window["updates"].as_array().unwrap().len(), 2, "started and completed: {window}");
    }

    let ask = |w: &mut Write<'_>| -> Result<()> {
        let (told, due) = (w.now.plus_hours(-48), w.now.plus_seconds(-1));
        let asked = (invitations::told_at.eq(told), invitations::remind_at.eq(due));
        diesel::update(invitations::table).set(asked).execute(w.connection)?;
        Ok(())
    };
    store.write_here(ask).unwrap();
    let reminded = |c: &mut Db| -> Result<Vec<(i64, Option<Instant>)>> {
        let all = invitations::table.filter(invitations::remind_at.is_null());
        Ok(all.order(invitations::id).select((invitations::id, invitations::reminded_at)).load(c)?)
    };
    let first = until(&store, |c| Ok(Some(reminded(c)?).filter(|all| all.len() == 3 * WINDOWS)));
    assert!(first.iter().all(|(_, at)| at.is_some()), "{first:?}");
    std::thread::sleep(LOOKED);
    assert_eq!(store.read_here(reminded).unwrap(), first, "somebody was reminded twice");
    assert_eq!(store.read_here(verify::verify).unwrap().findings, []);
}

/// Everybody behind a known issue is told of its resolution once, and an act on many changes each
/// report once, although three processes take the steps of both.
#[test]
fn resolving_and_changing_many() {
    const MANY: usize = 1_150;
    let Some((_place, _instances, _folder, store)) = three() else { return };
    let (told, changed) = (reported(&store, MANY), reported(&store, MANY));
    assert!(told.iter().all(|id| !changed.contains(id)));
    let draft = known::draft();
    let issue =
        store.write_here(move |w| known_issues::create(w, &Actor::CommandLine, &draft, false)).unwrap();
    for some in told.chunks(known_issues::LINKED_MAX) {
        let some = some.to_vec();
        store.write_here(move |w| known_issues::link(w, &Actor::CommandLine, issue, &some)).unwrap();
    }
    // Linking acknowledged each, which is a row of the audit log and a line of its history.
    each_once(&counted(&store, &told, EventKind::Status), &told);
    assert_eq!(acts(&store, "report.status"), MANY);
    store
        .write_here(move |w| known_issues::resolve(w, &Actor::CommandLine, issue, None, &known::answer()))
        .unwrap();
    let of = changed.clone();
    let act = store
        .write_here(move |w| {
            let chosen: Vec<(i64, i64)> = reports::table
                .filter(reports::id.eq_any(&of))
                .select((reports::id, reports::revision))
                .load(w.connection)?;
            let asked = Asked { status: Some(Status::InProgress), ..Asked::default() };
            let id = bulk::ask(w, &Actor::CommandLine, &asked, "", &chosen)?;
            bulk::confirm(w, &Actor::CommandLine, id)?;
            Ok(id)
        })
        .unwrap();
    until(&store, |c| Ok(bulk::find(c, act)?.finished_at));
    until(&store, |c| {
        let done = known_issue_resolutions::table.select(known_issue_resolutions::done_at);
        Ok(done.first::<Option<Instant>>(c)?)
    });
    std::thread::sleep(LOOKED);
    each_once(&counted(&store, &told, EventKind::Answer), &told);
    assert!(counted(&store, &told, EventKind::Status).values().all(|n| *n == 2));
    each_once(&counted(&store, &changed, EventKind::Status), &changed);
    let done = store.read_here(|c| bulk::find(c, act)).unwrap();
    let outcomes: Vec<i64> = Outcome::ALL.iter().map(|outcome| done.count(*outcome)).collect();
    assert_eq!(outcomes, [MANY as i64, 0, 0, 0]);
    let resolution = store.read_here(|c| known_issues::resolutions(c, issue)).unwrap().remove(0).0;
    assert_eq!(resolution.reports_told, MANY as i64);
    // Acknowledged and resolved, and changed by the act.
    assert_eq!(acts(&store, "report.status"), 3 * MANY);
    assert_eq!(store.read_here(verify::verify).unwrap().findings, []);
}
