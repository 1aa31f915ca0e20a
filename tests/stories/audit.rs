//! The audit log: found by who, what, which thing and when; taken out as a file; and never changed.

use diesel::prelude::*;
use interlude::domain::person::Role;
use interlude::jobs;
use interlude::store::people::Actor as StoreActor;
use interlude::store::{Store, audit, triage_rules};
use serde_json::json;

use crate::support::{Actor, World};

/// The acts with this name, oldest first: who, to which thing, and what more is said.
fn acts(world: &World, action: &str) -> Vec<(String, String, String)> {
    let rows = world.read(|c| audit::list(c, None, 10_000));
    let fits = rows.into_iter().rev().filter(|row| row.action == action);
    fits.map(|row| (row.actor, row.thing, row.detail)).collect()
}

/// Sends a report; gives its name and the path of its receipt.
async fn report(by: &Actor, key: &str) -> (String, String) {
    let body =
        json!({"impact": "blocked", "description": "Nothing works.", "contact": {"phone": "138 0013 8000"}});
    let sent =
        by.post_json_once("/api/v1/reports", &format!("{key}-of-22-characters"), body).await.is(201).json();
    let path = sent["receipt_url"].as_str().unwrap().split("/receipts/").nth(1).unwrap();
    (sent["reference"].as_str().unwrap().to_owned(), format!("/receipts/{path}"))
}

/// Runs a statement behind the scene, which may be refused.
fn try_to(store: &Store, sql: &'static str) -> Result<usize, String> {
    let store = store.clone();
    let done = std::thread::spawn(move || {
        store.write_here(move |w| Ok(diesel::sql_query(sql).execute(w.connection)?))
    });
    done.join().unwrap().map_err(|e| e.to_string())
}

fn count(world: &World) -> i64 {
    use interlude::store::schema::audit_rows;
    world.read(|c| Ok(audit_rows::table.count().get_result(c)?))
}

