//! Forgetting in time: contacts and accounts of reports that were done long ago, old audit rows, and
//! what log-ins leave behind.

use std::process::Command;

use diesel::prelude::*;
use interlude::domain::person::Role;
use interlude::jobs::{self, forgetting};
use interlude::store::connection::Database;
use interlude::store::keeping::{self, Keeping};
use interlude::store::people::Actor as StoreActor;
use interlude::store::schema::{report_contents, report_events, reports};
use serde_json::json;

use crate::support::process::PROGRAM;
use crate::support::{Actor, World};

/// Reports something with a contact and an account; gives its reference and its receipt's link.
async fn report(by: &Actor, n: usize) -> (String, String) {
    let body = json!({
        "impact": "blocked", "description": "The page stays empty.", "account": "ORDER-8871",
        "contact": { "phone": "+86 138 0013 8000", "email": "li@example.com" },
    });
    let reply =
        by.post_json_once("/api/v1/reports", &format!("a-key-of-22-characters-{n}"), body).await.is(201);
    let json = reply.json();
    let link = json["receipt_url"].as_str().unwrap().split("/receipts/").nth(1).unwrap().to_owned();
    (json["reference"].as_str().unwrap().to_owned(), link)
}

/// Moves everything that happened to these reports this many days into the past.
fn age(world: &World, days: i64, ids: &[i64]) {
    let ids = ids.to_vec();
    world.write(move |w| {
        let then = w.now.plus_hours(-24 * days);
        diesel::update(reports::table.filter(reports::id.eq_any(&ids)))
            .set((reports::received_at.eq(then), reports::occurred_at.eq(then)))
            .execute(w.connection)?;
        diesel::update(report_events::table.filter(report_events::report_id.eq_any(&ids)))
            .set(report_events::at.eq(then))
            .execute(w.connection)?;
        Ok(())
    });
}

/// The numbers of the reports that still hold a contact or an account.
fn personal(world: &World) -> Vec<i64> {
    world.read(|c| {
        Ok(report_contents::table
            .filter(report_contents::phone.is_not_null().or(report_contents::account.is_not_null()))
            .order(report_contents::report_id)
            .select(report_contents::report_id)
            .load(c)?)
    })
}

fn program(world: &World, arguments: &[&str]) -> (i32, String) {
    let url = match world.store.database() {
        Database::Sqlite(path) => format!("sqlite:{}", path.display()),
        Database::Postgres(url) => url.clone(),
    };
    let out = Command::new(PROGRAM).args(arguments).env("DATABASE_URL", url).output().unwrap();
    let said = format!("{}{}", String::from_utf8_lossy(&out.stdout), String::from_utf8_lossy(&out.stderr));
    (out.status.code().unwrap_or(-1), said)
}

