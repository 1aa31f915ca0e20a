//! Sent twice, done once: what staff press twice, and what programs send again after a lost answer.

use interlude::domain::person::Role;
use serde_json::{Value, json};

use crate::support::{Actor, Reply, World};

const KEY: &str = "a-key-of-22-characters-x";
const WORDS: &str = "Please try once more.";

/// The name of a report that somebody sent.
async fn reported(world: &World) -> String {
    let body = json!({"impact": "blocked", "description": "Nothing works."});
    let sent = world.anyone().post_json_once("/api/v1/reports", KEY, body).await.is(201).json();
    sent["reference"].as_str().unwrap().to_owned()
}

/// The value of a hidden field of the form that has this field to type in.
fn hidden(page: &Reply, typed: &str, name: &str) -> String {
    let text = page.text();
    let form = text.split("<form").find(|f| f.contains(&format!("name=\"{typed}\""))).unwrap();
    let value = form.split(&format!("name=\"{name}\" value=\"")).nth(1).unwrap();
    value.split('"').next().unwrap().to_owned()
}

async fn send(actor: &Actor, method: &str, path: &str, key: &str, body: &Value) -> Reply {
    let headers = [("content-type", "application/json"), ("idempotency-key", key)];
    actor.send(method, path, &headers, body.to_string().into_bytes()).await
}

story! {
    /// A button pressed twice tells the reporter once and is no conflict with oneself.
    async fn an_answer_pressed_twice_is_told_once(world) {
        let staff = world.staff(Role::Support);
        let at = format!("/admin/reports/{}", reported(world).await);
        let page = staff.get(&at).await.is(200);
        let (key, revision) = (hidden(&page, "answer", "idempotency_key"), hidden(&page, "answer", "revision"));
        let form = |words: &'static str| [("idempotency_key", key.clone()), ("revision", revision.clone()), ("answer", words.to_owned())];
        let press = async |words: &'static str| {
            let fields = form(words);
            let fields: Vec<(&str, &str)> = fields.iter().map(|(n, v)| (*n, v.as_str())).collect();
            staff.post_form(&at, &fields).await
        };
        press(WORDS).await.is(303);
        press(WORDS).await.is(303);
        let shown = staff.get(&at).await.is(200).text();
        assert_eq!(shown.matches(WORDS).count(), 1, "{shown}");
        // Gone back, written anew and sent: somebody looked at what is no longer so.
        press("Something else.").await.is(409).says("Something else.");
    }

    /// Calls under a key are done once; the key with another call is told so.
    async fn calls_under_a_key_are_done_once(world) {
        let program = world.program(Role::Administrator);
        let report = format!("/api/v1/reports/{}", reported(world).await);
        let answer = json!({"answer": WORDS});
        for _ in 0..2 {
            send(&program, "patch", &report, "a-key-of-22-characters-1", &answer).await.is(200);
        }
        let shown = world.staff(Role::Support).get(&report.replace("/api/v1", "/admin")).await.is(200).text();
        assert_eq!(shown.matches(WORDS).count(), 1, "{shown}");
        send(&program, "patch", &report, "a-key-of-22-characters-1", &json!({"answer": "Another."})).await.shows_problem(422, "");

        let window = json!({
            "title": "Work by night", "time_zone": "Asia/Shanghai", "state": "scheduled",
            "scheduled_start": "2030-01-01T00:00:00Z", "scheduled_end": "2030-01-01T02:00:00Z",
        });
        let made = send(&program, "post", "/api/v1/windows", "a-key-of-22-characters-2", &window).await.is(201).json();
        let again = send(&program, "post", "/api/v1/windows", "a-key-of-22-characters-2", &window).await.is(201).json();
        assert_eq!(made["slug"], again["slug"]);
        assert_eq!(program.get_json("/api/v1/windows").await["items"].as_array().unwrap().len(), 1);

        let updates = format!("/api/v1/windows/{}/updates", made["slug"].as_str().unwrap());
        program.patch_json(updates.trim_end_matches("/updates"), json!({"state": "in_progress"})).await.is(200);
        let update = json!({"stage": "implementation", "body": WORDS});
        for _ in 0..2 {
            send(&program, "post", &updates, "a-key-of-22-characters-3", &update).await.is(201);
        }
        let notice = world.anyone().get(&format!("/windows/{}", made["slug"].as_str().unwrap())).await.is(200).text();
        assert_eq!(notice.matches(WORDS).count(), 1, "{notice}");

        let improvement = json!({"title": WORDS});
        for _ in 0..2 {
            send(&program, "post", "/api/v1/improvements", "a-key-of-22-characters-4", &improvement).await.is(201);
        }
        assert_eq!(program.get_json("/api/v1/improvements").await["items"].as_array().unwrap().len(), 1);
    }
}
