//! Reporting by program.

use super::*;
use interlude::domain::person::Role;
use interlude::store::audit;
use serde_json::{Value, json};

fn path_of(world: &World, answer: &Value) -> String {
    let url = answer["receipt_url"].as_str().unwrap();
    url.strip_prefix(&format!("{}/receipts/", world.url)).map(|s| format!("/api/v1/receipts/{s}")).unwrap()
}

story! {
    /// Whoever sends a report gets its name, a code, a link and where it belongs.
    async fn a_program_reports(world) {
        night(world, None);
        let body = json!({"description": "登录不了", "impact": "blocked", "category": "login", "component": "login",
            "window": "night", "error_message": "E-1", "account": "A-1", "language": "zh-CN", "precision": "exact",
            "occurred_at": Instant::now().plus_hours(-1).rfc3339(), "contact": {"phone": "13800138000"}});
        let reply = world.anyone().post_json_once("/api/v1/reports", &key("a"), body.clone()).await.is(201);
        let answer = reply.json();
        let keys: Vec<_> = answer.as_object().unwrap().keys().cloned().collect();
        let mut wanted = ["reference", "receipt_code", "receipt_url", "window", "stage", "status"].map(str::to_owned);
        wanted.sort();
        let mut keys = keys;
        keys.sort();
        assert_eq!(keys, wanted);
        assert_eq!((&answer["window"], &answer["stage"], &answer["status"]), (&json!("night"), &json!("implementation"), &json!("new")));
        // Sent again: byte for byte, by whomever.
        let again = world.anyone().reading_chinese().post_json_once("/api/v1/reports", &key("a"), body).await.is(201);
        assert_eq!(again.bytes, reply.bytes);
        let held = world.anyone().get_json(&path_of(world, &answer)).await;
        assert_eq!((&held["component"], &held["language"], &held["contact"]["phone"]), (&json!("login"), &json!("zh-CN"), &json!("13800138000")));
        assert_eq!(held["history"][0]["kind"], "received");
        assert!(held["answer_by"].is_string());
        let code = answer["receipt_code"].as_str().unwrap();
        assert_eq!(world.anyone().get_json(&format!("/api/v1/receipts/{code}")).await, held);
        counts_are_right(world, 1);
    }

    /// A key stands for one command, whatever the order of its fields.
    async fn a_key_is_for_one_report(world) {
        let send = |body: &'static str| {
            let anyone = world.anyone();
            async move { anyone.post_json_once("/api/v1/reports", &key("k"), serde_json::from_str(body).unwrap()).await }
        };
        send(r#"{"impact":"slowed","description":"x"}"#).await.is(201);
        send(r#"{"description":"x","impact":"slowed"}"#).await.is(201);
        let reused = send(r#"{"description":"y","impact":"slowed"}"#).await.shows_problem(422, "");
        reused.says("This Idempotency-Key came with other content before").lacks("form");
        counts_are_right(world, 1);
    }

    /// Twenty at once with one key are one report; nobody hears a different answer.
    async fn senders_at_once_are_one(world) {
        let body = json!({"impact": "slowed", "description": "x"});
        let anyone = world.anyone();
        let name = key("once");
        let all = futures_util::future::join_all(
            (0..20).map(|_| anyone.post_json_once("/api/v1/reports", &name, body.clone()))).await;
        let answers: std::collections::BTreeSet<_> = all.iter().filter(|r| r.status == 201).map(|r| r.bytes.clone()).collect();
        assert_eq!(answers.len(), 1);
        for reply in all {
            assert!(matches!(reply.status, 201 | 409 | 503), "{}", reply.status);
        }
        counts_are_right(world, 1);
    }

    /// Only support enters what was told by phone, and that is on record.
    async fn support_enters_what_was_told_by_phone(world) {
        let body = json!({"impact": "slowed", "description": "told by phone", "source": "phone", "contact": {"phone": "010-12345678"}});
        world.anyone().post_json_once("/api/v1/reports", &key("a"), body.clone()).await.shows_problem(401, "");
        world.program(Role::Viewer).post_json_once("/api/v1/reports", &key("a"), body.clone()).await.shows_problem(403, "");
        let reply = world.program(Role::Support).post_json_once("/api/v1/reports", &key("a"), body).await.is(201);
        let acts = world.read(|c| audit::list(c, None, 10));
        assert!(acts.iter().any(|a| a.action == "report.enter" && reply.json()["reference"] == a.thing));
    }

    /// Messages, verdict, contact and erasing by program; a message sent twice is one and answers alike.
    async fn the_holder_acts_by_program(world) {
        let body = json!({"impact": "slowed", "description": "x"});
        let anyone = world.anyone();
        let sent = anyone.post_json_once("/api/v1/reports", &key("a"), body).await.is(201);
        let at = path_of(world, &sent.json());
        let messages = format!("{at}/messages");
        let first = anyone.post_json_once(&messages, &key("m"), json!({"message": "more"})).await.is(201);
        let again = anyone.post_json_once(&messages, &key("m"), json!({"message": "more"})).await.is(201);
        assert_eq!(first.bytes, again.bytes);
        anyone.post_json(&messages, json!({"message": "more"})).await.shows_problem(422, "Idempotency-Key");
        anyone.post_json_once(&messages, &key("n"), json!({"message": ""})).await.shows_problem(422, "message");
        let verdict = anyone.post_json(&format!("{at}/verdict"), json!({"fixed": true})).await.is(200).json();
        assert_eq!(verdict["verdict"], "fixed");
        anyone.post_json(&format!("{at}/verdict"), json!({"fixed": "yes"})).await.shows_problem(422, "fixed");
        let contact = anyone.post_json(&format!("{at}/contact"), json!({"email": "a@example.com"})).await.is(200).json();
        assert_eq!(contact["contact"], json!({"phone": null, "email": "a@example.com"}));
        anyone.post_json(&format!("{at}/contact"), json!({"email": "a@"})).await.shows_problem(422, "email");
        let held = anyone.get_json(&at).await;
        let kinds: Vec<_> = held["history"].as_array().unwrap().iter().map(|e| e["kind"].as_str().unwrap()).collect();
        assert_eq!(kinds, ["received", "message", "verdict", "contact"]);
        anyone.delete(&at).await.is(204);
        anyone.get(&at).await.shows_problem(404, "");
        anyone.delete(&at).await.shows_problem(404, "");
        counts_are_right(world, 1);
    }
}
