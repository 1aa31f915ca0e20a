//! Answering the survey of a window, changing the answers, and what is refused.

mod invitations;
mod partial;
mod templates;

use interlude::domain::language::{Language, Texts};
use interlude::domain::notice::WindowDraft;
use interlude::domain::support_hours::Support;
use interlude::domain::survey::{TemplateInput, TemplateKey};
use interlude::domain::window::{FollowUpHours, Schedule, Slug, WindowState};
use interlude::domain::zone::Zone;
use interlude::store::people::Actor as StoreActor;
use interlude::store::windows::{self, ImportedWindow};
use interlude::store::{responses, surveys};
use serde_json::json;

use crate::support::{Reply, World, insist};

/// A window that began eight hours before it ended, `hours` ago; with an end in the future it is
/// still running.
pub fn window(world: &World, slug: &str, survey_template: TemplateKey, hours: i64) -> i64 {
    let state = if hours >= 0 { WindowState::Completed } else { WindowState::InProgress };
    window_in(world, slug, survey_template, hours, state, true)
}

/// A window in this state that ends or ended `hours` ago; it may be that nobody noted when it started.
pub fn window_in(
    world: &World,
    slug: &str,
    survey_template: TemplateKey,
    hours: i64,
    state: WindowState,
    noted: bool,
) -> i64 {
    let end = world.app.now().plus_hours(-hours);
    let start = end.plus_hours(-8);
    let zone = Zone::parse("time_zone", "Asia/Shanghai").unwrap();
    let draft = WindowDraft {
        slug: Some(Slug::parse("slug", slug).unwrap()),
        texts: [("title", Texts::single(Language::En, format!("Work on {slug}")))].into(),
        schedule: Schedule { start, end: Some(end), zone },
        components: Vec::new(),
        finish_before: None,
        backup_finished_at: None,
        data_checked_at: None,
        follow_up: FollowUpHours::default(),
        support: Support::default(),
        survey_template,
        survey_days: 14,
        start_by_clock: false,
        complete_by_clock: false,
    };
    let over = state == WindowState::Completed;
    let imported = ImportedWindow {
        imported_as: slug.to_owned(),
        draft,
        state,
        sequence: 1,
        announced_at: Some(start.plus_hours(-72)),
        started_at: (noted && state != WindowState::Scheduled).then_some(start),
        completed_at: over.then_some(end),
        cancelled_at: None,
        tested_at: None,
        updates: Vec::new(),
        moves: Vec::new(),
        demonstration: false,
    };
    world.write(move |w| windows::imported(w, &StoreActor::CommandLine, &imported, Language::En)).0
}

const KEY: &str = "0123456789abcdefghijklmn";

/// A template with these questions; every wording is its key or code with the language behind it.
pub fn made(world: &World, key: &'static str, questions: serde_json::Value) {
    let input: TemplateInput = serde_json::from_value(written(key, questions)).unwrap();
    let key = TemplateKey::Made(key.to_owned());
    world.write(move |w| surveys::create(w, &StoreActor::CommandLine, &key, &input, false));
}

/// The same as it is written down.
pub fn written(key: &str, questions: serde_json::Value) -> serde_json::Value {
    let both = |text: &str| json!({"zh-CN": format!("{text} zh-CN"), "en": format!("{text} en")});
    let mut questions = questions;
    for question in questions.as_array_mut().unwrap() {
        let name = question["key"].as_str().unwrap().to_owned();
        question["text"] = both(&name);
        if question["kind"] == "scale" {
            question["low"] = both("low");
            question["high"] = both("high");
        }
        if let Some(codes) = question.get("choices").and_then(|c| c.as_array()).cloned() {
            let choice = |code: &serde_json::Value| {
                let code = code.as_str().unwrap();
                json!({"code": code, "text": both(code), "other": code == "lost"})
            };
            question["choices"] = codes.iter().map(choice).collect::<Vec<_>>().into();
        }
    }
    json!({"name": both(key), "questions": questions})
}

/// The path behind an edit link.
fn path_of(world: &World, reply: &Reply) -> String {
    let url = reply.json()["edit_url"].as_str().unwrap().to_owned();
    url.strip_prefix(&world.url).unwrap().to_owned()
}

/// The call that changes the response behind an edit link.
fn call_of(path: &str) -> String {
    format!("/api/v1/survey-responses/{}", path.rsplit('/').next().unwrap())
}

