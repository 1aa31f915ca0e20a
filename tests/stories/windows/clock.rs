//! What the clock does with windows, and what it leaves to people.

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use interlude::jobs;
use interlude::store::connection::Db;
use interlude::store::jobs::JobKind;
use interlude::store::schema::windows;
use interlude::store::{self, audit};
use serde_json::json;

use super::{hours_from_now, operator, planned, published};
use crate::support::World;

const WINDOW: &str = "/api/v1/windows/core-upgrade";

/// Moves the schedule as if that many hours had passed.
fn later(world: &World, hours: i64) {
    world.write(move |w| {
        let (start, end): (interlude::domain::instant::Instant, Option<_>) =
            windows::table.select((windows::scheduled_start, windows::scheduled_end)).first(w.connection)?;
        let end = end.map(|t: interlude::domain::instant::Instant| t.plus_hours(-hours));
        diesel::update(windows::table)
            .set((windows::scheduled_start.eq(start.plus_hours(-hours)), windows::scheduled_end.eq(end)))
            .execute(w.connection)?;
        Ok(())
    });
}

story! {
    /// What was reported before its notice came out belongs to the window all the same.
    async fn a_notice_that_comes_late_takes_what_it_is_about(world) {
        let operator = operator(world);
        let mut window = planned(-1, 9);
        window["start_by_clock"] = json!(false);
        operator.post_json("/api/v1/windows", window).await.is(201);
        let sent = world.anyone().post_json_once("/api/v1/reports", "a-key-of-at-least-22-letters",
            json!({"description": "登录不了", "impact": "blocked"})).await.is(201).json();
        assert_eq!(sent["window"], json!(null));
        operator.patch_json(WINDOW, json!({"state": "scheduled"})).await.is(200);
        jobs::tick(&world.store, false).await.unwrap();
        let report = format!("/api/v1/reports/{}", sent["reference"].as_str().unwrap());
        let report = operator.get_json(&report).await;
        assert_eq!((&report["window"], &report["stage"]), (&json!("core-upgrade"), &json!("implementation")));
    }
}

story! {
    /// The clock starts a window once its time has come, and only once.
    async fn the_clock_starts_what_is_due(world) {
        let operator = published(world, 1, 9).await;
        jobs::tick(&world.store, true).await.unwrap();
        assert_eq!(operator.get_json(WINDOW).await["state"], "scheduled");
        later(world, 2);
        let both = futures_util::future::join(jobs::tick(&world.store, false), jobs::tick(&world.store, false)).await;
        both.0.unwrap();
        both.1.unwrap();
        let window = operator.get_json(WINDOW).await;
        assert_eq!(window["state"], "in_progress");
        assert_eq!(window["updates"].as_array().unwrap().len(), 1);
        let acts = world.read(|c| audit::list(c, None, 50));
        let starts: Vec<_> = acts.iter().filter(|a| a.action == "window.start").collect();
        assert_eq!((starts.len(), starts[0].actor.as_str()), (1, "clock"));
        // Past its end it stays a person's to complete.
        later(world, 10);
        jobs::tick(&world.store, false).await.unwrap();
        let window = operator.get_json(WINDOW).await;
        assert_eq!((&window["state"], &window["overdue"]), (&json!("in_progress"), &json!(true)));
    }

    /// A window whose time comes while long work goes on does not wait for its end.
    async fn a_window_waits_for_no_long_work(world) {
        let operator = published(world, 1, 9).await;
        jobs::tick(&world.store, false).await.unwrap();
        // From the first step on that is taken, the window is due.
        let due = "UPDATE windows SET scheduled_start = scheduled_start - 7200000000 WHERE state = 'scheduled'";
        world.write(move |w| {
            match &mut *w.connection {
                Db::Sqlite(c) => {
                    c.batch_execute(&format!("CREATE TRIGGER due AFTER UPDATE ON jobs BEGIN {due}; END"))?;
                }
                Db::Postgres(c) => c.batch_execute(&format!(
                    "CREATE FUNCTION due() RETURNS trigger LANGUAGE plpgsql AS \
                     $$BEGIN {due}; RETURN NEW; END$$; \
                     CREATE TRIGGER due AFTER UPDATE ON jobs FOR EACH ROW EXECUTE FUNCTION due()"
                ))?,
            }
            // Two that are done in a step each, for they are about no window.
            (0..2).try_for_each(|_| store::jobs::ask(w, JobKind::Reattribute, "999999"))
        });
        jobs::tick(&world.store, false).await.unwrap();
        assert_eq!(operator.get_json(WINDOW).await["state"], "in_progress");
    }

    /// One that is set to be completed by the clock is, with nothing ticked.
    async fn the_clock_completes_only_what_is_set_to(world) {
        let operator = published(world, 1, 9).await;
        operator.patch_json(WINDOW, json!({"complete_by_clock": true})).await.is(200);
        operator.patch_json(WINDOW, json!({"state": "in_progress"})).await.is(200);
        later(world, 12);
        jobs::tick(&world.store, false).await.unwrap();
        let window = operator.get_json(WINDOW).await;
        assert_eq!(window["state"], "completed");
        assert!(window["components"][0].get("tested_at").is_none());
    }

    /// What the clock was told to leave, or whose time is over, is not started.
    async fn the_clock_leaves_the_rest(world) {
        let operator = operator(world);
        for (slug, by_clock) in [("by-hand", false), ("missed", true)] {
            let mut window = planned(1, 9);
            window["slug"] = json!(slug);
            window["start_by_clock"] = json!(by_clock);
            window["scheduled_end"] = json!(hours_from_now(if by_clock { 2 } else { 9 }));
            window["state"] = json!("scheduled");
            operator.post_json("/api/v1/windows", window).await.is(201);
        }
        world.write(|w| {
            let over = windows::table.filter(windows::slug.eq("missed"));
            diesel::update(windows::table).set(windows::scheduled_start.eq(w.now.plus_hours(-3))).execute(w.connection)?;
            diesel::update(over).set(windows::scheduled_end.eq(w.now.plus_hours(-1))).execute(w.connection)?;
            Ok(())
        });
        jobs::tick(&world.store, false).await.unwrap();
        for slug in ["by-hand", "missed"] {
            assert_eq!(operator.get_json(&format!("/api/v1/windows/{slug}")).await["state"], "scheduled", "{slug}");
        }
        world.anyone().get("/windows/missed").await.is(200).says("has not begun");
    }
}
