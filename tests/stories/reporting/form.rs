//! The form.

use super::*;
use interlude::domain::reference::ReportReference;
use interlude::domain::report::{Precision, Source};
use interlude::domain::secret::Receipt;
use interlude::store::reports;

fn kept(world: &World, receipt: &str) -> (reports::Report, reports::ReportContent) {
    let link = receipt.strip_prefix("/receipts/").unwrap();
    let (ReportReference(id), _) = Receipt::of_link(link).unwrap();
    let held = world.read(|c| Ok((reports::by_id(c, id)?, reports::content(c, id)?)));
    (held.0, held.1.unwrap())
}

/// A place and a day of the last twelve months with the hour from 02:00 twice. No one place has such a day
/// in every 365; one of these always has.
fn hour_twice(now: Instant) -> (Zone, chrono::NaiveDate) {
    let places = ["Europe/Berlin", "Australia/Sydney"].map(|name| Zone::parse("zone", name).unwrap());
    let days =
        (2..365).flat_map(|ago| places.map(|place| (place, place.local_date(now.plus_hours(-24 * ago)))));
    let long = |(place, day): &(Zone, chrono::NaiveDate)| {
        let (from, to) = place.day_bounds(*day);
        from.plus_hours(25) == to
    };
    days.into_iter().find(long).unwrap()
}

