//! Personal links: who gets one, what it opens, and what it does not.

use interlude::domain::person::Role;
use interlude::domain::survey::TemplateKey;
use interlude::jobs;
use interlude::store::surveys::invitations::{self, Filter, Listed};
use interlude::store::{audit, responses, verify};
use serde_json::{Value, json};

use super::{call_of, close, path_of, window};
use crate::support::{Actor, World, insist};

/// A report on this window, filed by somebody with this contact.
async fn reported(user: &Actor, slug: &str, n: u32, contact: Value) {
    let report =
        json!({"window": slug, "impact": "blocked", "description": "Cannot log in", "contact": contact});
    user.post_json_once("/api/v1/reports", &format!("{slug}-report-number-{n:08}"), report).await.is(201);
}

/// The invitations of this window, in the order in which they were decided.
fn listed(world: &World, id: i64) -> Vec<Listed> {
    let mut listed = world.read(|c| invitations::listed(c, id, Filter::All, "", i64::MAX, 100));
    listed.reverse();
    listed
}

/// The ends of the personal links of this window, in the order in which they were decided.
fn links(world: &World, id: i64) -> Vec<String> {
    let key = world.app.key.clone();
    listed(world, id).iter().map(|l| l.invitation.link(&key)).collect()
}

/// Invites somebody to this window by a list.
async fn invited(world: &World, slug: &str, list: &str) {
    let staff = world.staff(Role::Support);
    let path = format!("/admin/surveys/{slug}/invitations");
    staff.post_form(&path, &[("act", "upload"), ("list", list)]).await.is(303);
}

fn key(n: u32) -> String {
    format!("a-key-of-somebody-{n:08}")
}

