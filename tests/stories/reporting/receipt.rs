//! The receipt.

use super::*;
use interlude::domain::line::Block;
use interlude::domain::person::Role;
use interlude::domain::secret::Receipt;
use interlude::store::reports::{self, triage};

fn code_of(receipt: &str) -> (interlude::domain::reference::ReportReference, String) {
    Receipt::of_link(receipt.strip_prefix("/receipts/").unwrap()).unwrap()
}

fn triaged(world: &World, receipt: &str, changes: triage::Changes) {
    let id = code_of(receipt).0.0;
    world.write(move |w| triage::change(w, &StoreActor::CommandLine, id, None, &changes));
}

story! {
    /// The code, however it is typed, and the link lead to the same page; nothing else does.
    async fn a_report_is_found_again_by_code_and_by_link(world) {
        night(world, None);
        let receipt = reported(&world.anyone(), &[]).await;
        let (reference, code) = code_of(&receipt);
        let other = world.anyone();
        other.get("/receipts").await.is(200).says("Find my report");
        for typed in [code.clone(), code.to_lowercase().replace('-', " "), format!(" {}{receipt} ", world.url)] {
            other.post_form("/receipts", &[("code", &typed)]).await.goes_to(&receipt);
        }
        other.get(&format!("/receipts/{code}")).await.goes_to(&receipt);
        other.get(&receipt).await.is(200).says(&code).says(&reference.to_string());
    }

    /// A wrong code, a code of no report and nonsense get the same answer.
    async fn wrong_codes_are_alike(world) {
        night(world, None);
        let receipt = reported(&world.anyone(), &[]).await;
        let (reference, code) = code_of(&receipt);
        let last = if code.ends_with('0') { '1' } else { '0' };
        let wrong = format!("{}{last}", &code[..code.len() - 1]);
        let unknown = code.replace(&reference.to_string(), &interlude::domain::reference::ReportReference(77_777).to_string());
        let mut answers = Vec::new();
        for typed in [wrong.as_str(), unknown.as_str(), "hello"] {
            let reply = world.anyone().post_form("/receipts", &[("code", typed)]).await.is(404);
            answers.push(reply.text().replace(typed, "…"));
            world.anyone().get(&format!("/receipts/{typed}")).await.is(404);
            world.anyone().get(&format!("/api/v1/receipts/{typed}")).await.shows_problem(404, "");
        }
        assert!(answers.windows(2).all(|w| w[0] == w[1]));
        world.anyone().post_form("/receipts", &[("code", "")]).await.shows_form_again("code");
        world.anyone().get(&crate::support::forged(&receipt)).await.is(404);
        // The reference alone opens nothing.
        world.anyone().get(&format!("/receipts/{reference}")).await.is(404);
    }

    /// Support answers, resolves; the reporter sees it, says that it is not fixed, and it is open again.
    async fn the_reporter_sees_the_answer_and_has_the_last_word(world) {
        night(world, None);
        let user = world.anyone();
        let receipt = reported(&user, &[]).await;
        let answer = Block::required("answer", "It should work again.\nPlease try.", 2_000).unwrap();
        triaged(world, &receipt, triage::Changes {
            status: Some(interlude::domain::report::Status::Resolved), answer: Some(answer),
            note: Some(Block::required("note", "only for us", 2_000).unwrap()), ..Default::default()
        });
        user.get(&receipt).await.is(200).says("It should work again.").says("Is it solved?").says("Resolved")
            .lacks("only for us").lacks("answers by");
        user.post_form(&format!("{receipt}/verdict"), &[("verdict", "not_fixed")]).await
            .goes_to(&format!("{receipt}?done=not_fixed"));
        user.get(&format!("{receipt}?done=not_fixed")).await.says("We go on working on it").says("In progress");
        user.post_form(&format!("{receipt}/verdict"), &[("verdict", "maybe")]).await.is(422);
        // Solved once more, and confirmed: nobody is asked again.
        triaged(world, &receipt, triage::Changes {
            status: Some(interlude::domain::report::Status::Resolved), ..Default::default()
        });
        user.get(&receipt).await.says("tell us whether that is so");
        user.post_form(&format!("{receipt}/verdict"), &[("verdict", "fixed")]).await.is(303);
        let page = user.get(&receipt).await.text();
        let stands = page.split("id=\"stands\"").nth(1).unwrap().split("</section>").next().unwrap();
        assert!(stands.contains("You said that it works again."), "{stands}");
        assert!(!stands.contains("tell us whether that is so"), "{stands}");
        counts_are_right(world, 1);
    }

    /// By program, the receipt says what its page says of the known issue behind it, if that is public.
    async fn the_receipt_names_the_known_issue_by_program(world) {
        night(world, None);
        let (user, support) = (world.anyone(), world.program(Role::Support));
        let receipt = reported(&user, &[]).await;
        let reference = code_of(&receipt).0.to_string();
        let call = format!("/api/v1{receipt}");
        assert_eq!(user.get_json(&call).await["known_issue"], serde_json::json!(null));
        let body = serde_json::json!({"title": {"en": "No codes", "zh-CN": "没有验证码"}, "workaround": {"en": "Use the password"}, "reports": [reference]});
        let made = support.post_json("/api/v1/known-issues", body).await.is(201).json();
        user.get(&receipt).await.says("No codes").says("Use the password");
        for held in [user.get_json(&call).await, user.get_json(&format!("{receipt}/data.json")).await] {
            let known = &held["known_issue"];
            assert_eq!((&known["id"], &known["title"], &known["workaround"]), (&made["id"], &"No codes".into(), &"Use the password".into()));
        }
        support.patch_json(&format!("/api/v1/known-issues/{}", made["id"]), serde_json::json!({"public": false})).await.is(200);
        assert_eq!(user.get_json(&call).await["known_issue"], serde_json::json!(null));
    }

    /// A message reaches the history once; a report that waited for it goes on.
    async fn the_reporter_writes_again(world) {
        night(world, None);
        let user = world.anyone();
        let receipt = reported(&user, &[]).await;
        triaged(world, &receipt, triage::Changes {
            status: Some(interlude::domain::report::Status::Waiting), ..Default::default()
        });
        let key = key_in(&user.get(&receipt).await);
        let fields = [("idempotency_key", key.as_str()), ("message", "还是打不开")];
        for _ in 0..2 {
            user.post_form(&format!("{receipt}/messages"), &fields).await.is(303);
        }
        let page = user.get(&receipt).await.says("In progress");
        assert_eq!(page.text().matches("还是打不开").count(), 1);
        user.post_form(&format!("{receipt}/messages"), &[("idempotency_key", &key), ("message", " ")]).await
            .shows_form_again("message");
        let long = "长".repeat(2_001);
        user.post_form(&format!("{receipt}/messages"), &[("idempotency_key", &key), ("message", &long)]).await
            .shows_form_again("message").says(&long);
    }

    /// A contact can be added and taken away again.
    async fn a_contact_can_be_added_later(world) {
        night(world, None);
        let user = world.anyone();
        let receipt = reported(&user, &[]).await;
        let at = format!("{receipt}/contact");
        user.post_form(&at, &[("phone", "12"), ("email", "")]).await.shows_form_again("phone").says("12");
        user.post_form(&at, &[("phone", "138 0013 8000"), ("email", "a@example.com")]).await.is(303);
        user.get(&receipt).await.says("138 0013 8000").says("Support may reach you").lacks("You left no contact");
        user.post_form(&at, &[("phone", ""), ("email", "")]).await.is(303);
        user.get(&receipt).await.lacks("138 0013 8000").says("You left no contact");
    }

    /// What the reporter gave can be taken home, and erased for good; the count stays.
    async fn a_report_is_downloaded_and_erased(world) {
        night(world, None);
        let user = world.anyone();
        let receipt = reported(&user, &[("phone", "13800138000")]).await;
        let file = user.get(&format!("{receipt}/data.json")).await.is(200);
        assert!(file.header("content-disposition").starts_with("attachment; filename=\"R-"));
        assert_eq!(file.json()["contact"]["phone"], "13800138000");
        user.post_form(&format!("{receipt}/erase"), &[]).await.shows_form_again("confirm");
        user.get(&receipt).await.is(200);
        let reference = file.json()["reference"].as_str().unwrap().to_owned();
        user.get(&receipt).await.says(&format!("Type “{reference}” to confirm"));
        user.post_form(&format!("{receipt}/erase"), &[("confirm", "yes")]).await.shows_form_again("confirm").says("value=\"yes\"");
        user.get(&receipt).await.is(200);
        user.post_form(&format!("{receipt}/erase"), &[("confirm", &reference.to_lowercase())]).await.goes_to("/receipts?erased=1");
        user.get("/receipts?erased=1").await.says("Erased for good.");
        user.get(&receipt).await.is(404);
        let (reference, code) = code_of(&receipt);
        user.post_form("/receipts", &[("code", &code)]).await.is(404);
        assert_eq!(world.read(move |c| reports::content(c, reference.0)), None);
        counts_are_right(world, 1);
        world.anyone().get("/windows/night/report").await.says("One report of");
    }

    /// A report that was never answered in time says so.
    async fn a_missed_promise_is_admitted(world) {
        night(world, None);
        let user = world.anyone();
        let receipt = reported(&user, &[]).await;
        let id = code_of(&receipt).0.0;
        world.write(move |w| {
            use diesel::prelude::*;
            use interlude::store::schema::reports;
            diesel::update(reports::table.find(id)).set(reports::answer_due_at.eq(w.now.plus_hours(-2))).execute(w.connection)?;
            Ok(())
        });
        user.get(&receipt).await.says("We meant to answer by");
        // Staff cannot open it without the receipt either.
        world.staff(Role::Administrator).get(&format!("/receipts/{}", code_of(&receipt).0)).await.is(404);
    }
}

