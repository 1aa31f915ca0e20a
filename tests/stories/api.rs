//! The document that describes the programming interface, and the page made from it.

use std::collections::BTreeSet;

use interlude::web::routes::TABLE;
use serde_json::json;

story! {
    /// The document lists the calls of the route table, all of them and no other.
    async fn the_document_lists_every_call(world) {
        let document = world.anyone().get_json("/api/openapi.json").await;
        let mut listed = BTreeSet::new();
        for (path, item) in document["paths"].as_object().unwrap() {
            for method in item.as_object().unwrap().keys() {
                listed.insert(format!("{method} {path}"));
            }
        }
        let calls: BTreeSet<String> = TABLE
            .iter()
            .filter(|e| e.path.starts_with("/api/v1/"))
            .map(|e| format!("{} {}", e.method, e.path))
            .collect();
        assert_eq!(listed, calls);
    }

    /// The document is ours, and says of each call who may.
    async fn the_document_says_who_may(world) {
        let document = world.anyone().get_json("/api/openapi.json").await;
        assert_eq!(document["info"]["title"], "Interlude");
        assert_eq!(document["info"]["license"]["name"], "MIT OR Apache-2.0");
        assert!(document["info"]["contact"].is_null());
        for entry in TABLE.iter().filter(|e| e.path.starts_with("/api/v1/")) {
            let security = &document["paths"][entry.path][entry.method]["security"];
            assert_eq!(security.is_array(), entry.role.is_some(), "{} {}", entry.method, entry.path);
        }
    }

    /// Every schema that the document points at is in it.
    async fn the_document_points_nowhere(world) {
        let text = world.anyone().get("/api/openapi.json").await.is(200).text();
        let document: serde_json::Value = serde_json::from_str(&text).unwrap();
        for (at, mark) in text.match_indices("\"#/components/schemas/") {
            let name = text[at + mark.len()..].split('"').next().unwrap();
            assert!(document["components"]["schemas"][name].is_object(), "{name} is missing");
        }
    }

    /// Codes are spelled there as the interface speaks them; a client made from it would be refused otherwise.
    async fn the_document_spells_the_codes(world) {
        let document = world.anyone().get_json("/api/openapi.json").await;
        let schemas = &document["components"]["schemas"];
        assert_eq!(schemas["Impact"]["enum"], serde_json::json!(["cosmetic", "slowed", "blocked", "data_loss", "unknown"]));
        assert_eq!(schemas["Language"]["enum"], serde_json::json!(["zh-CN", "en"]));
        for (name, schema) in schemas.as_object().unwrap() {
            for code in schema["enum"].as_array().into_iter().flatten().filter_map(|code| code.as_str()) {
                let spelled = code == "zh-CN" || code.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
                assert!(spelled, "{name} has {code}");
            }
        }
    }

    /// The page shows every call and every schema, in both languages.
    async fn the_reference_shows_every_call(world) {
        let (en, zh) = (world.anyone(), world.anyone().reading_chinese());
        let pages = [
            en.get("/api/docs").await.is(200).says("Programming interface"),
            zh.get("/api/docs").await.is(200).says("接口说明"),
        ];
        for page in pages {
            let text = page.text();
            for entry in TABLE.iter().filter(|e| e.path.starts_with("/api/v1/")) {
                let call = format!("<h3><code>{} {}</code></h3>", entry.method.to_uppercase(), entry.path);
                assert!(text.contains(&call), "{call}");
            }
            assert!(text.contains("id=\"schema-Problem\""));
        }
    }

    /// What is said to programs speaks of tokens and calls, not of pages and log-ins.
    async fn programs_are_told_what_they_can_do(world) {
        for actor in [world.anyone(), world.anyone().with_token("no-such-token")] {
            let refused = actor.get("/api/v1/reports").await.shows_problem(401, "");
            refused.says("A token is needed").says("Authorization: Bearer").lacks("log-in");
        }
        world.anyone().reading_chinese().get("/api/v1/reports").await.shows_problem(401, "").says("令牌").lacks("登录");
        world.anyone().get("/api/v1/windows/none").await.shows_problem(404, "").lacks("page").lacks("notices");
        let operator = crate::windows::operator(world);
        operator.post_json("/api/v1/windows", crate::windows::planned(1, 9)).await.is(201);
        let old = operator.with_header("if-match", "\"7\"");
        let stale = old.patch_json("/api/v1/windows/core-upgrade", json!({"title": "x"})).await.shows_problem(412, "");
        stale.says("new ETag").lacks("reload");
        // On pages it is said as before.
        world.anyone().get("/windows/none").await.is(404).says("This page was not found");
    }
}
