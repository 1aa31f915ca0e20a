//! What is typed or sent wrongly, at the form and at the API: never a failure of ours, never half a
//! report, always the field.

use super::*;
use interlude::domain::person::Role;
use serde_json::{Value, json};

story! {
    /// The API names each wrong field.
    async fn the_api_names_what_is_wrong(world) {
        night(world, None);
        let future = Instant::now().plus_hours(1).rfc3339();
        let wrong: Vec<(&str, Value)> = vec![
            ("description", json!({"description": null})),
            ("description", json!({"description": " \n "})),
            ("description", json!({"description": "好".repeat(4_001)})),
            ("description", json!({"description": "a\u{0}b"})),
            ("description", json!({"description": 7})),
            ("impact", json!({"impact": null})),
            ("impact", json!({"impact": "huge"})),
            ("impact", json!({"impact": "unknown"})),
            ("category", json!({"category": "weather"})),
            ("component", json!({"component": "no-such"})),
            ("window", json!({"window": "no-such"})),
            ("window", json!({"window": "a\u{0}b"})),
            ("component", json!({"component": "a\u{0}b"})),
            ("precision", json!({"precision": "roughly"})),
            ("precision", json!({"occurred_at": "2026-11-01T00:00:00Z", "precision": "unknown"})),
            ("occurred_at", json!({"occurred_at": "2026-02-30T10:00:00Z"})),
            ("occurred_at", json!({"occurred_at": "2026-11-22T02:31:00"})),
            ("occurred_at", json!({"occurred_at": "yesterday"})),
            ("occurred_at", json!({"occurred_at": future})),
            ("occurred_at", json!({"occurred_at": "1999-01-01T00:00:00Z"})),
            ("error_message", json!({"error_message": "e".repeat(1_001)})),
            ("account", json!({"account": "a".repeat(101)})),
            ("account", json!({"account": "a\nb"})),
            ("contact.phone", json!({"contact": {"phone": "call me"}})),
            ("contact.email", json!({"contact": {"email": "me"}})),
            ("contact.fax", json!({"contact": {"fax": "1"}})),
            ("language", json!({"language": "fr"})),
            ("source", json!({"source": "import"})),
            ("source", json!({"source": "web"})),
            ("colour", json!({"colour": "red"})),
            ("severity", json!({"severity": "critical"})),
        ];
        for (field, change) in wrong {
            let mut body = json!({"description": "坏了", "impact": "slowed"});
            for (name, value) in change.as_object().unwrap() {
                body[name] = value.clone();
            }
            let reply = world.anyone().post_json_once("/api/v1/reports", &key("w"), body.clone()).await;
            assert_eq!(reply.status, 422, "{body}");
            reply.shows_problem(422, field);
        }
        // Several at once are all named, in the reader's language.
        let all = json!({"impact": "x", "category": "y", "occurred_at": "z"});
        let reply = world.anyone().reading_chinese().post_json_once("/api/v1/reports", &key("w"), all).await;
        let reply = reply.shows_problem(422, "description").shows_problem(422, "impact").shows_problem(422, "category").shows_problem(422, "occurred_at");
        reply.says("请填写此项");
        counts_are_right(world, 0);
    }

    /// A body that is no report at all is refused for what it is.
    async fn the_api_refuses_what_is_no_report(world) {
        let anyone = world.anyone();
        let json = [("content-type", "application/json"), ("idempotency-key", "0123456789012345678901")];
        let at = "/api/v1/reports";
        for body in ["", "{", "[]", "7", "{\"description\":\"\\ud800\",\"impact\":\"slowed\"}"] {
            anyone.send("post", at, &json, body.into()).await.is(422);
        }
        anyone.send("post", at, &json, b"{\"description\":\"\xff\xfe\",\"impact\":\"slowed\"}".to_vec()).await.is(422);
        anyone.send("post", at, &json, vec![b' '; 2 * 1024 * 1024]).await.shows_problem(413, "");
        anyone.send("post", at, &[("content-type", "text/plain"), json[1]], b"{}".to_vec()).await.shows_problem(415, "");
        let good = json!({"description": "x", "impact": "slowed"});
        anyone.post_json(at, good.clone()).await.shows_problem(422, "Idempotency-Key");
        anyone.post_json_once(at, "short", good.clone()).await.shows_problem(422, "Idempotency-Key");
        anyone.post_json_once(at, &"x".repeat(129), good.clone()).await.shows_problem(422, "Idempotency-Key");
        anyone.put_json(at, good).await.shows_problem(405, "");
        counts_are_right(world, 0);
    }

    /// A list is no body, whatever stands in it: what is done goes by the names of fields alone.
    async fn a_list_is_no_body(world) {
        night(world, None);
        let anyone = world.anyone();
        let sent = anyone.post_json_once("/api/v1/reports", &key("l"), json!({"description": "x", "impact": "slowed"})).await;
        let sent = sent.is(201).json();
        let link = sent["receipt_url"].as_str().unwrap().rsplit('/').next().unwrap().to_owned();
        let json = [("content-type", "application/json"), ("idempotency-key", "0123456789012345678901")];
        for (act, body) in [
            ("verdict", "[false]"),
            ("messages", "[\"x\"]"),
            ("contact", "[\"13800138000\",\"li@example.com\"]"),
        ] {
            let reply = anyone.send("post", &format!("/api/v1/receipts/{link}/{act}"), &json, body.into()).await;
            reply.shows_problem(422, "body").says("An object is expected here");
        }
        let contact = json!({"description": "x", "impact": "slowed", "contact": ["13800138000", null]});
        let reply = anyone.post_json_once("/api/v1/reports", &key("m"), contact).await;
        reply.shows_problem(422, "contact").says("An object is expected here");
        let report = format!("/api/v1/reports/{}", sent["reference"].as_str().unwrap());
        let support = world.program(Role::Support);
        let close = b"[\"closed\",null,null,null,null,null,null,null]".to_vec();
        support.send("patch", &report, &json[..1], close).await.shows_problem(422, "body");
        let support = support.reading_chinese();
        support.patch_json(&report, json!([])).await.shows_problem(422, "body").says("这里应为对象");
        let seen = support.get_json(&report).await;
        assert_eq!((&seen["status"], seen["contact"]["phone"].as_str()), (&json!("new"), None));
        counts_are_right(world, 1);
    }

    /// The form marks each wrong field and keeps what was typed.
    async fn the_form_marks_what_is_wrong(world) {
        night(world, None);
        let long = "好".repeat(4_001);
        let next_year = format!("{}-01-01T00:00", Instant::now().plus_hours(24 * 400).rfc3339().split('-').next().unwrap());
        let wrong: Vec<(&str, Vec<(&str, &str)>)> = vec![
            ("description", vec![("description", "")]),
            ("description", vec![("description", &long)]),
            ("description", vec![("description", "a\u{0}b")]),
            ("impact", vec![("impact", "")]),
            ("impact", vec![("impact", "unknown")]),
            ("category", vec![("category", "weather")]),
            ("component", vec![("component", "no-such")]),
            ("component", vec![("component", "a\u{0}b")]),
            ("occurred", vec![("occurred", "tomorrow")]),
            ("occurred_at", vec![("occurred", "exact"), ("occurred_at", "")]),
            ("occurred_at", vec![("occurred", "exact"), ("occurred_at", "2026-02-30T10:00")]),
            ("occurred_at", vec![("occurred", "exact"), ("occurred_at", "12345-02-03T10:00")]),
            ("occurred_at", vec![("occurred", "exact"), ("occurred_at", &next_year)]),
            ("occurred_at", vec![("occurred", "exact"), ("occurred_at", "2026-03-29T02:30"), ("zone", "Europe/Berlin")]),
            ("zone", vec![("occurred", "exact"), ("occurred_at", "2026-11-01T10:00"), ("zone", "Moon/Base")]),
            ("account", vec![("account", "a\u{7}b")]),
            ("phone", vec![("phone", "none")]),
            ("email", vec![("email", "none")]),
        ];
        for (field, change) in wrong {
            for at in ["/report", "/windows/night/report"] {
                let key = key("w");
                let mut fields = vec![("idempotency_key", key.as_str()), ("description", "坏了"), ("impact", "slowed"), ("account", "KEEP-ME")];
                fields.retain(|(name, _)| change.iter().all(|(n, _)| n != name));
                fields.extend(&change);
                let reply = world.anyone().post_form(at, &fields).await;
                let reply = reply.shows_form_again(field);
                if field != "account" {
                    reply.says("KEEP-ME");
                }
            }
        }
        counts_are_right(world, 0);
    }

    /// Exactly as many characters as allowed pass the form, Chinese ones with line breaks too.
    async fn the_longest_texts_pass_the_form(world) {
        night(world, None);
        let text = format!("{}\r\n{}", "好".repeat(1_999), "𠮷".repeat(2_000));
        let message = "错".repeat(1_000);
        let receipt = reported(&world.anyone(), &[("description", &text), ("error_message", &message)]).await;
        world.anyone().get(&receipt).await.is(200).says(&"𠮷".repeat(2_000)).says(&message);
        counts_are_right(world, 1);
    }

    /// Bytes that are no text, huge bodies, unknown windows and odd addresses are refused, not failed on.
    async fn odd_requests_are_refused(world) {
        night(world, None);
        let anyone = world.anyone();
        let form = [("content-type", "application/x-www-form-urlencoded"), ("sec-fetch-site", "same-origin")];
        anyone.send("post", "/report", &form, b"description=%ff%fe&impact=slowed".to_vec()).await.is(422);
        anyone.send("post", "/report", &form, vec![b'a'; 2 * 1024 * 1024]).await.is(413);
        anyone.get("/windows/no-such/report").await.is(404);
        let known = key("x");
        let fields = [("idempotency_key", known.as_str()), ("description", "x"), ("impact", "slowed")];
        anyone.post_form("/windows/no-such/report", &fields).await.is(404);
        anyone.get("/windows/%00/report").await.is(404);
        anyone.get("/receipts/%ff%fe").await.is(404);
        anyone.get("/receipts/%F0%9F%99%82").await.is(404);
        anyone.get("/receipts/%00").await.is(404);
        anyone.get("/api/v1/windows/%00").await.shows_problem(404, "");
        anyone.get("/report?component=%00").await.is(200);
        anyone.get("/report?from=singlemessage&isappinstalled=0").await.is(200);
        counts_are_right(world, 0);
    }
}