story! {
    /// Two answers are enough: just now and the most affected function are preset.
    async fn two_answers_make_a_report(world) {
        night(world, None);
        let user = world.anyone();
        let page = user.get("/windows/night/report").await.is(200).says("What happened?").says("Work by night");
        assert_eq!(page.header("cache-control"), "no-store");
        assert!(page.text().contains("<option value=\"login\" selected>Log-in</option>"), "{}", page.text());
        assert!(page.text().contains("value=\"now\" id=\"occurred\" checked>"));
        assert!(!page.text().contains("<details class=\"more\" open>"));
        let key = key_in(&page);
        let fields = [("idempotency_key", key.as_str()), ("description", "登录不了\r\n试了两次"), ("impact", "blocked"),
            ("component", "login"), ("occurred", "now"), ("time_zone", "Asia/Shanghai")];
        let sent = user.post_form("/windows/night/report", &fields).await.is(303);
        assert!(sent.location().ends_with("?received=report-night"));
        // A double click counts once and leads to the same receipt.
        user.post_form("/windows/night/report", &fields).await.goes_to(sent.location());
        let receipt = user.get(sent.location()).await.is(200)
            .says("We have your report").says("登录不了").says("Keep your receipt code")
            .says("answers by").says("You left no contact").says("Implementation");
        assert_eq!(receipt.header("referrer-policy"), "same-origin");
        assert_eq!(receipt.header("cache-control"), "no-store");
        let (report, content) = kept(world, sent.location().split('?').next().unwrap());
        assert_eq!((report.source, report.precision), (Source::Web, Precision::About));
        assert_eq!(report.time_zone.as_deref(), Some("Asia/Shanghai"));
        assert_eq!(content.description, "登录不了\n试了两次");
        counts_are_right(world, 1);
    }

    /// Another page asks for another key: two reports with the same words are two reports.
    async fn two_forms_are_two_reports(world) {
        night(world, None);
        let first = reported(&world.anyone(), &[]).await;
        let second = reported(&world.anyone(), &[]).await;
        assert_ne!(first, second);
        counts_are_right(world, 2);
    }

    /// The same form sent twice at once is one report with one receipt.
    async fn two_clicks_at_once_are_one(world) {
        night(world, None);
        let fields = [("idempotency_key", key("once")), ("description", "坏了".into()), ("impact", "slowed".into())];
        let fields: Vec<(&str, &str)> = fields.iter().map(|(n, v)| (*n, v.as_str())).collect();
        let user = world.anyone();
        let both = futures_util::future::join_all((0..6).map(|_| user.post_form("/report", &fields))).await;
        let receipts: std::collections::BTreeSet<_> =
            both.iter().filter(|r| r.status == 303).map(|r| r.location().to_owned()).collect();
        assert_eq!(receipts.len(), 1);
        for reply in both {
            assert!(matches!(reply.status, 303 | 409 | 503), "{}", reply.status);
        }
        counts_are_right(world, 1);
    }

    /// Everything typed comes back with what is wrong beside it, the optional part open.
    async fn what_is_wrong_is_said_and_nothing_typed_is_lost(world) {
        night(world, None);
        let key = key("wrong");
        let fields = [("idempotency_key", key.as_str()), ("description", ""), ("impact", ""), ("component", "data"),
            ("occurred", "10m"), ("account", "ORDER-77"), ("error_message", "E-1234"), ("phone", "12"),
            ("email", "someone@"), ("category", "speed")];
        let page = world.anyone().post_form("/windows/night/report", &fields).await
            .shows_form_again("description").shows_form_again("impact").shows_form_again("phone").shows_form_again("email")
            .says("4 things need to be changed").says("Please fill this in; a sentence will do").says("Please choose what comes closest").says("ORDER-77").says("E-1234").says("someone@");
        let text = page.text();
        assert!(text.contains("<details class=\"more\" open>"));
        assert!(text.contains("<option value=\"data\" selected>") && text.contains("value=\"10m\" checked>"));
        assert!(text.contains("<option value=\"speed\" selected>"));
        assert_eq!(key_in(&page), key);
        counts_are_right(world, 0);
    }

    /// Others are counted before one sends and beside one's own afterwards.
    async fn others_are_counted(world) {
        night(world, None);
        world.anyone().get("/windows/night/report").await.is(200).lacks("have come in");
        for _ in 0..2 {
            reported(&world.anyone(), &[("component", "login"), ("category", "login")]).await;
        }
        world.anyone().get("/windows/night/report").await
            .says("2 reports of problems with “Log-in” have come in.")
            .says("2 reports of “Cannot log in” have come in.");
        let third = reported(&world.anyone(), &[("component", "login")]).await;
        world.anyone().get(&third).await.says("2 reports of problems with “Log-in” have come in.");
    }

    /// A report without a window named goes to the one that it happened in, and outside if there is none.
    async fn the_window_is_found_by_the_time(world) {
        night(world, None);
        let user = world.anyone();
        let send = async |name: &'static str, more: Vec<(&'static str, &str)>| {
            let key = key(name);
            let mut fields = vec![("idempotency_key", key.as_str()), ("description", "坏了"), ("impact", "slowed")];
            fields.extend(more);
            user.post_form("/report", &fields).await.is(303).location().split('?').next().unwrap().to_owned()
        };
        let inside = send("inside", vec![]).await;
        user.get(&inside).await.says("Work by night");
        // A month ago, for what is more than a year old is refused.
        let zone = Zone::parse("zone", "Europe/Berlin").unwrap();
        let day = zone.local_date(world.app.now().plus_hours(-24 * 30));
        let at = day.and_hms_opt(10, 0, 0).unwrap();
        let typed = at.format("%Y-%m-%dT%H:%M").to_string();
        let exactly = vec![("occurred", "exact"), ("occurred_at", typed.as_str()), ("zone", "Europe/Berlin")];
        let outside = send("outside", exactly).await;
        let shown = at.format("%-d %b %Y 10:00").to_string();
        user.get(&outside).await.says("Outside of every maintenance").says(&shown).says("answers by");
        let (report, _) = kept(world, &outside);
        assert_eq!((report.window_id, report.precision), (None, Precision::Exact));
        assert_eq!(report.occurred_at, Some(zone.reached(at)));
        counts_are_right(world, 2);
    }

    /// After the follow-up period the form says so and takes the report outside of the window.
    async fn late_reports_are_kept_outside(world) {
        night(world, Some(100));
        let user = world.anyone();
        user.get("/windows/night/report").await.is(200).says("Reports are no longer taken for this maintenance");
        let late = reported(&user, &[]).await;
        user.get(&late).await.says("Outside of every maintenance");
        assert!(kept(world, &late).0.filed_under.is_some());
    }

    /// A time that occurs twice is asked back; one that does not exist is named.
    async fn clocks_that_change_are_asked_about(world) {
        night(world, None);
        let (place, day) = hour_twice(world.app.now());
        let typed = format!("{day}T02:30");
        let key = key("fold");
        let mut fields = vec![("idempotency_key", key.as_str()), ("description", "坏了"), ("impact", "slowed"),
            ("occurred", "exact"), ("occurred_at", &typed), ("zone", place.name())];
        let user = world.anyone();
        user.post_form("/report", &fields).await.shows_form_again("occurred_at").says("occurs twice").says("Which one is it?");
        fields.push(("fold", "later"));
        let receipt = user.post_form("/report", &fields).await.is(303).location().split('?').next().unwrap().to_owned();
        assert_eq!(kept(world, &receipt).0.occurred_at, Some(place.day_bounds(day).0.plus_seconds(3 * 3_600 + 1_800)));
        fields[5].1 = "Europe/Berlin";
        fields[4].1 = "2026-03-29T02:30";
        user.post_form("/report", &fields).await.shows_form_again("occurred_at").says("does not exist");
        fields[4].1 = "2026-02-30T02:30";
        user.post_form("/report", &fields).await.shows_form_again("occurred_at").says("no 2026-02-30 in the calendar");
    }

    /// Sent, gone back, changed and sent again: the form comes back once more, with a new key.
    async fn another_problem_from_the_same_form_is_asked_about(world) {
        night(world, None);
        let sent = key("reused");
        let fields = |text: &'static str| [("idempotency_key", key("reused")), ("description", text.to_owned()), ("impact", "slowed".to_owned())];
        let send = |fields: [(&'static str, String); 3]| {
            let user = world.anyone();
            async move {
                let fields: Vec<(&str, &str)> = fields.iter().map(|(n, v)| (*n, v.as_str())).collect();
                user.post_form("/report", &fields).await
            }
        };
        send(fields("一")).await.is(303);
        let again = send(fields("二")).await.is(422).says("This form was sent before").says("二");
        assert_ne!(key_in(&again), sent);
        counts_are_right(world, 1);
    }

    /// A database that is held by somebody else costs nobody what was typed, nor the key.
    async fn trouble_keeps_what_was_typed(world) {
        use diesel::connection::SimpleConnection;
        use interlude::store::connection::Db;
        night(world, None);
        let mut other = world.store.database().open(1_000).unwrap();
        match &mut other {
            Db::Sqlite(c) => c.batch_execute("BEGIN IMMEDIATE").unwrap(),
            Db::Postgres(c) => c.batch_execute("BEGIN; LOCK TABLE reports IN ACCESS EXCLUSIVE MODE").unwrap(),
        }
        let key = key("trouble");
        let fields = [("idempotency_key", key.as_str()), ("description", "打不开"), ("impact", "blocked"), ("account", "A-1")];
        let held = world.anyone().post_form("/windows/night/report", &fields).await.is(503)
            .says("Everything you typed is still here").says("打不开").says("A-1");
        assert_eq!(held.header("retry-after"), "1");
        assert_eq!(key_in(&held), key);
        let text = held.text();
        assert!(text.contains("value=\"blocked\" id=\"impact\" checked"), "{text}");
        drop(other);
        world.anyone().post_form("/windows/night/report", &fields).await.is(303);
        counts_are_right(world, 1);
    }
}

/// `interlude verify` counts again beside the running server, and names what differs with exit code 5.
#[test]
fn the_command_line_verifies() {
    use diesel::prelude::*;
    use interlude::store::connection::Database;
    use interlude::store::schema::report_counters;
    let world = World::on_sqlite();
    world.run(async {
        night(&world, None);
        reported(&world.anyone(), &[]).await;
    });
    let Database::Sqlite(path) = world.store.database().clone() else { panic!("a file was asked for") };
    let verify = || {
        std::process::Command::new(env!("CARGO_BIN_EXE_interlude"))
            .args(["verify", "--database-url", &format!("sqlite:{}", path.display())])
            .output()
            .unwrap()
    };
    let good = verify();
    assert_eq!(good.status.code(), Some(0), "{good:?}");
    assert!(String::from_utf8_lossy(&good.stdout).contains("1 reports counted again"));
    world.write(|w| {
        diesel::update(report_counters::table)
            .set(report_counters::reports.eq(7i64))
            .execute(w.connection)?;
        Ok(())
    });
    let bad = verify();
    assert_eq!(bad.status.code(), Some(5), "{bad:?}");
    assert!(String::from_utf8_lossy(&bad.stdout).contains("says 7, there are 1"), "{bad:?}");
}
