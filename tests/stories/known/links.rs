//! Links are not overwritten unseen: whoever was slower is shown what there is and what they chose.

use interlude::domain::person::Role;
use interlude::domain::reference::ReportReference;
use interlude::domain::report::Status;
use serde_json::json;

use super::{issue, link, nothing_is_wrong, reports};
use crate::support::{Actor, Reply};

fn hidden(page: &Reply, name: &str) -> String {
    let text = page.text();
    let form = text.split("/known-issue\">").nth(1).unwrap_or(&text);
    form.split(&format!("name=\"{name}\" value=\""))
        .nth(1)
        .unwrap_or("\"")
        .split('"')
        .next()
        .unwrap()
        .to_owned()
}

/// The form that links a report, as its page shows it, with this in addition.
async fn sent(actor: &Actor, name: &str, page: &Reply, more: &[(&str, &str)]) -> Reply {
    let shown: Vec<(&str, String)> =
        ["revision", "seen", "seen_known"].iter().map(|name| (*name, hidden(page, name))).collect();
    let mut fields: Vec<(&str, &str)> = shown.iter().map(|(name, value)| (*name, value.as_str())).collect();
    fields.extend(more);
    actor.post_form(&format!("/admin/reports/{name}/known-issue"), &fields).await
}

fn name(id: i64) -> String {
    ReportReference(id).to_string()
}