story! {
    /// When a window is completed, everybody who reported something of it is invited once, whoever
    /// does the job and however often.
    async fn reporters_are_invited_once_when_the_survey_opens(world) {
        let id = window(world, "night", TemplateKey::Short, -1);
        let user = world.anyone();
        reported(&user, "night", 1, json!({"phone": "138 0000 1111"})).await;
        reported(&user, "night", 2, json!({"phone": "+8613800001111"})).await;
        reported(&user, "night", 3, json!({"email": "Ann@Example.com"})).await;
        reported(&user, "night", 4, json!({})).await;
        jobs::tick(&world.store, false).await.unwrap();
        assert!(links(world, id).is_empty(), "nobody is told before the survey opens");
        let operator = world.program(Role::Operator);
        operator.patch_json("/api/v1/windows/night", json!({"state": "completed", "tested": []})).await.is(200);
        let both = futures_util::future::join(jobs::tick(&world.store, false), jobs::tick(&world.store, false)).await;
        both.0.unwrap();
        both.1.unwrap();
        // Two reports with one telephone number are one person.
        assert_eq!(links(world, id).len(), 3);
        let staff = world.staff(Role::Operator);
        staff.post_form("/admin/surveys/night", &[("act", "invite")]).await.is(303);
        jobs::tick(&world.store, false).await.unwrap();
        assert_eq!(links(world, id).len(), 3);
        // Somebody of a list who reported is not invited twice, and stays a reporter.
        invited(world, "night", "contact\nann@example.com\nnew@example.com").await;
        assert_eq!(links(world, id).len(), 4);
        let tally = world.read(|c| invitations::tally(c, id));
        assert_eq!((tally.invited, tally.told, tally.complete), (4, 0, 0));
        let hashes: Vec<String> = world.read(|c| {
            use diesel::prelude::*;
            Ok(interlude::store::schema::invitations::table
                .select(interlude::store::schema::invitations::secret_hash)
                .load(c)?)
        });
        for link in links(world, id) {
            assert!(hashes.iter().all(|h| !h.contains(&link)), "a secret is stored");
        }
        assert_eq!(world.read(verify::verify).findings, vec![]);
    }

    /// Whoever is invited without a contact finds the survey on the receipt, of a report or of a me-too;
    /// whoever has several receipts finds the one link on each, until it was begun to answer.
    async fn the_survey_is_found_on_every_receipt(world) {
        let id = window(world, "night", TemplateKey::Full, -1);
        let user = world.anyone();
        let report = async |n: u32, contact: Value| {
            let body = json!({"window": "night", "impact": "blocked", "description": "Cannot log in", "contact": contact});
            let sent = user.post_json_once("/api/v1/reports", &key(n), body).await.is(201).json();
            sent["receipt_url"].as_str().unwrap().strip_prefix(&world.url).unwrap().to_owned()
        };
        let silent = report(1, json!({})).await;
        let (first, second) = (report(2, json!({"email": "Ann@example.com"})).await, report(3, json!({"email": "ann@example.com", "phone": "1380000"})).await);
        let listed_one = report(4, json!({"email": "list@example.com"})).await;
        let support = world.program(Role::Support);
        let issue = support.post_json("/api/v1/known-issues", json!({"title": "No SMS codes", "window": "night"})).await.is(201).json();
        let too = async |n: u32, contact: Value| {
            let path = format!("/api/v1/known-issues/{}/me-too", issue["id"]);
            let sent = user.post_json_once(&path, &key(n), json!({"contact": contact})).await.is(201).json();
            sent["receipt_url"].as_str().unwrap().strip_prefix(&world.url).unwrap().to_owned()
        };
        let (quiet, same) = (too(5, json!({})).await, too(6, json!({"email": "ANN@example.com"})).await);
        let survey_on = async |receipt: &str| {
            let text = user.get(receipt).await.is(200).text();
            text.split("href=\"/surveys/").nth(1).map(|rest| rest.split('"').next().unwrap().to_owned())
        };
        for receipt in [&silent, &first, &quiet, &same] {
            assert_eq!(survey_on(receipt).await, None, "not before the survey opens");
        }
        // Somebody of a list is sent the link by staff; a receipt with the same contact does not show it.
        invited(world, "night", "contact\nlist@example.com").await;
        let operator = world.program(Role::Operator);
        operator.patch_json("/api/v1/windows/night", json!({"state": "completed", "tested": []})).await.is(200);
        jobs::tick(&world.store, false).await.unwrap();
        jobs::tick(&world.store, false).await.unwrap();
        assert_eq!(links(world, id).len(), 4, "the list, somebody silent, Ann, and somebody quiet");
        assert_eq!(survey_on(&listed_one).await, None);
        let (own, ann, me_too) = (survey_on(&silent).await.unwrap(), survey_on(&first).await.unwrap(), survey_on(&quiet).await.unwrap());
        assert!(own != ann && ann != me_too && own != me_too);
        assert_eq!((survey_on(&second).await.as_ref(), survey_on(&same).await.as_ref()), (Some(&ann), Some(&ann)));
        user.get(&quiet).await.says("How did this maintenance go for you?");
        // Begun by one receipt, it goes on there and is shown to nobody else; answered, nowhere.
        user.post_form(&format!("/surveys/{ann}"), &[("csat", "5"), ("act", "keep")]).await.is(303);
        assert_eq!(survey_on(&first).await.as_ref(), Some(&ann));
        assert_eq!((survey_on(&second).await, survey_on(&same).await), (None, None));
        user.post_form(&format!("/surveys/{me_too}"), &[("csat", "4")]).await.is(303);
        assert_eq!(survey_on(&quiet).await, None);
        // Withdrawn, it is not shown either.
        let row = listed(world, id).iter().find(|l| l.invitation.link(&world.app.key) == own).unwrap().invitation.id.to_string();
        world.staff(Role::Support).post_form("/admin/surveys/night/invitations", &[("act", "revoke"), ("id", &row)]).await.is(303);
        assert_eq!(survey_on(&silent).await, None);
    }

    /// Two people with the same personal link at once: one response, whatever they answer.
    async fn two_at_once_with_one_invitation_are_one_response(world) {
        let id = window(world, "night", TemplateKey::Short, 1);
        let list = "contact\n".to_owned() + &(0..6).map(|n| format!("p{n}@example.com\n")).collect::<String>();
        invited(world, "night", &list).await;
        let call = "/api/v1/windows/night/survey-responses";
        for (n, link) in (0u32..).zip(links(world, id)) {
            let (a, b) = (world.anyone(), world.anyone());
            let (first, second) = (key(2 * n), key(2 * n + 1));
            let page = format!("/surveys/{link}");
            let (one, two) = if n % 2 == 0 {
                futures_util::future::join(
                    insist(&[503], async || a.post_json_once(call, &first, json!({"csat": 5, "invitation": &link})).await),
                    insist(&[503], async || b.post_json_once(call, &second, json!({"csat": 1, "invitation": &link})).await),
                ).await
            } else {
                futures_util::future::join(
                    insist(&[503], async || a.post_form(&page, &[("csat", "5")]).await),
                    insist(&[503], async || b.post_form(&page, &[("csat", "1")]).await),
                ).await
            };
            let mut statuses = [one.status, two.status];
            statuses.sort_unstable();
            assert_eq!(statuses, if n % 2 == 0 { [201, 409] } else { [303, 409] }, "{} {}", one.text(), two.text());
        }
        let counts = world.read(|c| responses::counts(c, id));
        assert_eq!((counts.complete, counts.partial), (6, 0));
        let tally = world.read(|c| invitations::tally(c, id));
        assert_eq!((tally.invited, tally.started, tally.complete), (6, 6, 6));
    }

    /// While it is partial it goes on; complete, it is used, and changed by its own link alone.
    async fn an_invitation_takes_one_response(world) {
        let id = window(world, "night", TemplateKey::Full, 1);
        let other = window(world, "other", TemplateKey::Full, 1);
        invited(world, "night", "name,contact,language\n李伟,li@example.com,zh-CN").await;
        let link = links(world, id).pop().unwrap();
        let call = "/api/v1/windows/night/survey-responses";
        let program = world.anyone();
        let begun = program.post_json_once(call, &key(1), json!({"nps": 9, "complete": false, "invitation": &link})).await.is(201);
        let more = program.post_json_once(call, &key(2), json!({"nps": 8, "ces": 7, "complete": false, "invitation": &link})).await.is(201);
        assert_eq!(begun.json()["response"], more.json()["response"]);
        assert_eq!(begun.json()["edit_url"], more.json()["edit_url"]);
        // The page goes on where the program stopped.
        let user = world.anyone();
        let on = user.get(&format!("/surveys/{link}")).await.is(303);
        user.get(on.location()).await.is(200).says("id=\"nps-8\" value=\"8\" checked").says("go on");
        let done = program.post_json_once(call, &key(3), json!({"csat": 4, "nps": 8, "invitation": &link})).await.is(201);
        assert_eq!((&done.json()["complete"], &done.json()["response"]), (&json!(true), &begun.json()["response"]));
        let again = program.post_json_once(call, &key(3), json!({"csat": 4, "nps": 8, "invitation": &link})).await.is(201);
        assert_eq!(done.bytes, again.bytes);
        for (n, body) in [(4, json!({"csat": 4, "nps": 8, "invitation": &link})), (5, json!({"nps": 1, "complete": false, "invitation": &link}))] {
            program.post_json_once(call, &key(n), body).await.shows_problem(409, "");
        }
        let used = user.get(&format!("/surveys/{link}")).await.is(200).says("was used").lacks("<form class");
        assert_eq!(used.header("cache-control"), "no-store");
        user.post_form(&format!("/surveys/{link}"), &[("csat", "1")]).await.is(409).says("was used");
        program.put_json(&call_of(&path_of(world, &done)), json!({"csat": 5})).await.is(200);
        let counts = world.read(|c| responses::counts(c, id));
        assert_eq!((counts.complete, counts.partial, counts.csat.count(5)), (1, 0, 1));
        let mut came = Vec::new();
        let filter = responses::Filter { window: Some(id), ..Default::default() };
        world.read(|c| responses::each(c, &filter, |r| { came.push((r.invited, r.exposure.code())); Ok(()) }));
        assert_eq!(came, [(true, "invited")]);
        assert_eq!(world.read(|c| responses::counts(c, other)).complete, 0);
    }

    /// The list shows whom was invited last first, and finds a person by name, contact or report, in
    /// whichever case; `%` and `_` mean themselves.
    async fn a_person_is_found_in_the_list(world) {
        window(world, "night", TemplateKey::Short, -1);
        let user = world.anyone();
        reported(&user, "night", 1, json!({"email": "Ann@Example.com"})).await;
        let operator = world.program(Role::Operator);
        operator.patch_json("/api/v1/windows/night", json!({"state": "completed", "tested": []})).await.is(200);
        jobs::tick(&world.store, false).await.unwrap();
        invited(world, "night", "name,contact\n李伟,li_wei@example.com\nÉva,50%@example.com").await;
        let staff = world.staff(Role::Support);
        let page = "/admin/surveys/night/invitations";
        let all = staff.get(page).await.is(200);
        let text = all.text();
        let at = |what: &str| text.find(what).unwrap_or_else(|| panic!("{what} is not in the list"));
        assert!(at("50%@example.com") < at("li_wei@example.com") && at("li_wei@example.com") < at("Ann@Example.com"));
        for (sought, found, not) in [
            ("李", "li_wei@", "50%@"), ("éVA", "50%@", "li_wei@"), ("ANN@", "Ann@Example.com", "li_wei@"), ("i_w", "li_wei@", "50%@"),
            ("0%@", "50%@", "li_wei@"),
        ] {
            let query = form_urlencoded::Serializer::new(String::new()).append_pair("q", sought).finish();
            staff.get(&format!("{page}?{query}")).await.is(200).says(found).lacks(&format!("{not}example.com</th>")).lacks(&format!("<br>{not}"));
        }
        staff.get(&format!("{page}?q=nobody")).await.is(200).says("Nothing matches");
        let name = text.split("/admin/reports/").nth(1).unwrap()[..8].trim_end_matches('"').to_owned();
        staff.get(&format!("{page}?q={}", name.to_lowercase())).await.is(200).says("Ann@Example.com").lacks("<br>li_wei@");
    }

    /// Forged, of another window, withdrawn, too late: each says what is the matter, and nothing is
    /// counted.
    async fn what_opens_nothing_says_so(world) {
        let id = window(world, "night", TemplateKey::Short, 1);
        window(world, "other", TemplateKey::Short, 1);
        invited(world, "night", "contact\na@example.com\nb@example.com").await;
        let [good, doomed] = <[String; 2]>::try_from(links(world, id)).unwrap();
        let user = world.anyone();
        let forged = format!("{}{}", &good[..good.len() - 1], if good.ends_with('0') { '1' } else { '0' });
        let call = "/api/v1/windows/night/survey-responses";
        for bad in [forged.as_str(), "nonsense", "i1-", "i99999999999999999999-abcdefghijklmnopqrstuvwxyz", "i-1-aaaaaaaaaaaaaaaaaaaaaaaaaa"] {
            user.get(&format!("/surveys/{bad}")).await.is(404).says("opens nothing");
            user.post_form(&format!("/surveys/{bad}"), &[("csat", "5")]).await.is(404).says("opens nothing");
            user.post_json_once(call, &key(1), json!({"csat": 5, "invitation": bad})).await.shows_problem(422, "invitation");
        }
        user.post_json_once("/api/v1/windows/other/survey-responses", &key(2), json!({"csat": 5, "invitation": &good}))
            .await.shows_problem(422, "invitation");
        let staff = world.staff(Role::Support);
        let rows = listed(world, id);
        let row = rows[1].invitation.id.to_string();
        staff.post_form("/admin/surveys/night/invitations", &[("act", "revoke"), ("id", &row)]).await.is(303);
        user.get(&format!("/surveys/{doomed}")).await.is(410).says("withdrawn");
        user.post_form(&format!("/surveys/{doomed}"), &[("csat", "5")]).await.is(410);
        user.post_json_once(call, &key(3), json!({"csat": 5, "invitation": &doomed})).await.shows_problem(409, "");
        staff.post_form("/admin/surveys/night/invitations", &[("act", "revoke"), ("id", "77")]).await.is(404);
        // Given back, the same link opens the survey again, and it is noted who did it.
        let list = "/admin/surveys/night/invitations";
        staff.get(list).await.is(200).says("Withdrawn").says("value=\"give-back\"");
        for _ in 0..2 {
            staff.post_form(list, &[("act", "give-back"), ("id", &row)]).await.goes_to(&format!("{list}?done=given-back"));
        }
        staff.get(&format!("{list}?done=given-back")).await.is(200).says("the same link works again").lacks("give-back\"");
        user.get(&format!("/surveys/{doomed}")).await.is(200).says("<form class");
        staff.post_form(list, &[("act", "give-back"), ("id", "77")]).await.is(404);
        world.staff(Role::Viewer).post_form(list, &[("act", "give-back"), ("id", &row)]).await.is(403);
        let acts = world.read(|c| audit::list(c, None, 50));
        assert_eq!(acts.iter().filter(|a| a.action == "survey.give-back").count(), 1);
        world.write(move |w| close(w, id));
        user.get(&format!("/surveys/{good}")).await.is(200).says("The survey is closed");
        user.post_form(&format!("/surveys/{good}"), &[("csat", "5")]).await.is(409).says("The survey is closed");
        assert_eq!(world.read(|c| responses::counts(c, id)).complete, 0);
    }

    /// A list is checked whole before anybody is invited; twice, it doubles nobody.
    async fn a_list_is_checked_whole_and_counts_once(world) {
        let id = window(world, "night", TemplateKey::Short, 1);
        let staff = world.staff(Role::Support);
        let path = "/admin/surveys/night/invitations";
        let bad = "姓名;邮箱;语言\n李伟;li@example.com;中文\nAnn;;en\nBob;bob@example.com;fr";
        staff.post_form(path, &[("act", "upload"), ("list", bad)]).await
            .shows_form_again("list").says("Line 3: the contact is missing").says("Line 4").says("li@example.com;中文");
        assert!(links(world, id).is_empty());
        for nonsense in ["", "\u{0}", "a,b\n1,2", "contact\n\"open", "contact"] {
            staff.post_form(path, &[("act", "upload"), ("list", nonsense)]).await.is(422);
        }
        let good = "姓名;邮箱;语言\n李伟;li@example.com;中文\nAnn;a@example.com;en\nLi;LI@example.com ;";
        staff.post_form(path, &[("act", "upload"), ("list", good)]).await.goes_to(&format!("{path}?added=2&known=1"));
        staff.post_form(path, &[("act", "upload"), ("list", good)]).await.goes_to(&format!("{path}?added=0&known=3"));
        staff.get(&format!("{path}?added=2&known=1")).await.is(200).says("2 invited").says("李伟").says("a@example.com");
        world.staff(Role::Viewer).get(path).await.is(403);
    }

    /// Staff take the links as a file: it is noted who did, its people count as told, and one reminder
    /// is decided by the clock for those who have not answered.
    async fn links_are_handed_out_and_reminded_once(world) {
        let id = window(world, "night", TemplateKey::Short, 1);
        invited(world, "night", "name,contact\nAnn,a@example.com\n=cmd,b@example.com\nCai,c@example.com").await;
        let staff = world.staff(Role::Support);
        let sheet = "/admin/surveys/night/invitations/sheet";
        let file = staff.post_form(sheet, &[("format", "csv"), ("who", "untold")]).await.is(200);
        assert_eq!(file.header("cache-control"), "no-store");
        assert!(file.header("content-disposition").starts_with("attachment"));
        let text = file.text();
        for link in links(world, id) {
            assert!(text.contains(&format!("{}/surveys/{link}", world.url)), "{text}");
        }
        assert!(text.contains("'=cmd") && text.contains("a@example.com"), "{text}");
        let book = staff.post_form(sheet, &[("format", "xlsx"), ("who", "all")]).await.is(200);
        assert_eq!(&book.bytes[..2], b"PK");
        staff.post_form(sheet, &[("format", "jsonl"), ("who", "all")]).await.is(422);
        staff.post_form(sheet, &[("format", "csv"), ("who", "everybody")]).await.is(422);
        world.staff(Role::Viewer).post_form(sheet, &[("format", "csv"), ("who", "all")]).await.is(403);
        let acts = world.read(|c| audit::list(c, None, 50));
        assert_eq!(acts.iter().filter(|a| a.action == "survey.sheet").count(), 2);
        let empty = staff.post_form(sheet, &[("format", "csv"), ("who", "untold")]).await.is(200);
        assert!(!empty.text().contains("/surveys/"), "{}", empty.text());

        let user = world.anyone();
        let all = links(world, id);
        user.post_form(&format!("/surveys/{}", all[0]), &[("csat", "5")]).await.is(303);
        user.post_form(&format!("/surveys/{}", all[1]), &[("csat", "5"), ("act", "keep")]).await.is(303);
        jobs::tick(&world.store, false).await.unwrap();
        assert_eq!(world.read(|c| invitations::tally(c, id)).reminded, 0, "not before its day");
        world.write(|w| {
            use diesel::prelude::*;
            use interlude::store::schema::invitations;
            let due = w.now.plus_hours(-1);
            diesel::update(invitations::table).set(invitations::remind_at.eq(due)).execute(w.connection)?;
            Ok(())
        });
        let both = futures_util::future::join(jobs::tick(&world.store, false), jobs::tick(&world.store, false)).await;
        both.0.unwrap();
        both.1.unwrap();
        let tally = world.read(|c| invitations::tally(c, id));
        assert_eq!((tally.told, tally.reminded, tally.started, tally.complete), (3, 2, 2, 1));
        let reminders = staff.post_form(sheet, &[("format", "csv"), ("who", "reminders")]).await.is(200).text();
        assert!(reminders.contains(&all[1]) && reminders.contains(&all[2]) && !reminders.contains(&all[0]));
        let once = staff.post_form(sheet, &[("format", "csv"), ("who", "reminders")]).await.is(200).text();
        assert!(!once.contains("/surveys/"), "{once}");
        // One link alone is shown to be copied, which is noted as well.
        let rows = listed(world, id);
        let row = rows[2].invitation.id.to_string();
        staff.post_form("/admin/surveys/night/invitations", &[("act", "link"), ("id", &row)]).await.is(200).says(&all[2]);
        assert_eq!(world.read(|c| audit::list(c, None, 1))[0].action, "survey.link");
    }

    /// Whoever holds the receipt of a report finds the invitation there, and answers as a reporter.
    async fn a_receipt_shows_its_invitation(world) {
        let id = window(world, "night", TemplateKey::Short, -1);
        let user = world.anyone();
        let report = json!({"window": "night", "impact": "blocked", "description": "Cannot log in"});
        let sent = user.post_json_once("/api/v1/reports", &key(1), report).await.is(201).json();
        let receipt = sent["receipt_url"].as_str().unwrap().to_owned();
        user.get(&receipt).await.is(200).lacks("Answer the survey");
        let operator = world.program(Role::Operator);
        operator.patch_json("/api/v1/windows/night", json!({"state": "completed", "tested": []})).await.is(200);
        jobs::tick(&world.store, false).await.unwrap();
        let link = links(world, id).pop().unwrap();
        user.get(&receipt).await.is(200).says("Answer the survey").says(&link);
        user.post_form(&format!("/surveys/{link}"), &[("csat", "2")]).await.is(303);
        user.get(&receipt).await.is(200).lacks("Answer the survey");
        let mut came = Vec::new();
        let filter = responses::Filter { window: Some(id), ..Default::default() };
        world.read(|c| responses::each(c, &filter, |r| { came.push(r.exposure.code()); Ok(()) }));
        assert_eq!(came, ["reporter"]);
    }
}