story! {
    /// Contacts of reports that were done long ago go, and nothing else does.
    async fn contacts_are_forgotten_in_time(world) {
        let support = world.staff(Role::Support);
        let anyone = world.anyone();
        let mut made = Vec::new();
        for n in 0..4 {
            made.push(report(&anyone, n).await);
        }
        let ids: Vec<i64> = world.read(|c| Ok(reports::table.order(reports::id).select(reports::id).load(c)?));
        // The first is resolved, the second open, the third resolved a moment ago, the fourth closed.
        for (n, status) in [(0, "resolved"), (2, "resolved"), (3, "closed")] {
            let path = format!("/api/v1/reports/{}", made[n].0);
            support.patch_json(&path, json!({ "status": status })).await.is(200);
        }
        age(world, 100, &[ids[0], ids[1], ids[3]]);
        assert_eq!(personal(world), ids);
        let (code, said) = program(world, &["purge", "--dry-run"]);
        assert_eq!(code, 0, "{said}");
        assert!(said.contains("Would be forgotten") && said.contains("2  contacts"), "{said}");
        assert_eq!(personal(world), ids, "a dry run forgets nothing");

        jobs::tick(&world.store, true).await.unwrap();
        assert_eq!(personal(world), [ids[1], ids[2]]);
        jobs::tick(&world.store, true).await.unwrap();
        let (code, said) = program(world, &["purge"]);
        assert_eq!(code, 0, "{said}");
        assert!(said.contains("0  contacts"), "{said}");

        let page = support.get(&format!("/admin/reports/{}", made[0].0)).await.is(200);
        page.says("The page stays empty.").lacks("138 0013 8000").lacks("li@example.com").lacks("ORDER-8871");
        support.get(&format!("/admin/reports/{}", made[1].0)).await.says("li@example.com").says("ORDER-8871");
        let csv = support.get("/admin/exports/reports.csv?contacts=true").await.is(200);
        assert_eq!(csv.text().matches("ORDER-8871").count(), 2);
        // The receipt still opens, without the contact.
        anyone.get(&format!("/receipts/{}", made[0].1)).await.is(200).lacks("li@example.com");
        let administrator = world.staff(Role::Administrator);
        administrator.get("/admin/audit?what=privacy.purge").await.is(200).says("the clock");
    }

    /// Contacts of me-toos and of invited lists go too, each step noted with how many there were, by whom.
    async fn what_is_forgotten_of_others_is_noted(world) {
        let support = world.program(Role::Support);
        let issue = support.post_json("/api/v1/known-issues", json!({"title": "No SMS codes"})).await.is(201).json();
        let issue = format!("/api/v1/known-issues/{}", issue["id"]);
        for n in 0..3 {
            let contact = if n < 2 { json!({"phone": "13800138000"}) } else { json!({}) };
            let body = json!({"contact": contact});
            let key = format!("a-me-too-of-22-characters-{n}");
            world.anyone().post_json_once(&format!("{issue}/me-too"), &key, body).await.is(201);
        }
        support.patch_json(&issue, json!({"status": "resolved", "answer": "Over"})).await.is(200);
        jobs::tick(&world.store, false).await.unwrap();
        crate::surveys::window(world, "night", interlude::domain::survey::TemplateKey::Short, 1);
        let list = [("act", "upload"), ("list", "contact\na@example.com\nb@example.com\nc@example.com")];
        world.staff(Role::Support).post_form("/admin/surveys/night/invitations", &list).await.is(303);
        let notes = || {
            let acts = world.read(|c| interlude::store::audit::list(c, None, 100));
            let notes = acts.into_iter().filter(|a| a.action == "privacy.purge");
            notes.map(|a| (a.actor, a.thing, a.detail)).collect::<Vec<_>>()
        };
        jobs::tick(&world.store, true).await.unwrap();
        assert_eq!(notes(), [], "not before their time");
        world.write(|w| {
            use interlude::store::schema::{invitations, me_too_events, me_toos};
            let then = w.now.plus_hours(-24 * 100);
            diesel::update(me_toos::table).set(me_toos::created_at.eq(then)).execute(w.connection)?;
            diesel::update(me_too_events::table).set(me_too_events::at.eq(then)).execute(w.connection)?;
            diesel::update(invitations::table).set(invitations::decided_at.eq(then)).execute(w.connection)?;
            Ok(())
        });
        let keeping = Keeping { contact_days: Some(90), audit_days: None };
        let store = world.store.clone();
        assert_eq!(std::thread::spawn(move || forgetting::at_once(&store, keeping).unwrap().contacts).join().unwrap(), 5);
        let of = |thing: &str, n: &str| (notes()[0].0.clone(), thing.to_owned(), n.to_owned());
        assert_eq!(notes(), [of("contacts of invited lists", "3"), of("contacts of me-toos", "2")]);
        jobs::tick(&world.store, true).await.unwrap();
        assert_eq!(notes().len(), 2, "nothing was left to forget");
    }

    /// What is set holds for the clock; what is nonsense is not set.
    async fn how_long_is_settable(world) {
        let administrator = world.staff(Role::Administrator);
        let (support, anyone) = (world.staff(Role::Support), world.anyone());
        administrator.get("/admin/settings").await.is(200).says("value=\"90\"");
        let set = async |contacts: &str, rows: &str| {
            let fields = [("contact_days", contacts), ("audit_days", rows)];
            administrator.post_form("/admin/settings/keeping", &fields).await
        };
        for days in ["0", "-1", "x", "1.5", "36501", "99999999999"] {
            set(days, "").await.shows_form_again("contact_days").says(days);
        }
        set("90", "365").await.shows_form_again("audit_days");
        let reference = report(&anyone, 0).await.0;
        let path = format!("/api/v1/reports/{reference}");
        support.patch_json(&path, json!({ "status": "resolved" })).await.is(200);
        let id = personal(world);
        age(world, 100, &id);
        set("", "400").await.goes_to("/admin/settings?done=keeping");
        jobs::tick(&world.store, true).await.unwrap();
        assert_eq!(personal(world), id, "for ever means for ever");
        assert_eq!(
            world.read(keeping::keeping),
            Keeping { contact_days: None, audit_days: Some(400) }
        );
        set("99", "").await.is(303);
        jobs::tick(&world.store, true).await.unwrap();
        assert!(personal(world).is_empty());
    }

    /// Many instances forget at once, and what they count together is what there was.
    async fn instances_forget_once(world) {
        let (support, anyone) = (world.staff(Role::Support), world.anyone());
        for n in 0..20 {
            let reference = report(&anyone, n).await.0;
            let path = format!("/api/v1/reports/{reference}");
            support.patch_json(&path, json!({ "status": "resolved" })).await.is(200);
        }
        let ids = personal(world);
        assert_eq!(ids.len(), 20);
        age(world, 100, &ids);
        let keeping = Keeping { contact_days: Some(90), audit_days: None };
        let mut threads = Vec::new();
        for _ in 0..4 {
            let store = world.store.clone();
            threads.push(std::thread::spawn(move || forgetting::at_once(&store, keeping).unwrap().contacts));
        }
        let counted: usize = threads.into_iter().map(|t| t.join().unwrap()).sum();
        assert_eq!(counted, 20);
        assert!(personal(world).is_empty());
    }

    /// Old rows of the audit log go if that is set, and younger ones cannot.
    async fn old_audit_rows_are_forgotten(world) {
        world.staff(Role::Administrator);
        world.write(|w| {
            for days in [10, 390, 410, 800] {
                let at = w.now.plus_hours(-24 * days).micros();
                let sql = format!(
                    "INSERT INTO audit_rows (at, actor, action, thing, detail) VALUES ({at}, 'clock', 'login', 'old', '')"
                );
                diesel::sql_query(sql).execute(w.connection)?;
            }
            Ok(())
        });
        let forget = |days: u32| {
            let keeping = Keeping { contact_days: None, audit_days: Some(days) };
            world.write(move |w| keeping::forget_audit_rows(w, &StoreActor::Clock, keeping))
        };
        assert_eq!(forget(400), 2);
        assert_eq!(forget(400), 0);
        assert_eq!(forget(1), 1, "no less than a year, whatever is asked for");
    }
}