/// Codes can be tried ten times, then one has to wait; links are not touched by that.
#[test]
fn codes_are_throttled() {
    let world = World::with_limits();
    world.run(async {
        night(&world, None);
        let receipt = reported(&world.anyone(), &[]).await;
        let mut last = 404;
        for _ in 0..12 {
            let reply =
                world.anyone().post_form("/receipts", &[("code", "R-7KQ4M2-AAAA-AAAA-AAAA-AAAA")]).await;
            last = reply.status;
            if last == 429 {
                assert!(reply.header("retry-after").parse::<u64>().unwrap() > 0);
                reply.says("R-7KQ4M2-AAAA").says("Too often · ");
            }
        }
        assert_eq!(last, 429);
        let (_, code) = code_of(&receipt);
        world.anyone().get(&format!("/api/v1/receipts/{code}")).await.shows_problem(429, "");
        world.anyone().get(&receipt).await.is(200);
    });
}

/// Somebody who sends too often gets the form back with what was typed.
#[test]
fn submissions_are_throttled() {
    let world = World::with_limits();
    world.run(async {
        night(&world, None);
        let fields = [("idempotency_key", "x"), ("description", "很急"), ("impact", "blocked")];
        // Sixty at once, and one more each second that this takes.
        for _ in 0..200 {
            let reply = world.anyone().post_form("/report", &fields).await;
            if reply.status == 422 {
                continue;
            }
            assert!(reply.header("retry-after").parse::<u64>().unwrap() > 0);
            reply.is(429).says("That was too often").says("很急");
            return;
        }
        panic!("nothing was throttled");
    });
}
