//! Known issues by program.

use interlude::domain::person::Role;
use interlude::domain::reference::ReportReference;
use interlude::domain::report::Status;
use interlude::jobs as runner;
use serde_json::json;

use super::{issue, nothing_is_wrong, reports};

story! {
    async fn support_keeps_known_issues_by_program(world) {
        let support = world.program(Role::Support);
        let ids = reports(world, 3, Status::New);
        let names: Vec<String> = ids.iter().map(|id| ReportReference(*id).to_string()).collect();
        let made = support
            .post_json("/api/v1/known-issues", json!({"title": {"zh-CN": "打不开", "en": "Does not open"}, "workaround": "等一等", "reports": [names[0]]}))
            .await
            .is(201);
        let one = made.json();
        let path = format!("/api/v1/known-issues/{}", one["id"]);
        assert_eq!((&one["status"], &one["public"], &one["reports"], &one["title"]), (&json!("investigating"), &json!(true), &json!(1), &json!("Does not open")));
        let tag = made.header("etag").to_owned();
        // Linking acknowledges what was new, and stands in the report.
        let report = support.get_json(&format!("/api/v1/reports/{}", names[0])).await;
        assert_eq!((&report["known_issue"], &report["status"]), (&one["id"], &json!("acknowledged")));
        support.patch_json(&format!("/api/v1/reports/{}", names[1]), json!({"known_issue": one["id"]})).await.is(200);
        support.patch_json(&path, json!({"status": "identified", "link": [names[2]]})).await.is(200);
        let headers = [("content-type", "application/json"), ("if-match", tag.as_str())];
        support.send("patch", &path, &headers, json!({"public": false}).to_string().into_bytes()).await.is(412);
        support.patch_json(&format!("/api/v1/reports/{}", names[1]), json!({"known_issue": null})).await.is(200);
        support.patch_json(&path, json!({"unlink": [names[2]]})).await.is(200);
        let now = support.get_json(&path).await;
        assert_eq!((&now["reports"], &now["status"], &now["resolution"]), (&json!(1), &json!("identified"), &json!(null)));
        support.patch_json(&path, json!({"status": "resolved", "answer": {"en": "Open again", "zh-CN": "已恢复"}})).await.is(200);
        runner::tick(&world.store, false).await.unwrap();
        let now = support.get_json(&path).await;
        assert_eq!(now["resolution"]["reports_told"], 1);
        let report = support.get_json(&format!("/api/v1/reports/{}", names[0])).await;
        assert_eq!(report["status"], "resolved");
        support.patch_json(&path, json!({"status": "resolved", "answer": "x"})).await.shows_problem(422, "answer");
        support.patch_json(&path, json!({"status": "monitoring"})).await.is(200);
        assert_eq!(support.get_json(&path).await["resolved_at"], json!(null));
        nothing_is_wrong(world);
    }

    async fn lists_are_filtered_and_come_in_pieces(world) {
        let viewer = world.program(Role::Viewer);
        let all = [issue(world), issue(world), issue(world)];
        let first = viewer.get_json("/api/v1/known-issues?limit=2&status=open&component=login&window=none").await;
        assert_eq!(first["items"].as_array().unwrap().len(), 2);
        let cursor = first["next_cursor"].as_str().unwrap();
        let rest = viewer.get_json(&format!("/api/v1/known-issues?limit=2&cursor={cursor}")).await;
        assert_eq!(rest["items"][0]["id"], all[0]);
        assert_eq!(rest["next_cursor"], json!(null));
        assert_eq!(viewer.get_json("/api/v1/known-issues?status=resolved").await["items"], json!([]));
        for (query, field) in [("status=x", "status"), ("window=no-such", "window"), ("component=no-such", "component"), ("cursor=x", "cursor"), ("limit=0", "limit"), ("x=1", "x")] {
            viewer.get(&format!("/api/v1/known-issues?{query}")).await.shows_problem(422, field);
        }
    }

    async fn what_is_wrong_is_said_by_field(world) {
        let support = world.program(Role::Support);
        let path = format!("/api/v1/known-issues/{}", issue(world));
        let long = "长".repeat(201);
        for (body, field) in [
            (json!({}), "title"),
            (json!({"title": ""}), "title"),
            (json!({"title": long}), "title"),
            (json!({"title": {"en": "a\u{0}b"}}), "title.en"),
            (json!({"title": "x", "status": "resolved"}), "status"),
            (json!({"title": "x", "status": "x"}), "status"),
            (json!({"title": "x", "window": "no-such"}), "window"),
            (json!({"title": "x", "components": ["no-such"]}), "components"),
            (json!({"title": "x", "reports": ["R-7KQ4M2"]}), "reports"),
            (json!({"title": "x", "reports": ["nonsense"]}), "reports"),
            (json!({"title": "x", "nonsense": 1}), "nonsense"),
        ] {
            support.post_json("/api/v1/known-issues", body).await.shows_problem(422, field);
        }
        for (body, field) in [
            (json!({"status": "resolved"}), "answer"),
            (json!({"answer": "x"}), "answer"),
            (json!({"link": ["R-7KQ4M2"]}), "link"),
            (json!({"unlink": ["x"]}), "unlink"),
            (json!({"body": "x".repeat(4_001)}), "body"),
        ] {
            support.patch_json(&path, body).await.shows_problem(422, field);
        }
        support.patch_json("/api/v1/known-issues/99999", json!({})).await.is(404);
        support.get("/api/v1/known-issues/x").await.is(404);
        let id = reports(world, 1, Status::New)[0];
        let report = format!("/api/v1/reports/{}", ReportReference(id));
        support.patch_json(&report, json!({"known_issue": 99_999})).await.shows_problem(422, "known_issue");
        support.patch_json(&report, json!({"known_issue": "x"})).await.shows_problem(422, "known_issue");
    }
}
