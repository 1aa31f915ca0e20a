//! By when support answers and resolves, what is overdue, and that a receipt promises the same.

use diesel::prelude::*;
use interlude::store::schema::reports as rows;
use interlude::store::triage_rules;

use super::*;

/// Support is there all the time.
fn always(world: &World) {
    world.write(|w| {
        let mut rules = triage_rules::load(w.connection)?;
        let slot = interlude::domain::support_hours::SlotInput {
            days: (1..=7).collect(),
            from: "00:00".into(),
            to: "24:00".into(),
        };
        let hours = interlude::domain::support_hours::SupportHoursInput {
            time_zone: "Asia/Shanghai".into(),
            slots: vec![slot],
        };
        rules.hours = Some(interlude::domain::support_hours::SupportHours::parse("hours", hours)?);
        let revision = rules.revision;
        triage_rules::change(w, &interlude::store::people::Actor::CommandLine, revision, &rules, &[])
    });
}

fn moment(report: &serde_json::Value, field: &str) -> Instant {
    at(report[field].as_str().unwrap_or_else(|| panic!("no {field}: {report}")))
}

story! {
    /// A report outside of every window is promised an answer too, and its receipt says the same as
    /// the queue; another severity is another promise; a first answer keeps it.
    async fn promises_follow_the_severity(world) {
        always(world);
        let (reference, link) = send(world, "登录不了");
        let path = format!("/api/v1/reports/{reference}");
        let support = world.program(Role::Support);
        let new = support.get_json(&path).await;
        let received = moment(&new, "received_at");
        let minutes = |report: &serde_json::Value, field: &str| moment(report, field).seconds_since(received) / 60;
        assert_eq!((minutes(&new, "answer_due_at"), minutes(&new, "resolution_due_at")), (60, 480));
        let held = world.anyone().get_json(&format!("/api/v1/receipts/{link}")).await;
        assert_eq!(held["answer_by"], new["answer_due_at"]);
        world.anyone().get(&format!("/receipts/{link}")).await.is(200).says("answers by");
        let low = support.patch_json(&path, json!({"severity": "low"})).await.is(200).json();
        assert_eq!((minutes(&low, "answer_due_at"), minutes(&low, "resolution_due_at")), (480, 2_400));
        let answered = support.patch_json(&path, json!({"answer": "在看了"})).await.is(200).json();
        let critical = support.patch_json(&path, json!({"severity": "critical"})).await.is(200).json();
        // The answer was given; only the solution is owed anew.
        assert_eq!((minutes(&critical, "answer_due_at"), minutes(&critical, "resolution_due_at")), (480, 240));
        assert_eq!(answered["first_answer_at"], critical["first_answer_at"]);
        counts_hold(world);
    }

    /// What is overdue and what soon will be is found, shown and counted; asking the reporter stops
    /// the clock of the solution, and it goes on when they have replied.
    async fn overdue_is_found(world) {
        always(world);
        let now = Instant::now();
        let blocked = |text: &str, minutes: i64| Imported { impact: Impact::Blocked, ..report(text, now.plus_seconds(-60 * minutes)) };
        let all = put(world, vec![
            blocked("late", 90),
            blocked("soon", 30),
            Imported { impact: Impact::Cosmetic, ..report("fine", now) },
            Imported { status: Status::Resolved, ..blocked("done", 9_000) },
            Imported { source: Source::Import, ..blocked("from a file", 9_000) },
            Imported { first_answer_at: Some(now), status: Status::Waiting, ..blocked("waits for its reporter", 9_000) },
            Imported { first_answer_at: Some(now), status: Status::InProgress, ..blocked("not resolved", 9_000) },
        ]);
        let viewer = world.program(Role::Viewer);
        let is = async |query: &str, which: &[usize]| {
            let mut wanted: Vec<String> = which.iter().map(|i| all[*i].clone()).collect();
            let mut got = found(&viewer, query).await;
            wanted.sort();
            got.sort();
            assert_eq!(got, wanted, "{query}");
        };
        is("due=overdue", &[0, 6]).await;
        is("due=soon", &[1]).await;
        assert_eq!(found(&viewer, "sort=due&limit=3").await[..3], [all[6].clone(), all[0].clone(), all[1].clone()]);
        let listed = viewer.get_json("/api/v1/reports?due=overdue&sort=due").await;
        assert_eq!(listed["items"][0]["due"], json!("overdue"));
        let staff = world.staff(Role::Viewer);
        staff.get("/admin/reports?due=overdue").await.is(200).says("Overdue").says(&all[0]).lacks(&all[1]);
        staff.get("/admin/").await.is(200).says("2 reports are overdue").says("1 report is due soon").says("/admin/reports?due=overdue");
        staff.get(&format!("/admin/reports/{}", all[5])).await.is(200).says("the clock is stopped");
        viewer.get("/api/v1/reports?due=never").await.shows_problem(422, "due");
        // The reporter of the last but one writes: what was left when they were asked is left again.
        let id = ReportReference::parse(&all[1]).unwrap().0;
        let support = world.program(Role::Support);
        let path = format!("/api/v1/reports/{}", all[1]);
        let asked = support.patch_json(&path, json!({"status": "waiting", "answer": "哪个页面？"})).await.is(200).json();
        world.write(move |w| {
            // They were asked an hour ago.
            use interlude::store::schema::report_events as events;
            diesel::update(events::table.filter(events::report_id.eq(id)).filter(events::kind.eq("status")))
                .set(events::at.eq(w.now.plus_hours(-1)))
                .execute(w.connection)?;
            Ok(())
        });
        let back = support.patch_json(&path, json!({"status": "in_progress"})).await.is(200).json();
        let put_off = moment(&back, "resolution_due_at").seconds_since(moment(&asked, "resolution_due_at"));
        assert!((1_790..=3_700).contains(&put_off), "{put_off}");
        counts_hold(world);
    }

    /// Reports from before there were promises get theirs from the clock; those from files do not.
    async fn older_reports_get_theirs(world) {
        let now = Instant::now();
        let all = put(world, vec![report("old", now), Imported { source: Source::Import, ..report("file", now) }]);
        world.write(|w| {
            diesel::update(rows::table).set((rows::answer_due_at.eq(None::<Instant>), rows::resolution_due_at.eq(None::<Instant>))).execute(w.connection)?;
            Ok(())
        });
        interlude::jobs::triage::turn(&world.store, now).await.unwrap();
        let viewer = world.program(Role::Viewer);
        assert!(viewer.get_json(&format!("/api/v1/reports/{}", all[0])).await["answer_due_at"].is_string());
        assert!(viewer.get_json(&format!("/api/v1/reports/{}", all[1])).await["answer_due_at"].is_null());
    }

    /// A duplicate names what it repeats, is none of itself, follows to the one that matters, and is
    /// one no longer once it is taken up again.
    async fn duplicates_name_the_original(world) {
        let (a, _) = send(world, "登录不了");
        let (b, link) = send(world, "登不上");
        let (c, _) = send(world, "还是登不上");
        let support = world.program(Role::Support);
        let path = |reference: &str| format!("/api/v1/reports/{reference}");
        support.patch_json(&path(&b), json!({"status": "duplicate"})).await.shows_problem(422, "duplicate_of");
        support.patch_json(&path(&b), json!({"duplicate_of": b})).await.shows_problem(422, "duplicate_of");
        support.patch_json(&path(&b), json!({"duplicate_of": "R-ZZZZZZ"})).await.shows_problem(422, "duplicate_of");
        support.patch_json(&path(&b), json!({"duplicate_of": "nonsense\u{0}"})).await.shows_problem(422, "duplicate_of");
        support.patch_json(&path(&b), json!({"duplicate_of": a, "status": "closed"})).await.shows_problem(422, "duplicate_of");
        let twin = support.patch_json(&path(&c), json!({"duplicate_of": b})).await.is(200).json();
        assert_eq!((&twin["status"], &twin["duplicate_of"]), (&json!("duplicate"), &json!(b)));
        support.patch_json(&path(&b), json!({"duplicate_of": a})).await.is(200);
        // What repeated the second repeats the first now.
        assert_eq!(support.get_json(&path(&c)).await["duplicate_of"], json!(a));
        let (d, _) = send(world, "又一个");
        assert_eq!(support.patch_json(&path(&d), json!({"duplicate_of": b})).await.is(200).json()["duplicate_of"], json!(a));
        world.staff(Role::Support).get(&format!("/admin/reports/{a}")).await.is(200).says("3 reports repeat this one").says(&c);
        world.staff(Role::Support).get(&format!("/admin/reports/{b}")).await.is(200).says("This report repeats").says(&format!("Repeats {a}"));
        world.anyone().get(&format!("/receipts/{link}")).await.is(200).lacks(&a);
        let reopened = support.patch_json(&path(&b), json!({"status": "acknowledged"})).await.is(200).json();
        assert_eq!(reopened["duplicate_of"], json!(null));
        // On the page: the field alone is enough.
        let staff = world.staff(Role::Support);
        let page = staff.get(&format!("/admin/reports/{b}")).await.is(200).text();
        let (revision, seen) = (hidden(&page, "revision"), hidden(&page, "seen"));
        let form = [("revision", revision.as_str()), ("seen", &seen), ("was_status", "acknowledged"), ("was_severity", ""), ("was_assignee", ""), ("status", "acknowledged"), ("severity", ""), ("assignee", ""), ("note", "同一个"), ("duplicate_of", "R-ZZZZZZ")];
        staff.post_form(&format!("/admin/reports/{b}"), &form).await.shows_form_again("duplicate_of").says("同一个");
        let form = form.map(|(n, v)| if n == "duplicate_of" { (n, a.as_str()) } else { (n, v) });
        staff.post_form(&format!("/admin/reports/{b}"), &form).await.goes_to(&format!("/admin/reports/{b}?done=1"));
        counts_hold(world);
    }
}