story! {
    /// Every field of the filter narrows the list; pages keep it; what is wrong is marked.
    async fn acts_are_found(world) {
        let administrator = world.staff(Role::Administrator);
        for name in ["li.wei", "zhang.min"] {
            let fields = [
                ("idempotency_key", format!("a-key-for-{name}-22-characters")),
                ("name", name.to_owned()),
                ("role", "viewer".to_owned()),
                ("password", "walking home in the rain".to_owned()),
                ("password_again", "walking home in the rain".to_owned()),
            ];
            let fields: Vec<(&str, &str)> = fields.iter().map(|(n, v)| (*n, v.as_str())).collect();
            administrator.post_form("/admin/people", &fields).await.is(303);
        }
        for _ in 0..30 {
            administrator.post_form("/admin/people/2/disable", &[]).await.is(303);
            administrator.post_form("/admin/people/2/enable", &[]).await.is(303);
        }
        administrator.post_form("/admin/people/3/disable", &[]).await.is(303);
        let rows = async |query: &str| {
            let page = administrator.get(&format!("/admin/audit?{query}")).await.is(200);
            page.text().matches("<tr><td").count()
        };
        assert_eq!(rows("").await, 50);
        assert_eq!(rows("what=person.enable").await, 30);
        assert_eq!(rows("what=person.disable&thing=zhang.min").await, 1);
        assert_eq!(rows("thing=zhang*").await, 2);
        assert_eq!(rows("thing=Zhang*").await, 0);
        assert_eq!(rows("what=person.*&thing=li.wei").await, 50);
        assert_eq!(rows("who=person%3Aadministrator-1&what=person.add").await, 2);
        assert_eq!(rows("who=command+line&what=person.add").await, 1);
        assert_eq!(rows("from=2020-01-01&to=2020-12-31").await, 0);
        assert_eq!(rows("from=2020-01-01T00:00:00Z&what=person.add").await, 3);
        let page = administrator.get("/admin/audit?what=person.*&thing=li.wei").await;
        let text = page.text();
        let next = text.split("rel=\"next\" href=\"").nth(1).unwrap().split('"').next().unwrap();
        let next = next.replace("&#38;", "&").replace("&amp;", "&");
        let second = administrator.get(&next).await.is(200).lacks("zhang.min");
        assert_eq!(second.text().matches("<tr><td").count(), 11);
        administrator.get("/admin/audit?from=yesterday").await.shows_form_again("from").says("yesterday");
        administrator.get("/admin/audit?to=2026-02-30").await.shows_form_again("to");
        administrator.get("/admin/audit?thing=a%07b").await.shows_form_again("thing");
        administrator.get("/admin/audit?what=%F0%9F%98%80*&who=%27%22%3C").await.is(200);
        administrator.get("/admin/audit?nonsense=1").await.is(422);
    }

    /// The same rows as a file, in both formats, and that it was taken is noted.
    async fn acts_are_exported(world) {
        let administrator = world.staff(Role::Administrator);
        let export = [("idempotency_key", "a-key-of-22-characters-x"), ("name", "=cmd()"), ("role", "viewer")];
        administrator.post_form("/admin/tokens", &export).await.is(200);
        let csv = administrator.get("/admin/audit/audit.csv?what=token.create").await.is(200);
        assert_eq!(csv.header("cache-control"), "no-store");
        assert!(csv.header("content-disposition").contains("audit.csv"));
        let text = csv.text();
        let lines: Vec<&str> = text.trim_start_matches('\u{feff}').lines().collect();
        assert_eq!(lines[0], "id,at,actor,action,thing,detail");
        assert_eq!(lines.len(), 2);
        assert!(lines[1].contains("person:administrator-1,token.create,'=cmd(),viewer"), "{}", lines[1]);
        let jsonl = administrator.get("/admin/audit/audit.jsonl").await.is(200).text();
        let rows: Vec<serde_json::Value> = jsonl.lines().map(|l| serde_json::from_str(l).unwrap()).collect();
        assert!(rows.iter().any(|row| row["action"] == "token.create" && row["thing"] == "=cmd()"));
        assert!(rows.iter().any(|row| row["action"] == "audit.export"), "the first export is noted");
        let ids: Vec<i64> = rows.iter().map(|row| row["id"].as_i64().unwrap()).collect();
        assert!(ids.windows(2).all(|pair| pair[0] > pair[1]));
        assert!(administrator.get("/admin/audit/audit.xlsx").await.is(200).bytes.starts_with(b"PK"));
        administrator.get("/admin/audit/audit.pdf").await.is(404);
        administrator.get("/admin/audit/audit.csv?before=3").await.is(422);
        administrator.get("/admin/audit/audit.csv?from=x").await.is(422);
        world.staff(Role::Operator).get("/admin/audit/audit.csv").await.is(403);
        administrator.get("/admin/audit").await.says("Exported the audit log");
    }

    /// Whatever changes where a report stands is noted: linking, resolving what is behind it, its reporter
    /// who says that it is not fixed, or who answers a question.
    async fn every_change_of_a_status_is_noted(world) {
        let reporter = world.anyone();
        let program = world.program(Role::Support);
        let (name, receipt) = report(&reporter, "first-report").await;
        let issue = program.post_json("/api/v1/known-issues", json!({"title": {"en": "No codes"}, "public": true})).await.is(201).json();
        let link = json!({"known_issue": issue["id"]});
        program.patch_json(&format!("/api/v1/reports/{name}"), link).await.is(200);
        let resolved = json!({"status": "resolved", "answer": {"en": "It works again.", "zh-CN": "已恢复"}});
        program.patch_json(&format!("/api/v1/known-issues/{}", issue["id"]), resolved).await.is(200);
        jobs::tick(&world.store, false).await.unwrap();
        reporter.post_form(&format!("{receipt}/verdict"), &[("verdict", "not_fixed")]).await.is(303);
        program.patch_json(&format!("/api/v1/reports/{name}"), json!({"status": "waiting"})).await.is(200);
        let reply = [("idempotency_key", "a-reply-of-22-characters"), ("message", "It was at three.")];
        reporter.post_form(&format!("{receipt}/messages"), &reply).await.is(303);
        let told: Vec<(String, String)> = acts(world, "report.status")
            .into_iter()
            .inspect(|(_, thing, _)| assert_eq!(*thing, name))
            .map(|(who, _, what)| (who, what))
            .collect();
        let expected = [
            ("token:a program", "new → acknowledged"),
            ("clock", "acknowledged → resolved"),
            ("reporter", "resolved → in_progress"),
            ("token:a program", "in_progress → waiting"),
            ("reporter", "waiting → in_progress"),
        ];
        assert_eq!(told, expected.map(|(who, what)| (who.to_owned(), what.to_owned())));
    }

    /// Log-outs, what is taken away, and which settings were changed.
    async fn ends_deletions_and_settings_are_noted(world) {
        let administrator = world.staff(Role::Administrator);
        let leaving = world.staff(Role::Viewer);
        leaving.post_form("/logout", &[]).await.is(303);
        leaving.post_form("/logout", &[]).await.is(303);
        assert_eq!(acts(world, "logout"), [("person:viewer-2".into(), "viewer-2".into(), String::new())]);

        let filter = [("name", "13800138000"), ("query", "q=13800138000"), ("shared", "yes")];
        administrator.post_form("/admin/filters", &filter).await.is(303);
        administrator.post_form("/admin/filters/1", &[("confirm", "13800138000")]).await.is(303);
        let removed = acts(world, "filter.remove");
        assert_eq!((removed.len(), removed[0].1.as_str()), (1, "filter 1"));
        assert!(!format!("{removed:?}").contains("138"), "a number is kept: {removed:?}");

        let fields = [("service_name", "Yunfan"), ("default_language", "en"), ("time_zone", "Europe/Berlin"), ("embed_origins", "")];
        administrator.post_form("/admin/settings", &fields).await.is(303);
        administrator.post_form("/admin/settings", &fields).await.is(303);
        let changed = acts(world, "settings.change");
        assert_eq!(changed[0].2, "service_name, default_language, time_zone");
        assert_eq!(changed[1].2, "");

        world.write(|w| {
            let mut rules = triage_rules::load(w.connection)?;
            rules.weights.blocked = 77;
            rules.targets.high.answer = 45;
            rules.hours = None;
            triage_rules::change(w, &StoreActor::CommandLine, rules.revision, &rules, &[])
        });
        assert_eq!(acts(world, "triage.rules")[0].2, "weight.blocked 77, answer.high 45, hours");
        for page in ["/admin/audit", "/admin/audit?what=logout"] {
            administrator.get(page).await.is(200).says("Logged out");
        }
    }

    /// Before the first contact leaves it is noted who asks for it; what was looked for is not kept; and
    /// whoever cannot note it gives nothing out.
    async fn contacts_leave_only_with_a_trace(world) {
        let (name, _) = report(&world.anyone(), "a-report").await;
        jobs::tick(&world.store, false).await.unwrap();
        let program = world.program(Role::Support);
        let all = program.get("/api/v1/exports/reports.csv?contacts=true&q=13800138000").await.is(200);
        assert!(all.text().contains(&name) && all.text().contains("138 0013 8000"));
        let begun = acts(world, "export.begin");
        let said = "machine csv; filter: q=***; with contacts";
        assert_eq!(begun, [("token:a program".into(), "reports".into(), said.into())]);
        assert_eq!(acts(world, "export")[0].2, format!("{said}; 1 rows"));
        program.get("/api/v1/exports/reports.csv").await.is(200);
        assert_eq!(acts(world, "export.begin").len(), 1, "without contacts nothing leaves that must be announced");
        // Reading goes on, noting does not.
        let refuse = if world.on_one_writer() {
            "CREATE TRIGGER no_more BEFORE INSERT ON audit_rows BEGIN SELECT RAISE(ABORT, 'no more'); END"
        } else {
            "ALTER TABLE audit_rows ADD CONSTRAINT no_more CHECK (action <> 'export.begin') NOT VALID"
        };
        try_to(&world.store, refuse).unwrap();
        let refused = program.get("/api/v1/exports/reports.csv?contacts=true").await;
        assert!(refused.status >= 500 && !refused.text().contains("138 0013 8000"), "{}", refused.text());
    }

    /// Whoever has the database's own password still changes no row, and removes none of this year.
    async fn the_log_is_only_added_to(world) {
        world.staff(Role::Administrator);
        let before = count(world);
        assert!(before >= 2);
        for sql in [
            "UPDATE audit_rows SET detail = 'nothing happened'",
            "DELETE FROM audit_rows",
            "DELETE FROM audit_rows WHERE id = 1",
        ] {
            let refused = try_to(&world.store, sql).unwrap_err();
            assert!(refused.contains("audit log"), "{sql}: {refused}");
        }
        let other = if world.on_one_writer() {
            "INSERT OR REPLACE INTO audit_rows (id, at, actor, action, thing, detail) VALUES (1, 0, '', '', '', '')"
        } else {
            "TRUNCATE audit_rows"
        };
        assert!(try_to(&world.store, other).unwrap_err().contains("audit log"));
        assert_eq!(count(world), before);
        // What is older than a year may be forgotten.
        let old = "INSERT INTO audit_rows (at, actor, action, thing, detail) VALUES (0, 'clock', 'login', '', '')";
        assert_eq!(try_to(&world.store, old), Ok(1));
        assert_eq!(try_to(&world.store, "DELETE FROM audit_rows WHERE at = 0"), Ok(1));
    }
}