story! {
    /// The page of a report is old: nothing is linked away, and what was chosen is still chosen.
    async fn a_stale_page_links_nothing_away(world) {
        let (one, two) = (issue(world), issue(world));
        let ids = reports(world, 2, Status::New);
        let (staff, here) = (world.staff(Role::Support), format!("/admin/reports/{}", name(ids[0])));
        let page = staff.get(&here).await.is(200);
        link(world, one, &ids);
        let (issue, similar) = (two.to_string(), name(ids[1]));
        let chosen = [("act", "link"), ("known_issue", issue.as_str()), ("similar", similar.as_str())];
        let late = sent(&staff, &name(ids[0]), &page, &chosen).await.is(409);
        let late = late.says("was changed while you were typing").says("Linked to a known issue").says("belong to another known issue");
        assert!(late.text().contains(&format!("value=\"{similar}\" checked")), "{}", late.text());
        assert!(late.text().contains(&format!("<option value=\"{two}\" selected")));
        let program = world.program(Role::Viewer);
        for id in &ids {
            assert_eq!(program.get_json(&format!("/api/v1/reports/{}", name(*id))).await["known_issue"], json!(one));
        }
        // Sent again from there it is known what is taken from where.
        let moves: Vec<String> = ids.iter().map(|id| format!("{}/{one}", name(*id))).collect();
        for one in &moves {
            assert!(late.text().contains(&format!("name=\"move\" value=\"{one}\"")));
        }
        let mut again = chosen.to_vec();
        again.extend(moves.iter().map(|m| ("move", m.as_str())));
        sent(&staff, &name(ids[0]), &late, &again).await.is(303);
        assert_eq!(program.get_json(&format!("/api/v1/known-issues/{two}")).await["reports"], 2);
        // An old page takes nothing off either.
        sent(&staff, &name(ids[0]), &page, &[("known_issue", "")]).await.is(409);
        assert_eq!(program.get_json(&format!("/api/v1/known-issues/{two}")).await["reports"], 2);
        // Whoever sees where it is may move it.
        let (page, issue) = (staff.get(&here).await, one.to_string());
        sent(&staff, &name(ids[0]), &page, &[("act", "link"), ("known_issue", &issue)]).await.is(303);
        nothing_is_wrong(world);
    }

    /// The page of an issue takes only its own reports off, and takes none from another one unasked.
    async fn the_page_of_an_issue_touches_its_own(world) {
        let (one, two) = (issue(world), issue(world));
        let ids = reports(world, 2, Status::New);
        link(world, two, &ids);
        let (staff, here, first) = (world.staff(Role::Support), format!("/admin/known-issues/{one}"), name(ids[0]));
        staff.post_form(&here, &[("act", "unlink"), ("report", &first)]).await.is(409).says("Nothing was done");
        let late = staff.post_form(&here, &[("act", "link"), ("report", &first)]).await.is(409).says("belong to another known issue");
        let late = late.says(&format!("value=\"{first}\"")).says(&format!("value=\"{first}/{two}\""));
        late.says("No SMS codes");
        let program = world.program(Role::Viewer);
        assert_eq!(program.get_json(&format!("/api/v1/known-issues/{two}")).await["reports"], 2);
        let moved = format!("{first}/{two}");
        staff.post_form(&here, &[("act", "link"), ("references", &first), ("move", &moved)]).await.is(303);
        staff.post_form(&here, &[("act", "unlink"), ("report", &first)]).await.is(303);
        // Off already is off.
        staff.post_form(&here, &[("act", "unlink"), ("report", &first)]).await.is(303);
        // A new one takes what is said to be taken.
        let second = name(ids[1]);
        let form = staff.get(&format!("/admin/known-issues/new?report={second}")).await.is(200).says("belong to another known issue");
        let key = hidden(&form, "idempotency_key");
        let fields = [("idempotency_key", key.as_str()), ("title.en", "New"), ("title.zh-CN", "新"), ("status", "investigating"), ("report", second.as_str())];
        let late = staff.post_form("/admin/known-issues/new", &fields).await.is(409).says("belong to another known issue");
        let (key, moved) = (hidden(&late, "idempotency_key"), format!("{second}/{two}"));
        let fields = [&fields[1..], &[("idempotency_key", key.as_str()), ("move", &moved)]].concat();
        staff.post_form("/admin/known-issues/new", &fields).await.is(303);
        nothing_is_wrong(world);
    }

    /// Programs are told of the conflict, and may say that they mean it.
    async fn programs_are_told_of_the_conflict(world) {
        let (one, two) = (issue(world), issue(world));
        let ids = reports(world, 1, Status::New);
        link(world, two, &ids);
        let (support, first) = (world.program(Role::Support), name(ids[0]));
        let path = format!("/api/v1/known-issues/{one}");
        for body in [json!({"unlink": [first]}), json!({"link": [first]})] {
            let told = support.patch_json(&path, body).await.shows_problem(409, "");
            assert!(told.text().contains(&first), "{}", told.text());
        }
        support.post_json("/api/v1/known-issues", json!({"title": "x", "reports": [first]})).await.shows_problem(409, "");
        let report = format!("/api/v1/reports/{first}");
        let headers = [("content-type", "application/json"), ("if-match", "\"1\"")];
        support.send("patch", &report, &headers, json!({"known_issue": one}).to_string().into_bytes()).await.is(412);
        assert_eq!(support.get_json(&report).await["known_issue"], json!(two));
        support.patch_json(&path, json!({"link": [first], "move": true})).await.is(200);
        assert_eq!(support.get_json(&report).await["known_issue"], json!(one));
        nothing_is_wrong(world);
    }

    /// Those who said "me too" and wrote, or are not helped, are counted until they are answered.
    async fn me_toos_that_wait_are_seen(world) {
        let (one, other) = (issue(world), issue(world));
        let (staff, anyone) = (world.staff(Role::Support), world.anyone());
        let me_too = |issue: i64| {
            let key = format!("{:032x}", rand::random::<u128>());
            async move { world.anyone().post_json_once(&format!("/api/v1/known-issues/{issue}/me-too"), &key, json!({"contact": {"email": "a@example.org"}})).await.is(201).json() }
        };
        let (a, b, _) = (me_too(one).await, me_too(one).await, me_too(other).await);
        let link_of = |receipt: &serde_json::Value| receipt["receipt_url"].as_str().unwrap().rsplit('/').next().unwrap().to_owned();
        staff.get("/admin/").await.is(200).lacks("known issue wrote");
        anyone.post_json_once(&format!("/api/v1/receipts/{}/messages", link_of(&a)), &"m".repeat(24), json!({"message": "Still"})).await.is(201);
        anyone.post_json(&format!("/api/v1/receipts/{}/verdict", link_of(&b)), json!({"fixed": false})).await.is(200);
        staff.get("/admin/").await.is(200).says("2 people with known issues wrote or say it is not fixed").says("/admin/known-issues?waiting=yes");
        let list = staff.get("/admin/known-issues?waiting=yes").await.is(200).says(&format!("/admin/known-issues/{one}\""));
        list.lacks(&format!("/admin/known-issues/{other}\""));
        staff.post_form(&format!("/admin/me-toos/{}", a["reference"].as_str().unwrap()), &[("answer", "We see")]).await.is(303);
        anyone.post_json(&format!("/api/v1/receipts/{}/verdict", link_of(&b)), json!({"fixed": true})).await.is(200);
        staff.get("/admin/").await.is(200).lacks("known issue wrote").lacks("known issues wrote");
        nothing_is_wrong(world);
    }
}
