//! Saving as one goes, one response for each browser, and opening and closing by hand.

use interlude::domain::person::Role;
use interlude::domain::survey::TemplateKey;
use interlude::store::{audit, responses};
use serde_json::json;

use super::{KEY, made, window};
use crate::support::{Actor, Reply, insist};

fn hidden(page: &Reply, name: &str) -> String {
    let text = page.text();
    text.split(&format!("name=\"{name}\" value=\"")).nth(1).unwrap().split('"').next().unwrap().to_owned()
}

async fn saved(user: &Actor, path: &str, fields: &[(&str, &str)]) -> Reply {
    let fields: Vec<_> = fields.iter().copied().chain([("act", "save")]).collect();
    user.post_form(path, &fields).await
}

story! {
    /// The script saves what is answered again and again: one response, partial until it is sent, and
    /// never among the finished ones.
    async fn answers_are_saved_as_one_goes(world) {
        let id = window(world, "full", TemplateKey::Full, 1);
        let user = world.anyone();
        let path = "/windows/full/survey";
        let key = hidden(&user.get(path).await.is(200), "idempotency_key");
        let nothing = saved(&user, path, &[("idempotency_key", &key)]).await.is(422);
        assert_eq!(nothing.json()["saved"], false);
        assert_eq!(world.read(|c| responses::counts(c, id)).partial, 0);
        let first = saved(&user, path, &[("idempotency_key", &key), ("nps", "9")]).await.is(200);
        assert!(first.header("set-cookie").contains("HttpOnly"), "{:?}", first.headers);
        assert_eq!(first.header("cache-control"), "no-store");
        let edit = first.json()["edit"].as_str().unwrap().to_owned();
        for n in ["8", "8", "7"] {
            let more = saved(&user, path, &[("idempotency_key", &key), ("nps", n), ("answers.trust", "4")]).await.is(200);
            assert_eq!(more.json()["edit"], edit.as_str());
        }
        saved(&user, path, &[("idempotency_key", &key), ("nps", "70")]).await.is(422);
        let counts = world.read(|c| responses::counts(c, id));
        assert_eq!((counts.complete, counts.partial, counts.nps.n()), (0, 1, 0));
        // Opened again in this browser, it goes on.
        let back = user.get(path).await.is(303);
        assert!(back.location().starts_with(&edit));
        user.get(back.location()).await.is(200).says("id=\"nps-7\" value=\"7\" checked").says("go on");
        // What is missing is said; what is there is sent once.
        user.post_form(&edit, &[("nps", "7")]).await.shows_form_again("csat");
        user.post_form(path, &[("idempotency_key", &key), ("nps", "7"), ("csat", "4")]).await.goes_to(&format!("{edit}/thanks"));
        let counts = world.read(|c| responses::counts(c, id));
        assert_eq!((counts.complete, counts.partial, counts.nps.count(7)), (1, 0, 1));
        // A late save does not undo it.
        saved(&user, path, &[("idempotency_key", &key), ("nps", "0")]).await.is(409);
        saved(&user, &edit, &[("nps", "0")]).await.is(422);
        assert_eq!(world.read(|c| responses::counts(c, id)).nps.count(7), 1);
    }

    /// On a shared device the next person answers for themselves once the one before had themselves forgotten,
    /// which takes no script.
    async fn a_device_forgets_who_answered(world) {
        let id = window(world, "shared", TemplateKey::Short, 1);
        let user = world.anyone();
        let path = "/windows/shared/survey";
        user.post_form(path, &[("idempotency_key", KEY), ("csat", "5")]).await.is(303);
        assert!(user.get(path).await.is(303).location().ends_with("?again=1"));
        user.get("/offline").await.is(200).says("<form method=\"post\" action=\"/offline\">").lacks("is deleted from this device.</p>");
        let forgotten = user.post_form("/offline", &[]).await.is(200).says("is deleted from this device.</p>");
        assert_eq!(forgotten.header("cache-control"), "no-store");
        user.get(path).await.is(200).lacks("already answered");
        user.post_form(path, &[("idempotency_key", "the-next-person-who-sits-here"), ("csat", "2")]).await.is(303);
        let csat = world.read(|c| responses::counts(c, id)).csat;
        assert_eq!((csat.count(5), csat.count(2)), (1, 1));
        // Another site cannot have it forgotten.
        user.send("post", "/offline", &[("sec-fetch-site", "cross-site")], vec![]).await.is(403);
        user.get(path).await.is(303);
    }

    /// A browser answers once; with other answers it is led to change the first ones, and nothing that
    /// was typed is lost. Where nothing can be kept, the form itself says whose it is.
    async fn one_response_for_each_browser(world) {
        let id = window(world, "short", TemplateKey::Short, 1);
        let user = world.anyone();
        let path = "/windows/short/survey";
        let sent = user.post_form(path, &[("idempotency_key", KEY), ("csat", "5")]).await.is(303);
        let edit = sent.location().strip_suffix("/thanks").unwrap().to_owned();
        let again = user.get(path).await.is(303);
        assert_eq!(again.location(), format!("{edit}?again=1"));
        user.get(again.location()).await.is(200).says("already answered");
        let other = "another-form-of-the-same-browser";
        user.post_form(path, &[("idempotency_key", other), ("csat", "2"), ("comment", "Second thoughts")]).await
            .is(409).says("already answered").says("Second thoughts").says(&format!("action=\"{edit}\""));
        assert_eq!(world.read(|c| responses::counts(c, id)).csat.count(5), 1);
        user.post_form(&edit, &[("csat", "2"), ("comment", "Second thoughts")]).await.is(303);
        let somebody = world.anyone();
        somebody.post_form(path, &[("idempotency_key", other), ("csat", "3")]).await.is(303);
        let counts = world.read(|c| responses::counts(c, id));
        assert_eq!((counts.complete, counts.csat.count(2), counts.csat.count(3)), (2, 1, 1));
        let forgetful = |n| world.anyone().with_header("x-tries", n);
        let keys = [("idempotency_key", "a-form-without-any-cookies-00"), ("csat", "4")];
        let first = forgetful("1").post_form(path, &keys).await.is(303);
        forgetful("2").post_form(path, &keys).await.goes_to(first.location());
        assert_eq!(world.read(|c| responses::counts(c, id)).complete, 3);
        // Another window asks anew.
        window(world, "next", TemplateKey::Short, 1);
        user.get("/windows/next/survey").await.is(200);
    }

    /// Two forms of one browser at once are one response on both databases.
    async fn two_forms_of_one_browser_at_once_are_one(world) {
        let id = window(world, "short", TemplateKey::Short, 1);
        let path = "/windows/short/survey";
        for n in 0..4 {
            let cookie = format!("the-cookie-of-one-browser-{n}");
            let (a, b) = (
                world.anyone().with_cookie("interlude_survey", &cookie),
                world.anyone().with_cookie("interlude_survey", &cookie),
            );
            let (one, two) = futures_util::future::join(
                insist(&[503], async || {
                    a.post_form(path, &[("idempotency_key", "one-form-of-this-browser"), ("csat", "5")]).await
                }),
                insist(&[503], async || {
                    b.post_form(path, &[("idempotency_key", "other-form-of-this-browser"), ("csat", "1")]).await
                }),
            ).await;
            let mut statuses = [one.status, two.status];
            statuses.sort_unstable();
            assert_eq!(statuses, [303, 409]);
        }
        assert_eq!(world.read(|c| responses::counts(c, id)).complete, 4);
    }

    /// Without script: saved between the questions, led on to what the answers bring up, told what is
    /// not asked any more.
    async fn without_script_questions_follow_answers(world) {
        made(world, "depends", json!([
            {"key": "csat", "kind": "scale", "min": 1, "max": 5, "required": true},
            {"key": "why", "kind": "multiple", "required": true, "choices": ["slow", "lost", "other"], "shown_if": {"question": "csat", "answers": ["1", "2"]}},
            {"key": "more", "kind": "text", "shown_if": {"question": "why", "answers": ["lost"]}},
            {"key": "again", "kind": "yes_no"},
        ]));
        let id = window(world, "night", TemplateKey::Made("depends".to_owned()), 1);
        let user = world.anyone();
        let path = "/windows/night/survey";
        let page = user.get(path).await.is(200).says("csat en").says("<template>");
        let key = hidden(&page, "idempotency_key");
        assert_eq!(hidden(&page, "asked"), "csat again");
        let version = hidden(&page, "version");
        let first = [("idempotency_key", key.as_str()), ("version", &version), ("asked", "csat again"), ("csat", "2")];
        let on = user.post_form(path, &first).await.is(303);
        assert!(on.location().ends_with("?more=1"), "{}", on.location());
        let page = user.get(on.location()).await.is(200).says("lead to more questions");
        assert_eq!(hidden(&page, "asked"), "csat why again");
        assert_eq!(world.read(|c| responses::counts(c, id)).partial, 1);
        let edit = on.location().split('?').next().unwrap().to_owned();
        user.post_form(&edit, &[("asked", "csat why again"), ("csat", "2")]).await.shows_form_again("answers.why");
        let kept = [("asked", "csat why again"), ("csat", "2"), ("answers.why", "lost"), ("answers.why.other", "All of it"), ("act", "keep")];
        user.post_form(&edit, &kept).await.goes_to(&format!("{edit}?kept=1"));
        let page = user.get(&format!("{edit}?kept=1")).await.is(200).says("Saved so far").says("All of it");
        assert_eq!(hidden(&page, "asked"), "csat why more again");
        // Another answer above: what hung on it is named and not kept, with the next press it is sent.
        let turned = [("asked", "csat why more again"), ("csat", "5"), ("answers.why", "lost"), ("answers.more", "Files")];
        let told = user.post_form(&edit, &turned).await.is(422).says("not asked any more").says("why en").says("more en");
        assert_eq!(hidden(&told, "asked"), "csat again");
        user.post_form(&edit, &[("asked", "csat again"), ("csat", "5")]).await.is(303);
        let answered = world.read(|c| responses::answered_of(c, &[id]));
        assert_eq!(answered[&id].keys().collect::<Vec<_>>(), ["csat"]);
        // Programs are refused by name.
        let call = "/api/v1/windows/night/survey-responses";
        user.post_json_once(call, KEY, json!({"csat": 4, "answers": {"why": ["lost"]}})).await.shows_problem(422, "answers.why");
        user.post_json_once(call, KEY, json!({"csat": 1, "answers": {"why": ["lost"], "more": "x", "why.other": "y"}})).await.is(201);
    }

    /// Where people stop: how many answered each question, finished or not.
    async fn answered_questions_are_counted(world) {
        let id = window(world, "full", TemplateKey::Full, 1);
        let call = "/api/v1/windows/full/survey-responses";
        let user = world.anyone();
        for (n, body) in [
            json!({"csat": 5, "nps": 9, "answers": {"trust": 4, "announcements": ["other"], "announcements.other": "Wiki"}}),
            json!({"csat": 4, "answers": {"trust": 4}}),
            json!({"csat": 3, "comment": "x", "complete": false}),
            json!({"nps": 3, "answers": {"trust": 1}, "complete": false}),
        ].into_iter().enumerate() {
            user.post_json_once(call, &format!("a-key-for-the-answer-{n:04}"), body).await.is(201);
        }
        let answered = world.read(|c| responses::answered_of(c, &[id])).remove(&id).unwrap();
        let of = |key: &str| (answered[key].complete, answered[key].partial);
        assert_eq!((of("csat"), of("nps"), of("comment"), of("trust")), ((2, 1), (1, 1), (0, 1), (2, 1)));
        assert_eq!(of("announcements"), (1, 0));
        assert!(!answered.contains_key("announcements.other") && !answered.contains_key("ces"));
        let custom = world.read(|c| responses::custom_of(c, &[id])).remove(&id).unwrap();
        assert_eq!(custom["trust"]["4"], 2);
        assert!(!custom.contains_key("announcements.other"), "own words are no counts");
    }

    /// Somebody opens a survey before the work is done, closes it, and opens it again; each is noted.
    async fn a_survey_is_opened_and_closed_by_hand(world) {
        window(world, "night", TemplateKey::Short, -1);
        let operator = world.staff(Role::Operator);
        let page = "/admin/surveys/night";
        operator.get(page).await.is(200).says("Not open yet");
        operator.post_form(page, &[("act", "close")]).await.is(422).says("not open at the moment");
        operator.post_form(page, &[("act", "open")]).await.goes_to(&format!("{page}?done=opened"));
        operator.post_form(page, &[("act", "open")]).await.is(422).says("open already");
        let user = world.anyone();
        user.get("/windows/night").await.is(200).says("/windows/night/survey");
        user.post_form("/windows/night/survey", &[("idempotency_key", KEY), ("csat", "5")]).await.is(303);
        operator.post_form(page, &[("act", "close")]).await.is(303);
        user.get("/windows/night").await.is(200).lacks("/windows/night/survey");
        world.anyone().get("/windows/night/survey").await.is(200).says("The survey is closed");
        world.anyone().post_form("/windows/night/survey", &[("idempotency_key", "another-key-of-thirty-letters-"), ("csat", "5")])
            .await.is(409).says("The survey is closed");
        operator.post_form(page, &[("act", "open")]).await.is(303);
        world.anyone().get("/windows/night/survey").await.is(200).says("<form class");
        operator.post_form(page, &[("act", "remind"), ("remind_days", "61")]).await.shows_form_again("remind_days");
        operator.post_form(page, &[("act", "remind"), ("remind_days", "x")]).await.shows_form_again("remind_days");
        operator.post_form(page, &[("act", "remind"), ("remind_days", "0")]).await.is(303);
        operator.post_form(page, &[("act", "burn")]).await.is(422);
        world.staff(Role::Support).post_form(page, &[("act", "close")]).await.is(403);
        let acts = world.read(|c| audit::list(c, None, 20)).into_iter().map(|a| a.action);
        let acts: Vec<String> = acts.filter(|a| a.starts_with("survey.")).collect();
        assert_eq!(acts, ["survey.remind", "survey.open", "survey.close", "survey.open"]);
        // Drafts and cancelled windows have none.
        let program = world.program(Role::Operator);
        let at = |hours| world.app.now().plus_hours(hours).rfc3339();
        let draft = json!({"slug": "draft", "title": "Draft", "scheduled_start": at(5), "scheduled_end": at(6)});
        program.post_json("/api/v1/windows", draft).await.is(201);
        operator.post_form("/admin/surveys/draft", &[("act", "open")]).await.is(422);
    }

    /// The code for a maintenance page, and a frame only on the sites that were allowed.
    async fn the_survey_is_shown_elsewhere(world) {
        window(world, "night", TemplateKey::Short, 1);
        let staff = world.staff(Role::Viewer);
        let code = staff.get("/admin/surveys/night/qr.svg").await.is(200);
        assert_eq!(code.header("content-type"), "image/svg+xml");
        assert!(code.text().contains("<svg") && !code.text().contains("<script"));
        let user = world.anyone();
        let policy = |reply: &Reply| {
            let policy = reply.header("content-security-policy").to_owned();
            policy.split("frame-ancestors ").nth(1).unwrap().to_owned()
        };
        user.get("/windows/night/survey?embed=1").await.goes_to("/embed/windows/night/survey");
        assert_eq!(policy(&user.get("/embed/windows/night/survey").await.is(200)), "'none'");
        let mut settings = (*world.app.settings()).clone();
        settings.embed_origins = interlude::domain::origin::Origin::list("embed_origins", "https://status.example.com").unwrap();
        let kept = settings.clone();
        world.write(move |w| interlude::store::instance::change_settings(w, &kept));
        world.app.replace_settings(settings);
        let framed = user.get("/embed/windows/night/survey").await.is(200).says("class=\"embed\"");
        assert_eq!(policy(&framed), "https://status.example.com");
        assert_eq!(policy(&user.get("/windows/night/survey").await.is(200)), "'none'");
        assert_eq!(policy(&user.get("/login?embed=1").await), "'none'");
        let sent = user.post_form("/embed/windows/night/survey", &[("idempotency_key", KEY), ("csat", "5")]).await.is(303);
        assert!(sent.location().starts_with("/embed/surveys/responses/"), "{}", sent.location());
        assert_eq!(policy(&user.get(sent.location()).await.is(200).says("class=\"embed\"")), "https://status.example.com");
        staff.get("/admin/surveys/night").await.is(200).says("https://status.example.com");
    }
}
