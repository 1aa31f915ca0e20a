//! Programs that ask again are told that nothing changed, and what changed meanwhile is not written over.

use interlude::domain::person::Role;
use serde_json::json;

use crate::support::Actor;

const KEY: &str = "a-key-that-nobody-guesses";

async fn still(program: &Actor, path: &str, tag: &str) -> u16 {
    program.send("get", path, &[("if-none-match", tag)], Vec::new()).await.status
}

async fn changed(program: &Actor, method: &str, path: &str, tag: &str, value: serde_json::Value) -> u16 {
    let headers = [("content-type", "application/json"), ("if-match", tag)];
    program.send(method, path, &headers, value.to_string().into_bytes()).await.status
}

story! {
    async fn who_asks_again_is_told_that_nothing_changed(world) {
        let support = world.program(Role::Support);
        let sent = world.anyone().post_json_once("/api/v1/reports", KEY, json!({"impact": "blocked", "description": "登录不了"})).await.is(201).json();
        let report = format!("/api/v1/reports/{}", sent["reference"].as_str().unwrap());
        let receipt = format!("/api/v1/receipts/{}", sent["receipt_url"].as_str().unwrap().rsplit('/').next().unwrap());
        let issue = support.post_json("/api/v1/known-issues", json!({"title": "Does not open"})).await.is(201).json();
        let issue = format!("/api/v1/known-issues/{}", issue["id"]);
        let improvement = support.post_json("/api/v1/improvements", json!({"title": "Tell them earlier"})).await.is(201).json();
        let improvement = format!("/api/v1/improvements/{}", improvement["reference"].as_str().unwrap());
        let lists = ["/api/v1/reports", "/api/v1/known-issues", "/api/v1/improvements", "/api/v1/alarms", "/api/v1/windows"];
        let polled: Vec<&str> = lists.into_iter().chain([&*report, &receipt, &issue, &improvement]).collect();
        for path in polled {
            let tag = support.get(path).await.is(200).header("etag").to_owned();
            assert_eq!(still(&support, path, &tag).await, 304, "{path}");
            assert_eq!(still(&support, path, "\"0-0\"").await, 200, "{path}");
        }
        let tag = support.get(&receipt).await.header("etag").to_owned();
        support.patch_json(&report, json!({"answer": "已恢复"})).await.is(200);
        assert_eq!(still(&support, &receipt, &tag).await, 200, "somebody answered");
    }

    async fn what_changed_meanwhile_is_not_written_over(world) {
        let support = world.program(Role::Support);
        let improvement = support.post_json("/api/v1/improvements", json!({"title": "Tell them earlier"})).await.is(201);
        let tag = improvement.header("etag").to_owned();
        let path = format!("/api/v1/improvements/{}", improvement.json()["reference"].as_str().unwrap());
        assert_eq!(changed(&support, "patch", &path, &tag, json!({"status": "in_progress"})).await, 200);
        assert_eq!(changed(&support, "patch", &path, &tag, json!({"status": "dropped"})).await, 412);
        assert_eq!(support.get_json(&path).await["status"], "in_progress");

        let holder = world.anyone();
        let sent = holder.post_json_once("/api/v1/reports", KEY, json!({"impact": "blocked", "description": "登录不了"})).await.is(201).json();
        let receipt = format!("/api/v1/receipts/{}", sent["receipt_url"].as_str().unwrap().rsplit('/').next().unwrap());
        let contact = format!("{receipt}/contact");
        let tag = holder.get(&receipt).await.header("etag").to_owned();
        let others = format!("\"other\", {tag}");
        assert_eq!(changed(&holder, "post", &contact, &others, json!({"phone": "13800001234"})).await, 200);
        assert_eq!(changed(&holder, "post", &contact, &tag, json!({})).await, 412);
        assert_eq!(changed(&holder, "post", &format!("{receipt}/verdict"), &tag, json!({"fixed": true})).await, 412);
        assert_eq!(changed(&holder, "delete", &receipt, &tag, json!({})).await, 412);
        assert_eq!(changed(&holder, "delete", &receipt, "no tag", json!({})).await, 422);
        assert_eq!(holder.get_json(&receipt).await["contact"]["phone"], "13800001234");
        assert_eq!(changed(&holder, "delete", &receipt, "*", json!({})).await, 204);
    }

    async fn alarms_come_in_pieces_too(world) {
        let viewer = world.program(Role::Viewer);
        viewer.get("/api/v1/alarms?limit=1").await.is(200);
        viewer.get("/api/v1/alarms?limit=0").await.shows_problem(422, "limit");
        viewer.get("/api/v1/alarms?cursor=7").await.shows_problem(422, "cursor");
        viewer.get("/api/v1/alarms?x=1").await.shows_problem(422, "x");
    }
}
