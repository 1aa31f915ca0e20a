//! Figures of answers to questions that have changed since.

use std::collections::BTreeMap;

use interlude::domain::person::Role;
use interlude::domain::survey::{AnswerValue, Answers, TemplateInput, TemplateKey};
use interlude::store::people::Actor;
use interlude::store::surveys;
use serde_json::json;

use crate::insights::answer;
use crate::surveys::{made, window, written};

const CALL: &str = "/api/v1/windows/w/survey-responses";

fn key(n: u32) -> String {
    format!("a-key-of-somebody-{n:08}")
}

story! {
    /// A question or choice that was removed keeps its answers under the words that people were asked,
    /// on the page as in the interface and in exports; new words stand where somebody answered them.
    async fn what_was_answered_stays(world) {
        made(world, "night", json!([
            {"key": "csat", "kind": "scale", "min": 1, "max": 5, "required": true},
            {"key": "mood", "kind": "single", "choices": ["good", "fair", "bad"]},
            {"key": "ready", "kind": "yes_no"},
        ]));
        window(world, "w", TemplateKey::Made("night".to_owned()), 1);
        let user = world.anyone();
        user.post_json_once(CALL, &key(1), json!({"csat": 5, "answers": {"mood": "fair", "ready": true}})).await.is(201);
        let mut changed = written("night", json!([
            {"key": "csat", "kind": "scale", "min": 1, "max": 5, "required": true},
            {"key": "mood", "kind": "single", "choices": ["good", "bad"]},
        ]));
        changed["questions"][0]["high"]["en"] = "Splendid".into();
        changed["questions"][1]["text"]["en"] = "How was it?".into();
        changed["questions"][1]["choices"][0]["text"]["en"] = "Fine".into();
        let changed: TemplateInput = serde_json::from_value(changed).unwrap();
        world.write(move |w| surveys::edit(w, &Actor::CommandLine, &TemplateKey::Made("night".to_owned()), 1, &changed));
        let viewer = world.staff(Role::Viewer);
        // Nobody has answered the new words yet.
        let page = viewer.get("/admin/insights/w").await.is(200);
        page.says("mood en").says("good en").says("fair en").says("ready en").says("5 high en").lacks("How was it?").lacks("Splendid");
        user.post_json_once(CALL, &key(2), json!({"csat": 4, "answers": {"mood": "good"}})).await.is(201);
        user.post_json_once(CALL, &key(3), json!({"csat": 4, "answers": {"mood": "bad"}})).await.is(201);
        let page = viewer.get("/admin/insights/w").await.is(200)
            .says("How was it?").says("Fine").says("fair en").says("bad en").says("ready en").says("5 Splendid").lacks("mood en");
        let text = page.text();
        let table = text.split("id=\"answers-mood\"").nth(1).unwrap().split("</table>").next().unwrap().to_owned();
        assert!(table.contains("3 answers"), "{table}");
        // A choice that is gone stands where it stood.
        assert!(table.find("Fine") < table.find("fair en") && table.find("fair en") < table.find("bad en"), "{table}");
        let found = viewer.get_json("/api/v1/windows/w/insights").await;
        assert_eq!(found["survey_answers"], json!({"mood": {"bad": 1, "fair": 1, "good": 1}, "ready": {"true": 1}}));
        let questions: BTreeMap<&str, u64> = found["drop_off"]["questions"].as_array().unwrap().iter()
            .map(|q| (q["question"].as_str().unwrap(), q["answered"].as_u64().unwrap())).collect();
        assert_eq!(questions, BTreeMap::from([("csat", 3), ("mood", 3), ("ready", 1)]));
        // Yes to an operator's question is not the yes of who saw the notice.
        viewer.get("/admin/insights/w?lang=zh-CN").await.is(200).says("ready zh-CN").lacks("看到了");
        let rows = world.program(Role::Support).get("/api/v1/exports/insights.csv?window=w&bom=false").await.is(200).text();
        for row in ["survey.answers,mood=fair,1", "survey.answers,ready=true,1", "survey.answered,ready,1"] {
            assert!(rows.contains(row), "{row}: {rows}");
        }
    }

    /// Answers to another template than the window's own are counted like all others.
    async fn answers_to_another_template_are_shown(world) {
        let id = window(world, "w", TemplateKey::Short, 1);
        let custom = BTreeMap::from([
            ("trust".to_owned(), AnswerValue::Number(4)),
            ("announcements".to_owned(), AnswerValue::Choices(vec!["chat".to_owned()])),
        ]);
        answer(world, id, &[(Answers { csat: Some(5), ces: Some(6), custom, complete: true, ..Answers::default() }, 6)]);
        let viewer = world.staff(Role::Viewer);
        let page = viewer.get("/admin/insights/w").await.is(200);
        page.says("How confident are you that we keep your data safe?").says("Chat group").says("7 Very easy");
        let found = viewer.get_json("/api/v1/windows/w/insights").await;
        let answered = |key: &str| found["drop_off"]["questions"].as_array().unwrap().iter().find(|q| q["question"] == key).unwrap()["answered"].clone();
        assert_eq!((answered("trust"), answered("ces"), answered("saw_notice")), (json!(6), json!(6), json!(0)));
    }
}
