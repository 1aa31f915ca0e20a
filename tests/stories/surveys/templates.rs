//! Making, changing and removing templates, and answers that read right ever after.

use interlude::domain::person::Role;
use interlude::domain::survey::TemplateKey;
use interlude::store::{responses, surveys};
use serde_json::json;

use super::{KEY, made, window};
use crate::support::Reply;

/// The fields of the form of a template as they stand on its page.
fn fields(page: &Reply) -> Vec<(String, String)> {
    let text = page.text();
    let form = text
        .split("<form class=\"form\" method=\"post\">")
        .nth(1)
        .unwrap()
        .split("</form>")
        .next()
        .unwrap()
        .to_owned();
    let attribute = |tag: &str, name: &str| {
        let value = tag.split(&format!(" {name}=\"")).nth(1)?.split('"').next()?;
        Some(value.replace("&#34;", "\"").replace("&#38;", "&").replace("&#39;", "'"))
    };
    let mut found = Vec::new();
    for tag in form.split("<input").skip(1) {
        let tag = tag.split('>').next().unwrap();
        let Some(name) = attribute(tag, "name") else { continue };
        let ticked = !tag.contains("type=\"checkbox\"") || tag.contains(" checked");
        if ticked {
            found.push((name, attribute(tag, "value").unwrap_or_else(|| "on".to_owned())));
        }
    }
    for select in form.split("<select").skip(1) {
        let select = select.split("</select>").next().unwrap();
        let name = attribute(select.split('>').next().unwrap(), "name").unwrap();
        let chosen = select.split("<option").find(|o| o.contains(" selected"));
        found.push((name, chosen.and_then(|o| attribute(o, "value")).unwrap_or_default()));
    }
    found
}

fn with<'a>(fields: &'a [(String, String)], more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let kept = fields.iter().filter(|(n, _)| more.iter().all(|(m, _)| m != n));
    kept.map(|(n, v)| (n.as_str(), v.as_str())).chain(more.iter().copied()).collect()
}

