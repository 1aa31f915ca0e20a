//! "Me too", from the notice and from the form: counted once, with a receipt like a report's.

use std::time::Duration;

use diesel::connection::SimpleConnection;
use diesel::{Connection, PgConnection, RunQueryDsl};
use futures_util::future::join;
use interlude::domain::person::Role;
use interlude::store::connection::Database;
use serde_json::json;

use super::{answer, issue, nothing_is_wrong};
use crate::support::{Actor, Reply, World};
use interlude::store::known_issues;
use interlude::store::people::Actor as StoreActor;

fn key_in(page: &Reply) -> String {
    let text = page.text();
    text.split("name=\"idempotency_key\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned()
}

/// Says it through the page; gives where that leads.
async fn said(actor: &Actor, issue: i64, more: &[(&str, &str)]) -> Reply {
    let path = format!("/known-issues/{issue}/me-too");
    let key = key_in(&actor.get(&path).await.is(200));
    let fields = [&[("idempotency_key", key.as_str())][..], more].concat();
    actor.post_form(&path, &fields).await.is(303)
}

fn receipt(reply: &Reply) -> String {
    reply.location().split('?').next().unwrap().to_owned()
}

fn met(world: &World, issue: i64) -> i64 {
    world.read(|c| known_issues::by_id(c, issue)).met()
}

story! {
    async fn one_person_counts_once_and_is_told_so(world) {
        let issue = issue(world);
        let (li, wang) = (world.anyone().reading_chinese(), world.anyone());
        li.get(&format!("/known-issues/{issue}/me-too")).await.is(200).says("验证码收不到").says("Cookie");
        let first = said(&li, issue, &[]).await;
        assert!(first.location().starts_with("/receipts/m-"), "{}", first.location());
        assert!(first.header("set-cookie").contains("HttpOnly"));
        assert!(first.header("set-cookie").contains("SameSite=Lax"));
        said(&wang, issue, &[]).await;
        assert_eq!(met(world, issue), 2);
        // Pressed again: shown the count, not counted, led to the same receipt.
        let path = format!("/known-issues/{issue}/me-too");
        li.get(&path).await.is(200).says("累计反馈 2 次").says(&receipt(&first));
        let again = li.post_form(&path, &[("idempotency_key", format!("{:-<24}", "another").as_str())]).await;
        again.goes_to(&path);
        assert_eq!(met(world, issue), 2);
        nothing_is_wrong(world);
    }

    async fn a_device_forgets_who_said_it(world) {
        let issue = issue(world);
        let person = world.anyone();
        let path = format!("/known-issues/{issue}/me-too");
        let first = receipt(&said(&person, issue, &[]).await);
        person.get(&path).await.is(200).says(&first);
        person.post_form("/offline", &[]).await.is(200);
        person.get(&path).await.is(200).lacks(&first);
        assert_eq!(met(world, issue), 1, "what was said stays said");
    }

    async fn the_same_key_is_the_same_person_even_if_the_answer_was_lost(world) {
        let issue = issue(world);
        let path = format!("/known-issues/{issue}/me-too");
        let key = format!("{:-<24}", "lost");
        let first = world.anyone().post_form(&path, &[("idempotency_key", key.as_str())]).await.is(303);
        let again = world.anyone().post_form(&path, &[("idempotency_key", key.as_str())]).await.is(303);
        assert_eq!((first.location(), first.header("set-cookie")), (again.location(), again.header("set-cookie")));
        assert_eq!(met(world, issue), 1);
        // Somebody else's contact under the same key is another command.
        world.anyone().post_form(&path, &[("idempotency_key", key.as_str()), ("phone", "138 0013 8000")]).await.is(422);
        assert_eq!(met(world, issue), 1);
    }

    async fn a_form_that_comes_back_keeps_its_key(world) {
        let issue = issue(world);
        let path = format!("/known-issues/{issue}/me-too");
        let key = format!("{:-<24}", "kept");
        let wrong = [("idempotency_key", key.as_str()), ("email", "no address")];
        assert_eq!(key_in(&world.anyone().post_form(&path, &wrong).await.is(422)), key);
        // One that no server would take, or that stands for another command, is replaced.
        let bad = world.anyone().post_form(&path, &[("idempotency_key", "short")]).await.is(422);
        assert_ne!(key_in(&bad), "short");
        world.anyone().post_form(&path, &[("idempotency_key", key.as_str())]).await.is(303);
        let other = [("idempotency_key", key.as_str()), ("phone", "138 0013 8000")];
        assert_ne!(key_in(&world.anyone().post_form(&path, &other).await.is(422)), key);
        assert_eq!(met(world, issue), 1);
    }

    async fn the_receipt_shows_and_does_what_a_reports_receipt_does(world) {
        let issue = issue(world);
        let person = world.anyone();
        let here = receipt(&said(&person, issue, &[("phone", "138 0013 8000")]).await);
        let page = person.get(&here).await.is(200).says("No SMS codes").says("Log in with your").says("Reported once so far");
        assert_eq!(page.header("cache-control"), "no-store");
        let code = page.text().split("id=\"code\">").nth(1).unwrap().split('<').next().unwrap().to_owned();
        assert!(code.starts_with("M-"));
        world.anyone().post_form("/receipts", &[("code", code.to_lowercase().as_str())]).await.goes_to(&here);
        world.anyone().post_form("/receipts", &[("code", format!("https://example.com{here}?x=1").as_str())]).await.goes_to(&here);
        person.post_form(&format!("{here}/contact"), &[("phone", ""), ("email", "li@example.com")]).await.is(303);
        person.post_form(&format!("{here}/contact"), &[("email", "no address")]).await.shows_form_again("email");
        person.post_form(&format!("{here}/messages"), &[("message", ""), ("idempotency_key", key_in(&page).as_str())]).await.shows_form_again("message");
        person.post_form(&format!("{here}/messages"), &[("message", "安卓也收不到"), ("idempotency_key", key_in(&page).as_str())]).await.is(303);
        person.get(&here).await.says("安卓也收不到").says("li@example.com");
        let data = person.get_json(&format!("{here}/data.json")).await;
        assert_eq!(data["contact"]["email"], "li@example.com");
        // Support sees what was written, and answers.
        let support = world.staff(Role::Support);
        let reference = data["reference"].as_str().unwrap().to_owned();
        support.get(&format!("/admin/known-issues/{issue}")).await.is(200).says(&reference).says("安卓也收不到");
        let staff = format!("/admin/me-toos/{reference}");
        support.get(&staff).await.is(200).says("li@example.com");
        world.staff(Role::Viewer).get(&staff).await.is(200).lacks("li@example.com");
        support.post_form(&staff, &[("answer", "")]).await.shows_form_again("answer");
        support.post_form(&staff, &[("answer", "Which network?")]).await.is(303);
        person.get(&here).await.says("Which network?");
        // Resolved: told, and asked whether it works.
        world.write(move |w| known_issues::resolve(w, &StoreActor::CommandLine, issue, None, &answer()));
        interlude::jobs::tick(&world.store, false).await.unwrap();
        person.get(&here).await.says("It works again").says("Resolved");
        person.post_form(&format!("{here}/verdict"), &[("verdict", "not_fixed")]).await.is(303);
        person.get(&here).await.says("In progress");
        support.get(&format!("/admin/known-issues/{issue}")).await.says(&reference);
        person.post_form(&format!("{here}/verdict"), &[("verdict", "nonsense")]).await.is(422);
        person.post_form(&format!("{here}/verdict"), &[("verdict", "fixed")]).await.is(303);
        person.get(&here).await.says("You said that it works again.").lacks("Please tell us whether that is so");
        // Erased: gone for its holder, still counted, and nothing of it is left to read.
        person.post_form(&format!("{here}/erase"), &[]).await.shows_form_again("confirm");
        person.post_form(&format!("{here}/erase"), &[("confirm", "yes")]).await.shows_form_again("confirm");
        person.post_form(&format!("{here}/erase"), &[("confirm", &reference)]).await.goes_to("/receipts?erased=1");
        person.get(&here).await.is(404);
        support.get(&staff).await.is(200).lacks("安卓也收不到").lacks("li@example.com").lacks("Which network?");
        assert_eq!(met(world, issue), 1);
        nothing_is_wrong(world);
    }

    async fn programs_say_it_too(world) {
        let issue = issue(world);
        let path = format!("/api/v1/known-issues/{issue}/me-too");
        let key = format!("{:-<24}", "program");
        let wrong = json!({"contact": {"email": "no address"}});
        world.anyone().post_json_once(&path, &key, wrong).await.shows_problem(422, "contact.email");
        let first = world.anyone().post_json_once(&path, &key, json!({"language": "en"})).await.is(201);
        let again = world.anyone().post_json_once(&path, &key, json!({"language": "en"})).await.is(201);
        assert_eq!(first.bytes, again.bytes);
        let receipt = first.json();
        assert_eq!((&receipt["stage"], &receipt["window"], &receipt["status"]), (&json!(null), &json!(null), &json!("acknowledged")));
        let secret = receipt["receipt_url"].as_str().unwrap().rsplit('/').next().unwrap().to_owned();
        let held = world.anyone().get_json(&format!("/api/v1/receipts/{secret}")).await;
        assert_eq!((&held["reference"], &held["known_issue"]["title"]), (&receipt["reference"], &json!("No SMS codes")));
        let code = receipt["receipt_code"].as_str().unwrap();
        world.anyone().get_json(&format!("/api/v1/receipts/{code}")).await;
        let held = world.anyone().post_json(&format!("/api/v1/receipts/{secret}/verdict"), json!({"fixed": true})).await.is(200).json();
        assert_eq!(held["verdict"], "fixed");
        world.anyone().post_json_once(&format!("/api/v1/receipts/{secret}/messages"), &key, json!({"message": "hello"})).await.is(201);
        world.anyone().delete(&format!("/api/v1/receipts/{secret}")).await.is(204);
        world.anyone().get(&format!("/api/v1/receipts/{secret}")).await.is(404);
        world.anyone().post_json_once(&path, "short", json!({})).await.shows_problem(422, "Idempotency-Key");
        world.anyone().post_json_once(&path, &key, json!({"x": 1})).await.shows_problem(422, "x");
    }

    async fn what_is_hidden_or_over_takes_no_me_too(world) {
        let (hidden, over) = (issue(world), issue(world));
        let support = world.program(Role::Support);
        support.patch_json(&format!("/api/v1/known-issues/{hidden}"), json!({"public": false})).await.is(200);
        support.patch_json(&format!("/api/v1/known-issues/{over}"), json!({"status": "resolved", "answer": "Done"})).await.is(200);
        let key = format!("{:-<24}", "k");
        for path in [format!("/known-issues/{hidden}/me-too"), "/known-issues/99999/me-too".into(), "/known-issues/x/me-too".into()] {
            world.anyone().get(&path).await.is(404);
            world.anyone().post_form(&path, &[("idempotency_key", key.as_str())]).await.is(404);
        }
        let path = format!("/known-issues/{over}/me-too");
        world.anyone().get(&path).await.is(200).says("has been resolved");
        world.anyone().post_form(&path, &[("idempotency_key", key.as_str())]).await.is(409).says("has been resolved");
        world.anyone().post_json_once(&format!("/api{}", path.replacen('/', "/v1/", 1)), &key, json!({})).await.is(409);
        let open = issue(world);
        world.anyone().post_form(&format!("/known-issues/{open}/me-too"), &[]).await.is(422);
        world.anyone().post_form(&format!("/known-issues/{open}/me-too"), &[("idempotency_key", key.as_str()), ("email", "no")]).await.shows_form_again("email");
    }

    async fn the_form_offers_what_is_known(world) {
        let issue = issue(world);
        let list = world.anyone().get("/known-issues.json").await.is(200);
        let items = list.json();
        assert_eq!((&items[0]["id"], &items[0]["components"]), (&json!(issue), &json!(["login"])));
        assert!(items[0]["terms"].as_array().unwrap().contains(&json!("验证")));
        let tag = list.header("etag").to_owned();
        world.anyone().send("get", "/known-issues.json", &[("if-none-match", &tag)], vec![]).await.is(304);
        world.anyone().get("/known-issues.json?x=1").await.is(422);
        world.anyone().get("/known-issues.json?window=nothing").await.is(404);
        // Without script it is listed at once, and open at the error round if the words fit.
        let page = world.anyone().get("/report").await.is(200).says("No SMS codes").says("Log in with your");
        assert!(page.text().contains(&format!("<details class=\"more\" data-issue=\"{issue}\"")));
        let again = world.anyone().post_form("/report", &[("description", "I get no SMS codes")]).await.is(422);
        assert!(again.text().contains(&format!("<details class=\"more\" open data-issue=\"{issue}\"")));
        let again = world.anyone().post_form("/report", &[("description", "Something else"), ("component", "login")]).await.is(422);
        assert!(again.text().contains(&format!("<details class=\"more\" open data-issue=\"{issue}\"")));
    }
}

/// How many changes of this database are held up by the trigger that sleeps.
fn sleeping(connection: &mut PgConnection) -> i64 {
    use diesel::dsl::sql;
    use diesel::sql_types::BigInt;
    let asked = "(SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'PgSleep')";
    diesel::select(sql::<BigInt>(asked)).get_result(connection).unwrap()
}

/// The first try takes so long that the second one, of a browser that has no cookie yet, hears that it
/// still runs; what it sends after that is the same person's.
#[test]
fn a_second_press_during_a_slow_first_one_counts_once() {
    let Some(world) = World::on_postgres() else {
        crate::support::left_out("no INTERLUDE_TEST_POSTGRES_URL");
        return;
    };
    world.run(async {
        let Database::Postgres(url) = world.store.database() else { unreachable!("it is on PostgreSQL") };
        let mut slow = PgConnection::establish(url).unwrap();
        // As long as the lock is held; waiting for it in earnest would be given up.
        slow.batch_execute(
            "CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS \
             'BEGIN WHILE NOT pg_try_advisory_xact_lock(7) LOOP PERFORM pg_sleep(0.05); END LOOP; \
             RETURN NEW; END'; \
             CREATE TRIGGER slow BEFORE INSERT ON me_toos FOR EACH ROW EXECUTE FUNCTION slow(); \
             SELECT pg_advisory_lock(7)",
        )
        .unwrap();
        let issue = issue(&world);
        let path = format!("/known-issues/{issue}/me-too");
        let key = format!("{:-<24}", "pressed-twice");
        let fields = [("idempotency_key", key.as_str())];
        let (first, second) = (world.anyone(), world.anyone());
        let (first, second) = join(first.post_form(&path, &fields), async {
            // On a machine with much else to do the first one may be long on its way.
            while sleeping(&mut slow) == 0 {
                actix_web::rt::time::sleep(Duration::from_millis(50)).await;
            }
            let told = second.post_form(&path, &fields).await.is(409);
            slow.batch_execute("SELECT pg_advisory_unlock(7)").unwrap();
            told
        })
        .await;
        first.is(303);
        let again = key_in(&second);
        world.anyone().post_form(&path, &[("idempotency_key", again.as_str())]).await.is(303);
        assert_eq!(met(&world, issue), 1);
        nothing_is_wrong(&world);
    });
}
