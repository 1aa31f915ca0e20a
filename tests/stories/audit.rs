//! The audit log: found by who, what, which thing and when; taken out as a file; and never changed.

use diesel::prelude::*;
use interlude::domain::person::Role;
use interlude::store::Store;

use crate::support::World;

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
        administrator.get("/admin/audit/audit.xlsx").await.is(404);
        administrator.get("/admin/audit/audit.csv?before=3").await.is(422);
        administrator.get("/admin/audit/audit.csv?from=x").await.is(422);
        world.staff(Role::Operator).get("/admin/audit/audit.csv").await.is(403);
        administrator.get("/admin/audit").await.says("Exported the audit log");
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