story! {
    /// An operator copies a built-in template, changes it in both languages, moves and adds questions,
    /// and it is what people are asked.
    async fn a_template_is_made_of_a_copy(world) {
        let operator = world.staff(Role::Operator);
        operator.get("/admin/surveys").await.is(200).says("Built in").says("/admin/surveys/templates/new?from=full");
        operator.get("/admin/surveys/templates/short").await.is(200).says("cannot be changed");
        operator.get("/admin/surveys/templates/none").await.is(404);
        let new = "/admin/surveys/templates/new";
        let copy = fields(&operator.get(&format!("{new}?from=short")).await.is(200).says("您对这次维护的满意程度如何"));
        // Nothing is lost by a mistake.
        let typed = with(&copy, &[("key", "Month End"), ("questions.1.text.zh-CN", ""), ("act", "save")]);
        operator.post_form(new, &typed).await.shows_form_again("key").shows_form_again("name.en").shows_form_again("questions.1.text.zh-CN");
        let moved = fields(&operator.post_form(new, &with(&copy, &[("act", "down:0"), ("key", "month-end")])).await.is(200));
        assert!(moved.contains(&("questions.0.key".to_owned(), "saw_notice".to_owned())), "{moved:?}");
        let more = fields(&operator.post_form(new, &with(&moved, &[("act", "add"), ("add", "multiple")])).await.is(200));
        let key = more.iter().find(|(n, _)| n == "questions.2.key").unwrap().1.clone();
        assert_eq!(key, "month_end_q1");
        let done = with(&more, &[
            ("act", "save"), ("name.zh-CN", "月末维护"), ("name.en", "Month end"),
            ("questions.2.text.zh-CN", "哪里受了影响？"), ("questions.2.text.en", "What was affected?"),
            ("questions.2.choices.0.text.zh-CN", "登录"), ("questions.2.choices.0.text.en", "Log-in"),
            ("questions.2.choices.1.text.zh-CN", "其他"), ("questions.2.choices.1.text.en", "Something else"), ("questions.2.choices.1.other", "on"),
            ("questions.2.if", "csat"), ("questions.2.is", "1-3"),
        ]);
        operator.post_form(new, &with(&fields(&operator.get(new).await), &[("act", "preview:en")])).await.is(422);
        operator.post_form(new, &with(&more, &[("act", "preview:zh-CN")])).await.is(422);
        let shown: Vec<_> = done.iter().copied().filter(|(n, _)| *n != "act").chain([("act", "preview:zh-CN")]).collect();
        operator.post_form(new, &shown).await.is(200).says("哪里受了影响？").says("预览");
        let page = "/admin/surveys/templates/month-end";
        operator.post_form(new, &done).await.goes_to(&format!("{page}?done=created"));
        operator.post_form(new, &done).await.goes_to(&format!("{page}?done=created"));
        let again = with(&done.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect::<Vec<_>>(), &[("idempotency_key", KEY)])
            .iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect::<Vec<_>>();
        operator.post_form(new, &with(&again, &[])).await.shows_form_again("key");
        let kept = world.read(|c| surveys::asked(c, &TemplateKey::Made("month-end".to_owned())));
        let keys: Vec<_> = kept.questions.iter().map(|q| q.key.as_str()).collect();
        assert_eq!((kept.version, keys), (1, vec!["saw_notice", "csat", "month_end_q1", "comment"]));
        assert_eq!(kept.questions[2].shown_if.as_ref().unwrap().answers, ["1", "2", "3"]);
        assert_eq!(kept.questions[2].choices()[1].code, "something_else");
        // Windows offer it, and ask it in the reader's language.
        operator.get("/admin/windows/new").await.is(200).says("Month end");
        window(world, "night", TemplateKey::Made("month-end".to_owned()), 1);
        world.anyone().reading_chinese().get("/windows/night/survey").await.is(200).says("哪里受了影响？").says("登录");
        world.anyone().get("/windows/night/survey").await.is(200).says("What was affected?");
        world.staff(Role::Viewer).get(page).await.is(200).says("What was affected?").lacks("name=\"act\"");
        let call = "/api/v1/windows/night/survey-responses";
        let said = json!({"csat": 2, "answers": {"month_end_q1": ["log_in"], "month_end_q1.other": "Printing"}});
        world.anyone().post_json_once(call, KEY, said).await.is(201);
        let exporter = world.program(Role::Support);
        let csv = exporter.get("/api/v1/exports/survey-responses.csv?window=night").await.is(200).text();
        let titles = csv.lines().next().unwrap();
        assert!(titles.ends_with("trust,switch,month_end_q1,month_end_q1.other"), "{titles}");
        assert!(csv.contains("Printing"), "{csv}");
        let sheet = exporter.get("/api/v1/exports/survey-responses.csv?window=night&style=sheet&lang=zh-CN").await.is(200).text();
        assert!(sheet.contains("哪里受了影响？") && sheet.contains("登录、其他"), "{sheet}");
    }

    /// An edit is a new version; what was answered before keeps the questions it was given to.
    async fn old_answers_always_read_right(world) {
        made(world, "night", json!([{"key": "csat", "kind": "scale", "min": 1, "max": 5, "required": true}, {"key": "mood", "kind": "single", "choices": ["good", "bad"]}]));
        let id = window(world, "w", TemplateKey::Made("night".to_owned()), 1);
        let user = world.anyone();
        let call = "/api/v1/windows/w/survey-responses";
        let old = user.post_json_once(call, KEY, json!({"csat": 5, "answers": {"mood": "bad"}})).await.is(201).json();
        let form = user.get("/windows/w/survey").await.is(200);
        let operator = world.staff(Role::Operator);
        let page = "/admin/surveys/templates/night";
        let before = fields(&operator.get(page).await.is(200).says("becomes a new version"));
        // The same once more is no new version.
        operator.post_form(page, &with(&before, &[("act", "save")])).await.is(303);
        let changed = with(&before, &[("act", "save"), ("questions.1.text.en", "How was it?"), ("questions.1.choices.1.text.en", "Awful")]);
        operator.post_form(page, &changed).await.is(303);
        // Somebody else had it open: what they typed is kept, and they are told.
        operator.post_form(page, &changed).await.is(422).says("How was it?").says("changed");
        assert_eq!(world.read(|c| surveys::asked(c, &TemplateKey::Made("night".to_owned()))).version, 2);
        let reference = old["response"].as_str().unwrap();
        operator.get(&format!("/admin/surveys/w/responses/{reference}")).await.is(200)
            .says("mood en").says("bad en").says("version 1").lacks("Awful");
        operator.get("/admin/surveys/w/responses").await.is(200).says(reference);
        operator.get("/admin/surveys/w/responses?state=partial").await.is(200).lacks(reference);
        // A form from before the change shows the new questions, with the answers that still fit.
        let version = form.text().split("name=\"version\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
        assert_eq!(version, "1");
        user.post_form("/windows/w/survey", &[("idempotency_key", KEY), ("version", "1"), ("csat", "3"), ("answers.mood", "bad")]).await
            .is(409).says("changed meanwhile").says("Awful").says("value=\"bad\" checked");
        // The old one is changed as it was asked.
        let edit = old["edit_url"].as_str().unwrap();
        user.get(edit).await.is(200).says("mood en").lacks("How was it?");
        user.put_json(&super::call_of(edit), json!({"csat": 4, "answers": {"mood": "good"}})).await.is(200);
        // An answer of another kind under the same name would be mixed with the old ones.
        let now = fields(&operator.get(page).await.is(200));
        let kind = with(&now, &[("act", "save"), ("questions.1.kind", "text")]);
        operator.post_form(page, &kind).await.is(422).says("already has answers of another kind");
        let scale = with(&now, &[("act", "save"), ("questions.0.max", "10")]);
        operator.post_form(page, &scale).await.shows_form_again("questions.0.kind").says("standard question");
        assert_eq!(world.read(|c| responses::counts(c, id)).complete, 1);
        // Another template for a survey with answers would leave them behind.
        let program = world.program(Role::Operator);
        program.patch_json("/api/v1/windows/w", json!({"survey": {"template": "short"}})).await.shows_problem(422, "survey.template");
        program.patch_json("/api/v1/windows/w", json!({"survey": {"template": "nowhere"}})).await.shows_problem(422, "survey.template");
    }

    /// What is used stays; what nobody uses goes.
    async fn only_unused_templates_are_removed(world) {
        for key in ["used", "free"] {
            made(world, key, json!([{"key": "csat", "kind": "scale", "min": 1, "max": 5}]));
        }
        window(world, "w", TemplateKey::Made("used".to_owned()), 1);
        let operator = world.staff(Role::Operator);
        let used = "/admin/surveys/templates/used";
        let form = fields(&operator.get(used).await.is(200));
        operator.post_form(used, &with(&form, &[("act", "remove")])).await.is(422).says("1 window uses it and 0 responses answer it.").says("csat en");
        let free = "/admin/surveys/templates/free";
        let form = fields(&operator.get(free).await.is(200));
        operator.post_form(free, &with(&form, &[("act", "remove"), ("confirm", "free")])).await.goes_to("/admin/surveys?done=removed");
        operator.get(free).await.is(404);
        operator.post_form("/admin/surveys/templates/short", &[("act", "remove")]).await.is(409);
        world.staff(Role::Support).post_form(used, &[("act", "remove")]).await.is(403);
        // No nonsense in the form makes the server stumble.
        for (name, value) in [("count", "99999999"), ("questions.0.kind", "\u{0}"), ("questions.0.key", "é"), ("act", "up:999"), ("act", "drop:-1"), ("act", "add"), ("questions.0.min", "99999999999999999999")] {
            let status = operator.post_form(used, &with(&fields(&operator.get(used).await), &[(name, value)])).await.status;
            assert!(status < 500, "{name}={value}: {status}");
        }
    }
}