story! {
    /// Somebody answers the short survey on the page, is thanked, and changes the answers.
    async fn the_short_survey_is_answered_and_changed(world) {
        let id = window(world, "short", TemplateKey::Short, 1);
        let user = world.anyone();
        let page = user.get("/windows/short/survey").await.is(200)
            .says("How did this maintenance go for you?").says("Very satisfied").lacks("recommend");
        let text = page.text();
        let key = text.split("name=\"idempotency_key\" value=\"").nth(1).unwrap().split('"').next().unwrap();
        let fields = [("idempotency_key", key), ("csat", "2"), ("saw_notice", "no"), ("comment", "Too long\r\nreally")];
        let sent = user.post_form("/windows/short/survey", &fields).await.is(303);
        // A double click sends the same thing twice and counts once.
        user.post_form("/windows/short/survey", &fields).await.goes_to(sent.location());
        let thanks = user.get(sent.location()).await.is(200).says("Thank you").says("S-");
        assert_eq!(thanks.header("cache-control"), "no-store");
        assert_eq!(thanks.header("referrer-policy"), "same-origin");
        let edit = sent.location().strip_suffix("/thanks").unwrap().to_owned();
        thanks.says(&edit);
        let again = user.get(&edit).await.is(200).says("Too long\nreally");
        assert!(again.text().contains("id=\"csat-2\" value=\"2\" checked"));
        assert!(again.text().contains("id=\"saw_notice-no\" value=\"no\" checked"));
        user.post_form(&edit, &[("csat", "5")]).await.goes_to(sent.location());
        let counts = world.read(|c| responses::counts(c, id));
        assert_eq!((counts.complete, counts.csat.count(5), counts.csat.n(), counts.saw_notice.n()), (1, 1, 1, 0));
        // Nobody else's link opens it.
        user.get(&crate::support::forged(&edit)).await.is(404);
        user.get("/surveys/responses/nonsense").await.is(404);
    }

    /// What does not fit is shown at its question; what was chosen stays chosen.
    async fn mistakes_are_shown_at_the_question(world) {
        let id = window(world, "full", TemplateKey::Full, 1);
        let user = world.anyone().reading_chinese();
        user.get("/windows/full/survey").await.is(200).says("您有多大可能向同事推荐我们的服务？");
        let fields = [
            ("idempotency_key", KEY),
            ("nps", "11"),
            ("ces", "7"),
            ("answers.announcements", "none"),
            ("answers.announcements", "mail"),
            ("answers.trust", "4"),
            ("comment", "<b>很好</b>"),
        ];
        let again = user.post_form("/windows/full/survey", &fields).await
            .shows_form_again("csat").shows_form_again("nps").shows_form_again("answers.announcements")
            .says("请选择 0 到 10 之间的整数").says("&#60;b&#62;很好");
        for kept in ["id=\"ces-7\" value=\"7\" checked", "id=\"answers.trust-4\" value=\"4\" checked", "value=\"none\" checked", KEY] {
            assert!(again.text().contains(kept), "{kept}");
        }
        let long = "长".repeat(2_001);
        user.post_form("/windows/full/survey", &[("idempotency_key", KEY), ("csat", "3"), ("comment", &long)]).await
            .shows_form_again("comment");
        user.post_form("/windows/full/survey", &[("csat", "3")]).await.is(422);
        assert_eq!(world.read(|c| responses::counts(c, id)).complete, 0);
        let mended = [("idempotency_key", KEY), ("csat", "3"), ("nps", "9"), ("answers.switch", "no")];
        user.post_form("/windows/full/survey", &mended).await.is(303);
        assert_eq!(world.read(|c| responses::counts(c, id)).nps.count(9), 1);
    }

    /// The interface takes the same answers, and refuses by name what is not asked.
    async fn the_interface_takes_answers_once(world) {
        window(world, "short", TemplateKey::Short, 1);
        let id = window(world, "full", TemplateKey::Full, 1);
        let program = world.anyone();
        let call = "/api/v1/windows/full/survey-responses";
        let answer = json!({"csat": 4, "nps": 10, "ces": 6, "saw_notice": true, "answers": {"switch": "no"}});
        let first = program.post_json_once(call, KEY, answer.clone()).await.is(201);
        assert!(first.json()["response"].as_str().unwrap().starts_with("S-"));
        assert_eq!(first.json()["complete"], true);
        let second = program.post_json_once(call, KEY, answer).await.is(201);
        assert_eq!(first.bytes, second.bytes);
        program.post_json_once(call, KEY, json!({"csat": 5})).await.shows_problem(422, "");
        program.post_json(call, json!({"csat": 5})).await.shows_problem(422, "Idempotency-Key");
        let key = "another-key-of-thirty-letters-";
        for (body, field) in [
            (json!({"csat": 6}), "csat"),
            (json!({"csat": 0}), "csat"),
            (json!({"nps": -1, "csat": 1}), "nps"),
            (json!({"ces": 8, "csat": 1}), "ces"),
            (json!({"csat": 4.5}), "csat"),
            (json!({"csat": "4"}), "csat"),
            (json!({"csat": 4, "mood": 1}), "mood"),
            (json!({"csat": 4, "answers": {"mood": 1}}), "answers.mood"),
            (json!({"csat": 4, "answers": {"switch": "perhaps"}}), "answers.switch"),
            (json!({"csat": 4, "answers": {"csat": 1}}), "answers.csat"),
            (json!({"csat": 4, "nps": 9, "answers": {"nps": 9}}), "answers.nps"),
            (json!({"csat": 4, "ces": 5, "answers": {"ces": 6}}), "answers.ces"),
            (json!({"csat": 4, "saw_notice": true, "answers": {"saw_notice": false}}), "answers.saw_notice"),
            (json!({"csat": 4, "comment": "x", "answers": {"comment": "y"}}), "answers.comment"),
            (json!({"csat": 4, "comment": "a\u{0}b"}), "comment"),
            (json!({"csat": 4, "invitation": "abc"}), "invitation"),
            (json!({}), "csat"),
            (json!([]), "body"),
        ] {
            program.post_json_once(call, key, body).await.shows_problem(422, field);
        }
        let short = "/api/v1/windows/short/survey-responses";
        program.post_json_once(short, key, json!({"csat": 4, "nps": 9})).await.shows_problem(422, "nps");
        program.post_json_once("/api/v1/windows/none/survey-responses", key, json!({"csat": 4})).await.shows_problem(404, "");
        assert_eq!(world.read(|c| responses::counts(c, id)).complete, 1);
    }

    /// An unfinished response is in no figure until it is finished, and cannot be unfinished again.
    async fn unfinished_responses_are_never_counted_with_finished_ones(world) {
        let id = window(world, "full", TemplateKey::Full, 1);
        let program = world.anyone();
        let call = "/api/v1/windows/full/survey-responses";
        let begun = program.post_json_once(call, KEY, json!({"nps": 9, "complete": false})).await.is(201);
        assert_eq!(begun.json()["complete"], false);
        let counts = world.read(|c| responses::counts(c, id));
        assert_eq!((counts.complete, counts.partial, counts.nps.n()), (0, 1, 0));
        let put = call_of(&path_of(world, &begun));
        program.put_json(&put, json!({"nps": 9, "complete": true})).await.shows_problem(422, "csat");
        let done = program.put_json(&put, json!({"nps": 8, "csat": 5})).await.is(200);
        assert_eq!(done.json()["response"], begun.json()["response"]);
        assert_eq!(done.json()["edit_url"], begun.json()["edit_url"]);
        let counts = world.read(|c| responses::counts(c, id));
        assert_eq!((counts.complete, counts.partial, counts.nps.count(8)), (1, 0, 1));
        program.put_json(&put, json!({"csat": 5, "complete": false})).await.shows_problem(422, "complete");
        program.put_json("/api/v1/survey-responses/s-222222-abc", json!({"csat": 5})).await.shows_problem(404, "");
    }

    /// Before completion and after its days the survey says so, on the page and to programs; what
    /// was sent in time is still answered alike.
    async fn a_survey_has_its_time(world) {
        window(world, "running", TemplateKey::Short, -1);
        window(world, "long-ago", TemplateKey::Short, 14 * 24 + 1);
        let user = world.anyone();
        let fields = [("idempotency_key", KEY), ("csat", "5")];
        for (slug, says) in [("running", "not opened yet"), ("long-ago", "The survey is closed")] {
            user.get(&format!("/windows/{slug}/survey")).await.is(200).says(says).lacks("<form class");
            user.post_form(&format!("/windows/{slug}/survey"), &fields).await.is(409).says(says);
            let call = format!("/api/v1/windows/{slug}/survey-responses");
            user.post_json_once(&call, KEY, json!({"csat": 5})).await.shows_problem(409, "");
        }
        user.get("/windows/none/survey").await.is(404);

        let id = window(world, "closing", TemplateKey::Short, 1);
        let call = "/api/v1/windows/closing/survey-responses";
        let sent = user.post_json_once(call, KEY, json!({"csat": 5})).await.is(201);
        let edit = path_of(world, &sent);
        world.write(move |w| close(w, id));
        let again = user.post_json_once(call, KEY, json!({"csat": 5})).await.is(201);
        assert_eq!(sent.bytes, again.bytes);
        user.put_json(&call_of(&edit), json!({"csat": 1})).await.shows_problem(409, "");
        user.get(&edit).await.is(200).says("The survey is closed");
        user.post_form(&edit, &[("csat", "1")]).await.is(409).says("The survey is closed");
        user.get(&format!("{edit}/thanks")).await.is(200).says("Thank you").lacks("Change my answers");
        assert_eq!(world.read(|c| responses::counts(c, id)).csat.count(5), 1);
    }

    /// Two senders with one key at once: one response, the same answer for both.
    async fn two_at_once_are_one(world) {
        let id = window(world, "short", TemplateKey::Short, 1);
        let (a, b) = (world.anyone(), world.anyone());
        let call = "/api/v1/windows/short/survey-responses";
        let (one, two) = futures_util::future::join(
            // 409: the other one's is still being written.
            insist(&[409, 503], async || a.post_json_once(call, KEY, json!({"csat": 3})).await),
            insist(&[409, 503], async || b.post_json_once(call, KEY, json!({"csat": 3})).await),
        ).await;
        assert_eq!(one.is(201).bytes, two.is(201).bytes);
        assert_eq!(world.read(|c| responses::counts(c, id)).complete, 1);
    }

    /// What a file brings keeps its name and its time, and coming twice doubles nothing.
    async fn imported_responses_come_once(world) {
        use interlude::domain::reference::ResponseReference;
        use interlude::domain::survey::{Answers, Exposure};
        let id = window(world, "old", TemplateKey::Short, 24 * 400);
        let at = world.app.now().plus_hours(-24 * 399);
        let one = |reference: Option<i64>, name: Option<&str>, csat: u8| responses::Imported {
            reference: reference.map(ResponseReference),
            imported_as: name.map(str::to_owned),
            window: id,
            template: TemplateKey::Short,
            submitted_at: at,
            language: Language::ZhCn,
            invited: false,
            exposure: Exposure::Public,
            answers: Answers { csat: Some(csat), complete: true, comment: Some("=1+1".into()), ..Answers::default() },
            demonstration: false,
        };
        let rows = vec![one(Some(4_000), None, 5), one(None, Some("sfo-1"), 2), one(None, Some("sfo-2"), 1)];
        let (first, second) = (rows.clone(), rows);
        let added = world.write(move |w| responses::imported(w, &first));
        assert_eq!(added[0], responses::Outcome::Added(ResponseReference(4_000)));
        let known = world.write(move |w| responses::imported(w, &second));
        assert!(known.iter().all(|o| matches!(o, responses::Outcome::Known(_))), "{known:?}");
        let other = window(world, "other", TemplateKey::Short, 1);
        let clash = responses::Imported { window: other, ..one(Some(4_000), None, 5) };
        let outcome = world.write(move |w| responses::imported(w, std::slice::from_ref(&clash)));
        assert_eq!(outcome, [responses::Outcome::NameTaken(ResponseReference(4_000))]);
        // The next one does not get a name that was given.
        let next = world.anyone().post_json_once("/api/v1/windows/other/survey-responses", KEY, json!({"csat": 5})).await;
        assert!(ResponseReference::parse(next.is(201).json()["response"].as_str().unwrap()).unwrap().0 > 4_000);
        let mut found = Vec::new();
        let filter = responses::Filter { window: Some(id), ..Default::default() };
        world.read(|c| responses::each(c, &filter, |r| { found.push((r.answers.csat, r.submitted_at)); Ok(()) }));
        assert_eq!(found.len(), 3);
        assert!(found.iter().all(|(_, t)| *t == at));
        let (comments, next) = world.read(|c| responses::comments(c, id, &responses::Comments::default(), 2));
        assert_eq!(comments.iter().map(|c| c.csat).collect::<Vec<_>>(), [Some(1), Some(2)]);
        let (rest, end) = world.read(|c| responses::comments(c, id, &responses::Comments { after: next, ..Default::default() }, 2));
        assert_eq!((rest.len(), rest[0].csat, end), (1, Some(5), None));
    }
}

/// Lets the days of a survey pass.
fn close(w: &mut interlude::store::Write<'_>, id: i64) -> interlude::store::Result<()> {
    use diesel::prelude::*;
    use interlude::store::schema::windows;
    let long_ago = w.now.plus_hours(-24 * 15);
    diesel::update(windows::table.find(id)).set(windows::completed_at.eq(long_ago)).execute(w.connection)?;
    Ok(())
}
