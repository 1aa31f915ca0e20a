//! Windows through the programming interface, to the letter of the contract.

use interlude::domain::person::Role;
use interlude::store::{audit, jobs, windows};
use serde_json::{Value, json};

use super::{hours_from_now, operator, planned, published, running};

const WINDOW: &str = "/api/v1/windows/core-upgrade";

story! {
    /// From a draft to completion: every state, every time, the sequence rising all along.
    async fn a_window_goes_its_way(world) {
        let operator = operator(world);
        let draft = operator.post_json("/api/v1/windows", planned(1, 9)).await.is(201);
        assert_eq!(draft.header("location"), WINDOW);
        let draft = draft.json();
        assert_eq!((draft["state"].as_str(), draft["title"].as_str()), (Some("draft"), Some("Finance core upgrade")));
        world.anyone().get(WINDOW).await.shows_problem(404, "");
        world.program(Role::Viewer).get(WINDOW).await.is(200);

        let public = operator.patch_json(WINDOW, json!({"state": "scheduled"})).await.is(200).json();
        assert!(public["announced_at"].is_string() && public["started_at"].is_null());
        let seen = world.anyone().get_json(&format!("{WINDOW}?lang=zh-CN")).await;
        assert_eq!(seen["title"], "财务核心升级");
        assert_eq!(seen["components"][0]["name"], "登录");
        assert_eq!(seen["support"]["contacts"][0]["value"], "400-820-0000");
        assert_eq!(seen["survey"], json!({"template": "short", "days": 14}));
        assert_eq!((&seen["follow_up_hours"], &seen["overdue"]), (&json!(72), &json!(false)));

        operator.patch_json(WINDOW, json!({"state": "in_progress"})).await.is(200);
        let update = json!({"stage": "planning", "body": {"zh-CN": "方案已定", "en": "We know what to do"}});
        operator.post_json(&format!("{WINDOW}/updates"), update).await.is(201);
        let testing = json!({"stage": "testing", "body": "正在测试"});
        let verifying = operator.post_json(&format!("{WINDOW}/updates"), testing).await.is(201).json();
        assert_eq!(verifying["state"], "verifying");

        // Ticked in two goes: the earlier tick is kept.
        operator.patch_json(WINDOW, json!({"state": "completed"})).await.shows_problem(422, "tested");
        let refused = operator.patch_json(WINDOW, json!({"state": "completed", "tested": ["login"]})).await;
        refused.shows_problem(422, "tested").says("export");
        operator.patch_json(WINDOW, json!({"tested": ["login"]})).await.is(200);
        operator.patch_json(WINDOW, json!({"state": "completed", "tested": ["nothing"]})).await.shows_problem(422, "tested");
        let done = operator.patch_json(WINDOW, json!({"state": "completed", "tested": ["export"]})).await.is(200).json();
        assert_eq!(done["state"], "completed");
        assert!(done["completed_at"].is_string() && done["components"][0]["tested_at"].is_string());
        let stages: Vec<&str> = done["updates"].as_array().unwrap().iter().map(|u| u["stage"].as_str().unwrap()).collect();
        assert_eq!(stages, ["implementation", "planning", "testing", "restored"]);
        assert!(done["sequence"].as_i64() > public["sequence"].as_i64());
        let acts: Vec<String> = world.read(|c| audit::list(c, None, 50)).into_iter().map(|a| a.action).collect();
        for act in ["window.create", "window.publish", "window.start", "window.update", "window.test", "window.complete"] {
            assert!(acts.iter().any(|a| a == act), "{act} is not noted");
        }
    }

    /// What has the wrong type is named at its field, with what was expected in the reader's language and
    /// in no words of a parser.
    async fn what_is_sent_wrongly_is_told_in_words(world) {
        let operator = operator(world);
        operator.post_json("/api/v1/windows", planned(1, 9)).await.is(201);
        let before = operator.get_json(WINDOW).await;
        let chinese = world.program(Role::Operator).reading_chinese();
        for (body, field, code, english, translated) in [
            (r#"{"state":5}"#, "state", "wrong_type", "One of these in quotation marks is expected here: draft, scheduled,", "下列选项之一"),
            (r#"{"state":"on"}"#, "state", "unknown_code", "Please take one of these: draft, scheduled,", "请使用下列选项之一：draft"),
            (r#"{"slug":5}"#, "slug", "wrong_type", "Text in quotation marks is expected here.", "这里应为文字"),
            (r#"{"title":5}"#, "title", "wrong_type", "or an object with a text for each language", "按语言分别给出文字"),
            (r#"{"title":{"fr":"x"}}"#, "title.fr", "unknown_language", "zh-CN, en", "zh-CN, en"),
            (r#"{"title":{"en":["x"]}}"#, "title.en", "wrong_type", "Text in quotation marks", "这里应为文字"),
            (r#"{"scheduled_start":"2026-12-05"}"#, "scheduled_start", "bad_moment", "with its offset from UTC", "时区偏移"),
            (r#"{"finish_before":5}"#, "finish_before", "bad_moment", "with its offset from UTC", "时区偏移"),
            (r#"{"follow_up_hours":1.5}"#, "follow_up_hours", "wrong_type", "A whole number", "整数"),
            (r#"{"complete_by_clock":"yes"}"#, "complete_by_clock", "wrong_type", "true or false", "true 或 false"),
            (r#"{"tested":"login"}"#, "tested", "wrong_type", "A list in square brackets", "列表"),
            (r#"{"survey":["short",3]}"#, "survey", "wrong_type", "An object is expected here", "这里应为对象"),
            (r#"{"components":[["login","none"]]}"#, "components.0", "wrong_type", "An object is expected here", "这里应为对象"),
            (r#"{"components":[{"key":"login","impact":5}]}"#, "components.0.impact", "wrong_type", "Text in", "这里应为文字"),
            (r#"{"components":[{"key":"login"}]}"#, "components.0.impact", "required", "Please fill this in", "请填写此项"),
            (r#"{"state":"scheduled","state":"cancelled"}"#, "state", "duplicate_field", "stands here twice", "出现了两次"),
            (r#"{"colour":1}"#, "colour", "unknown_field", "not known", "不认识这个字段"),
            (r#"{"state":}"#, "body", "bad_json", "line 1, column 10", "第 1 行第 10 列"),
        ] {
            let json = [("content-type", "application/json")];
            let reply = operator.send("patch", WINDOW, &json, body.into()).await.shows_problem(422, field).says(english);
            assert_eq!(reply.json()["errors"][0]["code"], code, "{body}");
            for word in ["struct", "enum", "variant", "expected value", "invalid type"] {
                assert!(!reply.text().contains(word), "{body}: {}", reply.text());
            }
            chinese.send("patch", WINDOW, &json, body.into()).await.shows_problem(422, field).says(translated);
        }
        assert_eq!(operator.get_json(WINDOW).await, before);
    }

    /// What the state does not allow is a conflict and changes nothing.
    async fn moves_that_are_none_are_refused(world) {
        let operator = operator(world);
        operator.post_json("/api/v1/windows", planned(1, 9)).await.is(201);
        let update = json!({"stage": "implementation", "body": "x"});
        operator.post_json(&format!("{WINDOW}/updates"), update).await.shows_problem(409, "");
        for state in ["in_progress", "verifying", "completed", "cancelled", "draft"] {
            operator.patch_json(WINDOW, json!({"state": state})).await.shows_problem(409, "");
        }
        operator.patch_json(WINDOW, json!({"state": "gone"})).await.shows_problem(422, "state");
        operator.patch_json(WINDOW, json!({"state": "scheduled", "tested": []})).await.shows_problem(422, "tested");
        operator.patch_json("/api/v1/windows/no-such", json!({"state": "scheduled"})).await.shows_problem(404, "");
        assert_eq!(operator.get_json(WINDOW).await["state"], "draft");
        let mut past = planned(-9, -1);
        past["slug"] = json!("past");
        past["state"] = json!("scheduled");
        operator.post_json("/api/v1/windows", past).await.shows_problem(422, "scheduled_end");
        operator.get("/api/v1/windows/past").await.is(404);
    }

    /// An update's stage and state must say the same.
    async fn stage_and_state_are_one_act(world) {
        let operator = running(world).await;
        let updates = format!("{WINDOW}/updates");
        operator.post_json(&updates, json!({"stage": "planning", "body": "x", "state": "verifying"})).await
            .shows_problem(422, "stage");
        operator.post_json(&updates, json!({"stage": "planning"})).await.shows_problem(422, "body");
        operator.post_json(&updates, json!({"stage": "planning", "body": "  "})).await.shows_problem(422, "body");
        operator.post_json(&updates, json!({"stage": "lunch", "body": "x"})).await.shows_problem(422, "stage");
        operator.post_json(&updates, json!({"stage": "planning", "body": "a\u{0}b"})).await.shows_problem(422, "body");
        operator.post_json(&updates, json!({"stage": "planning", "body": "x", "colour": 1})).await
            .shows_problem(422, "colour");
        operator.post_json(&updates, json!({"stage": "restored", "body": "x", "state": "completed"})).await
            .shows_problem(422, "tested");
        let done = json!({"stage": "restored", "body": "x", "state": "completed", "tested": ["login", "export"]});
        assert_eq!(operator.post_json(&updates, done).await.is(201).json()["state"], "completed");
    }

    /// Moving keeps the old times in public, moves what goes with them and asks for the reports to be
    /// attributed again.
    async fn moving_keeps_old_times(world) {
        let operator = published(world, 10, 18).await;
        interlude::jobs::tick(&world.store, false).await.unwrap();
        let before = operator.get_json(WINDOW).await;
        let times = json!({"scheduled_start": hours_from_now(34), "scheduled_end": hours_from_now(40)});
        let moved = operator.patch_json(WINDOW, times).await.is(200).json();
        assert_eq!(moved["moves"][0]["scheduled_start"], before["scheduled_start"]);
        assert_eq!(moved["moves"][0]["scheduled_end"], before["scheduled_end"]);
        assert_ne!(moved["scheduled_start"], before["scheduled_start"]);
        assert_eq!(moved["sequence"].as_i64().unwrap(), before["sequence"].as_i64().unwrap() + 1);
        let id = world.read(|c| windows::by_slug(c, "core-upgrade")).id;
        let asked = world.read(|c| jobs::due(c, interlude::domain::instant::Instant::now()));
        assert_eq!(asked.iter().filter(|j| j.payload == id.to_string()).count(), 1);

        operator.patch_json(WINDOW, json!({"state": "in_progress"})).await.is(200);
        operator.patch_json(WINDOW, json!({"scheduled_start": hours_from_now(30)})).await
            .shows_problem(422, "scheduled_start");
        operator.patch_json(WINDOW, json!({"scheduled_end": hours_from_now(50)})).await.is(200);
        operator.patch_json(WINDOW, json!({"state": "cancelled"})).await.is(200);
        let ended = operator.patch_json(WINDOW, json!({"scheduled_end": hours_from_now(60)})).await;
        ended.shows_problem(422, "scheduled_end");
    }

    /// A change made of what is no longer there is refused, and the tag says what is there.
    async fn stale_changes_are_refused(world) {
        let operator = published(world, 1, 9).await;
        let first = operator.get(WINDOW).await.is(200);
        let tag = first.header("etag").to_owned();
        operator.send("get", WINDOW, &[("if-none-match", &tag)], vec![]).await.is(304);
        let patch = |value: Value, tag: String| {
            let operator = &operator;
            async move {
                let headers = [("content-type", "application/json"), ("if-match", tag.as_str())];
                operator.send("patch", WINDOW, &headers, value.to_string().into_bytes()).await
            }
        };
        patch(json!({"follow_up_hours": 24}), tag.clone()).await.is(200);
        patch(json!({"follow_up_hours": 48}), tag.clone()).await.shows_problem(412, "");
        patch(json!({"state": "in_progress"}), tag.clone()).await.shows_problem(412, "");
        patch(json!({"state": "in_progress"}), "nonsense".to_owned()).await.shows_problem(422, "If-Match");
        assert_eq!(operator.get_json(WINDOW).await["follow_up_hours"], 24);
        operator.send("get", WINDOW, &[("if-none-match", &tag)], vec![]).await.is(200);
        // Saying the same again changes nothing, not even the sequence.
        let now = operator.get_json(WINDOW).await["sequence"].clone();
        assert_eq!(operator.patch_json(WINDOW, json!({"follow_up_hours": 24})).await.is(200).json()["sequence"], now);
    }

    /// Everything wrong is named at its field, and nothing is written.
    async fn wrong_windows_are_refused(world) {
        let operator = operator(world);
        let with = |field: &str, value: Value| {
            let mut window = planned(1, 9);
            window[field] = value;
            window
        };
        for (field, value, named) in [
            ("title", json!(""), "title"),
            ("title", json!({"en": "only"}), "title.zh-CN"),
            ("title", json!({"fr": "x"}), "title.fr"),
            ("title", json!("a\u{7}b"), "title"),
            ("title", json!("登".repeat(201)), "title"),
            ("body", json!("登".repeat(20_001)), "body"),
            ("scheduled_end", json!(hours_from_now(0)), "scheduled_end"),
            ("scheduled_end", json!(hours_from_now(24 * 32 + 2)), "scheduled_end"),
            ("scheduled_start", json!("2026-02-30T00:00:00Z"), "scheduled_start"),
            ("scheduled_start", json!("2026-11-22T00:00:00"), "scheduled_start"),
            ("scheduled_start", json!("9999-01-01T00:00:00Z"), "scheduled_start"),
            ("time_zone", json!("Mars/Olympus"), "time_zone"),
            ("slug", json!("Not A Slug"), "slug"),
            ("follow_up_hours", json!(721), "follow_up_hours"),
            ("follow_up_hours", json!(1.5), "follow_up_hours"),
            ("survey", json!({"template": "long"}), "survey.template"),
            ("survey", json!({"days": 0}), "survey.days"),
            ("support", json!({"contacts": [{"kind": "link", "value": "javascript:alert(1)"}]}), "support.contacts.0.value"),
            ("support", json!({"hours": {"time_zone": "UTC", "slots": []}}), "support.hours.slots"),
            ("components", json!([{"key": "nothing", "impact": "none"}]), "components.0.key"),
            ("components", json!([{"key": "login", "impact": "bad"}]), "components.0.impact"),
            ("components", json!([{"key": "login", "impact": "none", "interruption_end": hours_from_now(10)}]), "components.0.interruption_end"),
            ("finish_before", json!(hours_from_now(10)), "finish_before"),
            ("state", json!("completed"), "state"),
            ("tested", json!([]), "tested"),
            ("colour", json!("red"), "colour"),
        ] {
            operator.post_json("/api/v1/windows", with(field, value)).await.shows_problem(422, named);
        }
        operator.send("post", "/api/v1/windows", &[("content-type", "application/json")], b"{".to_vec()).await
            .shows_problem(422, "body");
        assert_eq!(operator.get_json("/api/v1/windows").await["items"], json!([]));
        operator.post_json("/api/v1/windows", planned(1, 9)).await.is(201);
        operator.post_json("/api/v1/windows", planned(1, 9)).await.shows_problem(422, "slug");
        let mut unnamed = planned(1, 9);
        unnamed.as_object_mut().unwrap().remove("slug");
        let first = operator.post_json("/api/v1/windows", unnamed.clone()).await.is(201).json();
        let second = operator.post_json("/api/v1/windows", unnamed).await.is(201).json();
        assert_eq!((first["slug"].as_str(), second["slug"].as_str()), (Some("finance-core-upgrade"), Some("finance-core-upgrade-2")));
    }

    /// The slug of a published window stays, because links were sent out.
    async fn published_slugs_stay(world) {
        let operator = operator(world);
        operator.post_json("/api/v1/windows", planned(1, 9)).await.is(201);
        operator.patch_json(WINDOW, json!({"slug": "other"})).await.is(200);
        operator.patch_json("/api/v1/windows/other", json!({"state": "scheduled"})).await.is(200);
        operator.patch_json("/api/v1/windows/other", json!({"slug": "third"})).await.shows_problem(422, "slug");
    }

    /// The list gives pieces without gap or double, and drafts to viewers alone.
    async fn lists_are_read_in_pieces(world) {
        let operator = operator(world);
        for i in 0..5 {
            let mut window = planned(i / 2 + 1, 20);
            window["slug"] = json!(format!("w{i}"));
            window["components"] = json!([{"key": if i == 0 { "login" } else { "export" }, "impact": "none"}]);
            if i < 4 {
                window["state"] = json!("scheduled");
            }
            operator.post_json("/api/v1/windows", window).await.is(201);
        }
        let anyone = world.anyone();
        let (mut seen, mut path) = (Vec::new(), "/api/v1/windows?limit=1".to_owned());
        loop {
            let piece = anyone.get_json(&path).await;
            assert_eq!(piece["items"].as_array().unwrap().len(), 1);
            seen.push(piece["items"][0]["slug"].as_str().unwrap().to_owned());
            let Some(next) = piece["next_cursor"].as_str() else { break };
            path = format!("/api/v1/windows?limit=1&cursor={next}");
        }
        assert_eq!(seen, ["w3", "w2", "w1", "w0"]);
        assert_eq!(operator.get_json("/api/v1/windows").await["items"].as_array().unwrap().len(), 5);
        let affected = anyone.get_json("/api/v1/windows?component=login&state=scheduled,completed").await;
        assert_eq!(affected["items"].as_array().unwrap().len(), 1);
        anyone.get("/api/v1/windows?state=draft").await.shows_problem(401, "");
        for (query, field) in [("state=x", "state"), ("component=x", "component"), ("component=%00", "component"), ("limit=0", "limit"),
            ("limit=201", "limit"), ("cursor=x", "cursor"), ("colour=1", "colour")] {
            anyone.get(&format!("/api/v1/windows?{query}")).await.shows_problem(422, field);
        }
    }

    /// Writing needs an operator.
    async fn support_may_not_write_windows(world) {
        let operator = published(world, 1, 9).await;
        for role in [Role::Viewer, Role::Support] {
            world.program(role).patch_json(WINDOW, json!({"state": "in_progress"})).await.shows_problem(403, "");
        }
        world.anyone().patch_json(WINDOW, json!({"state": "in_progress"})).await.shows_problem(401, "");
        assert_eq!(operator.get_json(WINDOW).await["state"], "scheduled");
    }

    /// Past its scheduled end a window is overdue, and completing stays a person's act.
    async fn overdue_is_said(world) {
        let operator = running(world).await;
        world.write(|w| {
            use diesel::prelude::*;
            use interlude::store::schema::windows;
            diesel::update(windows::table).set(windows::scheduled_end.eq(w.now.plus_hours(-1))).execute(w.connection)?;
            Ok(())
        });
        let window = operator.get_json(WINDOW).await;
        assert_eq!((&window["overdue"], &window["state"]), (&json!(true), &json!("in_progress")));
    }
}
