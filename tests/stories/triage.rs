//! The staff side of reports: finding them, working on them, answering, entering by telephone.

use diesel::prelude::*;
use interlude::domain::instant::Instant;
use interlude::domain::language::Language;
use interlude::domain::person::Role;
use interlude::domain::reference::ReportReference;
use interlude::domain::report::{
    Category, Impact, Occurrence, Precision, ReportInput, Sender, Severity, Source, Status, When,
};
use interlude::domain::secret::IdempotencyKey;
use interlude::domain::window::ReportStage;
use interlude::store::reports::{self, Belongs, Imported, NewReport, Outcome, ReportContent};
use interlude::store::schema::{components, report_events, windows};
use interlude::store::{Write, jobs, verify};
use serde_json::json;

use crate::support::{Actor, World};

mod alarms;
mod answers;
mod bulk;
mod duplicates;
mod queue;
mod targets;
mod urgency;
mod wrote;

fn at(text: &str) -> Instant {
    Instant::parse_rfc3339(text).unwrap()
}

/// A report that came in at this moment.
fn report(description: &str, received_at: Instant) -> Imported {
    Imported {
        id: None,
        imported_as: None,
        belongs: Belongs::Found { named: None },
        component: None,
        category: Category::Other,
        impact: Impact::Slowed,
        severity: None,
        status: Status::New,
        occurrence: Occurrence { at: Some(received_at), precision: Precision::Exact },
        received_at,
        written_at: None,
        time_zone: None,
        language: Language::ZhCn,
        source: Source::Web,
        assignee: None,
        first_answer_at: None,
        resolved_at: None,
        verdict: None,
        answers: vec![],
        content: Some(ReportContent { description: description.to_owned(), ..Default::default() }),
        demonstration: false,
    }
}

/// Puts these into the world and gives their references.
fn put(world: &World, all: Vec<Imported>) -> Vec<String> {
    let outcomes = world.write(move |w| reports::import(w, &all));
    outcomes
        .into_iter()
        .map(|outcome| match outcome {
            Outcome::New(id) | Outcome::Known(id) => ReportReference(id).to_string(),
        })
        .collect()
}

fn component(world: &World, key: &'static str) -> i64 {
    world.write(move |w| {
        Ok(diesel::insert_into(components::table)
            .values((
                components::key.eq(key),
                components::position.eq(1),
                components::created_at.eq(w.now),
                components::demonstration.eq(false),
            ))
            .returning(components::id)
            .get_result(w.connection)?)
    })
}

fn insert_window(w: &mut Write<'_>, slug: &str, start: Instant) -> interlude::store::Result<i64> {
    Ok(diesel::insert_into(windows::table)
        .values((
            windows::slug.eq(slug),
            windows::sequence.eq(1i64),
            windows::state.eq("scheduled"),
            windows::time_zone.eq("Asia/Shanghai"),
            windows::scheduled_start.eq(start),
            windows::scheduled_end.eq(start.plus_hours(4)),
            windows::follow_up_hours.eq(72),
            windows::start_by_clock.eq(false),
            windows::complete_by_clock.eq(false),
            windows::survey_template.eq("short"),
            windows::survey_days.eq(14),
            windows::support.eq("{}"),
            windows::demonstration.eq(false),
            windows::created_at.eq(w.now),
            windows::changed_at.eq(w.now),
        ))
        .returning(windows::id)
        .get_result(w.connection)?)
}

fn window(world: &World, slug: &'static str, start: Instant) -> i64 {
    world.write(move |w| insert_window(w, slug, start))
}

/// A report sent as a reporter sends one; its reference and the link of its receipt.
fn send(world: &World, description: &str) -> (String, String) {
    let input =
        ReportInput { description: description.into(), impact: "blocked".into(), ..Default::default() };
    let new = NewReport {
        text: input.parse(false).unwrap(),
        when: When::Now(Precision::About),
        window: None,
        component: None,
        sender: Sender { language: Language::ZhCn, source: Source::Web },
        time_zone: None,
        written_at: None,
        kept: false,
        entered_by: None,
    };
    let key = IdempotencyKey::parse("key", &format!("{:032x}", rand::random::<u128>())).unwrap();
    let (instance, sent) = (world.app.key.clone(), key.clone());
    let done = world.write(move |w| reports::submit(w, &instance, &sent, &new));
    (done.reference().to_string(), done.receipt(&world.app.key, &key).link)
}

/// The references that a list of the programming interface gives, page after page.
async fn found(actor: &Actor, query: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = actor.get_json(&format!("/api/v1/reports?{query}{cursor}")).await;
        found.extend(
            page["items"].as_array().unwrap().iter().map(|i| i["reference"].as_str().unwrap().to_owned()),
        );
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return found,
        }
    }
}

/// What the counters say is what is there.
fn counts_hold(world: &World) {
    let wrong = world.read(verify::verify);
    assert!(wrong.findings.is_empty(), "{wrong:?}");
}

/// The hidden fields that the page of a report sends back.
fn hidden(page: &str, name: &str) -> String {
    let mark = format!("name=\"{name}\" value=\"");
    let from = page.find(&mark).unwrap_or_else(|| panic!("no {name}")) + mark.len();
    page[from..].split('"').next().unwrap().to_owned()
}

story! {
    /// Each field of the filter finds what it names, together they narrow, and wrong ones are named.
    async fn filters_find_what_they_name(world) {
        let login = component(world, "login");
        let night = window(world, "night", at("2026-11-21T14:00:00Z"));
        let t = at("2026-11-21T16:00:00Z");
        let within = Belongs::Said { window: Some(night), stage: Some(ReportStage::Testing) };
        let all = put(world, vec![
            Imported { belongs: within, component: Some(login), category: Category::Login, impact: Impact::Blocked, severity: Some(Severity::High), ..report("a", t) },
            Imported { belongs: within, status: Status::Resolved, ..report("b", t.plus_seconds(1)) },
            Imported { belongs: Belongs::Said { window: None, stage: None }, component: Some(login), impact: Impact::DataLoss, status: Status::Waiting, ..report("c", t.plus_seconds(2)) },
        ]);
        let viewer = world.program(Role::Viewer);
        let is = async |query: &str, which: &[usize]| {
            let wanted: Vec<String> = which.iter().map(|i| all[*i].clone()).collect();
            assert_eq!(found(&viewer, query).await, wanted, "{query}");
        };
        is("", &[2, 1, 0]).await;
        is("sort=urgent", &[2, 0, 1]).await;
        is("window=night", &[1, 0]).await;
        is("window=-", &[2]).await;
        is("window=none", &[2]).await;
        is("stage=testing", &[1, 0]).await;
        is("stage=-", &[2]).await;
        is("component=login", &[2, 0]).await;
        is("component=-", &[1]).await;
        is("category=login", &[0]).await;
        is("impact=data_loss", &[2]).await;
        is("severity=high", &[0]).await;
        is("severity=-", &[2, 1]).await;
        is("status=resolved", &[1]).await;
        is("status=open", &[2, 0]).await;
        is("from=2026-11-21T16:00:01Z", &[2, 1]).await;
        is("to=2026-11-21T16:00:01Z", &[0]).await;
        is("window=night&component=login&status=open", &[0]).await;
        is("window=night&status=waiting", &[]).await;
        viewer.get("/api/v1/reports?window=gone").await.shows_problem(422, "window");
        viewer.get("/api/v1/reports?component=gone").await.shows_problem(422, "component");
        viewer.get("/api/v1/reports?status=done&from=2026-02-30").await.shows_problem(422, "status");
        viewer.get("/api/v1/reports?to=tomorrow").await.shows_problem(422, "to");
        viewer.get("/api/v1/reports?colour=red").await.shows_problem(422, "colour");
        viewer.get("/api/v1/reports?limit=201").await.shows_problem(422, "limit");
        viewer.get("/api/v1/reports?cursor=newest.after.1").await.shows_problem(422, "cursor");
        let staff = world.staff(Role::Viewer);
        staff.get("/admin/reports?from=2026-02-30&window=gone").await.shows_form_again("from").says("30");
        // With a wrong field nothing was asked for: neither "there are none" nor an export of all.
        world.staff(Role::Support).get("/admin/reports?window=gone").await.shows_form_again("window")
            .lacks("No reports yet").lacks("exports/reports.xlsx");
        staff.get("/admin/reports?window=night&status=open").await.is(200)
            .says(&all[0]).lacks(&all[1]).lacks(&all[2]).says("<caption id=\"queue-caption\">1 report</caption>");
    }

    /// Last night is 18:00 to 09:00 by the service's clocks, across midnight, and a link to it keeps
    /// meaning that.
    async fn last_night_crosses_midnight(world) {
        let zone: interlude::domain::zone::Zone = "Asia/Shanghai".parse().unwrap();
        // At midnight another night becomes the last one: where that is near, it is waited for.
        while zone.local_date(Instant::now()) != zone.local_date(Instant::now().plus_seconds(60)) {
            actix_web::rt::time::sleep(std::time::Duration::from_millis(200)).await;
        }
        let now = Instant::now();
        let (from, to) = interlude::domain::shift::Shift::LastNight.range(now, zone);
        // While the night lasts it ends now, and every later look at it has a later end.
        let after = if to < now { to } else { to.plus_hours(10) };
        let midnight = zone.day_bounds(zone.local_date(to)).0;
        let all = put(world, vec![
            report("evening before", from.plus_seconds(-1)),
            report("first", from),
            report("before midnight", midnight.plus_seconds(-1).max(from)),
            report("last", to.plus_seconds(-1)),
            report("morning after", after),
        ]);
        let viewer = world.program(Role::Viewer);
        assert_eq!(found(&viewer, "shift=last_night&status=new").await.len(), 3);
        let page = world.staff(Role::Support).get("/admin/reports?shift=last_night").await.is(200);
        let page = page.says(&all[1]).says(&all[2]).says(&all[3]).lacks(&all[0]).lacks(&all[4]);
        page.says("/admin/exports/reports.xlsx?style=sheet&amp;shift=last_night");
        viewer.get("/api/v1/reports?shift=last_night&from=2026-11-22").await.shows_problem(422, "shift");
        world.staff(Role::Viewer).get("/admin/").await.is(200).says("3 18:00–09:00");
    }

    /// Going through the pages shows each report once, in both orders and directions, while new ones
    /// come in.
    async fn pages_neither_skip_nor_repeat(world) {
        let t = at("2026-11-21T16:00:00Z");
        let impacts = [Impact::DataLoss, Impact::Slowed, Impact::Cosmetic];
        // Many at the same moment: only their numbers tell them apart.
        let some = (0..130i64).map(|i| Imported {
            impact: impacts[(i % 3) as usize],
            ..report("x", t.plus_seconds(i / 40))
        });
        let mut all = put(world, some.collect());
        all.sort();
        let viewer = world.program(Role::Viewer);
        for sort in ["newest", "oldest", "urgent", "calm", "due", "occurred", "severity_last", "status", "impact", "impact_last", "component", "stage", "assignee"] {
            let mut seen = Vec::new();
            let mut cursor = String::new();
            loop {
                let page = viewer.get_json(&format!("/api/v1/reports?sort={sort}&limit=17{cursor}")).await;
                let items = page["items"].as_array().unwrap();
                seen.extend(items.iter().map(|i| i["reference"].as_str().unwrap().to_owned()));
                if matches!(sort, "newest" | "urgent") {
                    put(world, vec![Imported { impact: Impact::DataLoss, ..report("late", t.plus_hours(1)) }]);
                }
                match page["next_cursor"].as_str() {
                    Some(next) => cursor = format!("&cursor={next}"),
                    None => break,
                }
            }
            seen.retain(|reference| all.contains(reference));
            let shown = seen.len();
            seen.sort();
            seen.dedup();
            assert_eq!((seen.len(), shown), (130, 130), "{sort}");
        }
        // A cursor of one order is nothing in the other.
        let first = viewer.get_json("/api/v1/reports?limit=1").await;
        let cursor = first["next_cursor"].as_str().unwrap();
        viewer.get(&format!("/api/v1/reports?sort=urgent&cursor={cursor}")).await.shows_problem(422, "cursor");
        // Pages know where they are, and lead back to where one came from.
        let staff = world.staff(Role::Viewer);
        let link = |page: &str, rel: &str| {
            let at = page.find(&format!("rel=\"{rel}\" href=\"")).unwrap() + rel.len() + 13;
            page[at..].split('"').next().unwrap().replace("&#38;", "&")
        };
        let one = staff.get("/admin/reports?to=2026-11-21T16:30:00Z").await.is(200).says("1–50 of 130");
        let two = staff.get(&link(&one.text(), "next")).await.is(200).says("51–100 of 130");
        let three = staff.get(&link(&two.text(), "next")).await.is(200).says("101–130 of 130").lacks("rel=\"next\"");
        let again = staff.get(&link(&three.text(), "prev")).await.is(200).says("51–100 of 130");
        let references = |page: &str| page.split("<td class=\"lead-cell\">").skip(1).map(|r| r.split("</a>").next().unwrap().rsplit('>').next().unwrap().to_owned()).collect::<Vec<_>>();
        assert_eq!(references(&again.text()), references(&two.text()));
        staff.get(&link(&again.text(), "prev")).await.is(200).says("1–50 of 130").lacks("rel=\"prev\"");
    }

    /// Text is found in what was said and in what was said about it, in any case, literally.
    async fn text_is_found(world) {
        let t = at("2026-11-21T16:00:00Z");
        let content = |description: &str, error: &str| Some(ReportContent {
            description: description.to_owned(),
            error_message: Some(error.to_owned()).filter(|e| !e.is_empty()),
            phone: Some("13800001234".to_owned()),
            account: Some("A-778899".to_owned()),
            ..Default::default()
        });
        let all = put(world, vec![
            Imported { content: content("登录不了，一直转圈", "AUTH-408 Upstream Timeout"), ..report("", t) },
            Imported { content: content("Сбой: Ошибка при входе", ""), ..report("", t.plus_seconds(1)) },
            Imported { content: content("100% of a_b is gone \\ lost", ""), answers: vec![(t, "Please try Zürich".to_owned())], ..report("", t.plus_seconds(2)) },
            Imported { content: content("100 of axb", ""), ..report("", t.plus_seconds(3)) },
        ]);
        interlude::jobs::tick(&world.store, false).await.unwrap();
        let viewer = world.program(Role::Viewer);
        let is = async |text: &str, which: &[usize]| {
            let q: String = form_urlencoded::byte_serialize(text.as_bytes()).collect();
            let wanted: Vec<String> = which.iter().map(|i| all[*i].clone()).collect();
            assert_eq!(found(&viewer, &format!("q={q}")).await, wanted, "{text}");
        };
        is("登录", &[0]).await;
        is("auth", &[0]).await;
        is("TIMEOUT upstr", &[0]).await;
        is("登录 nothing", &[]).await;
        is("ошибка", &[1]).await;
        is("СБОЙ", &[1]).await;
        is("zÜrich", &[2]).await;
        is("100%", &[3, 2]).await;
        is("a_b", &[2]).await;
        // Punctuation alone is nothing that can be looked for.
        is("\\", &[]).await;
        is("%", &[]).await;
        is("100", &[3, 2]).await;
        is(&all[1], &[1]).await;
        is(&all[1].to_lowercase().replace('-', " "), &[1]).await;
        // Neither contacts nor accounts: whoever may not see them must not be able to guess them.
        is("13800001234", &[]).await;
        is("778899", &[]).await;
    }

    /// Support moves a report along the table of the domain, with a history, audit rows and counts.
    async fn triage_moves_a_report(world) {
        let (reference, _) = send(world, "登录不了");
        let path = format!("/api/v1/reports/{reference}");
        let support = world.program(Role::Support);
        world.staff(Role::Support); // support-1
        let changed = support.patch_json(&path, json!({"status": "in_progress", "severity": "high", "assignee": "support-1", "note": "转登录组"})).await.is(200);
        assert!(changed.header("etag").starts_with("\"2-"));
        let report = changed.json();
        assert_eq!((&report["status"], &report["severity"], &report["assignee"]), (&json!("in_progress"), &json!("high"), &json!("support-1")));
        let kinds: Vec<_> = report["history"].as_array().unwrap().iter().map(|e| e["kind"].as_str().unwrap()).collect();
        assert_eq!(kinds, ["received", "status", "severity", "assignee", "note"]);
        assert_eq!(report["history"][1]["was"], json!("new"));
        // The same again is no change.
        support.patch_json(&path, json!({"status": "in_progress", "severity": "high"})).await.is(200);
        support.patch_json(&path, json!({})).await.is(200);
        assert_eq!(support.get_json(&path).await["revision"], json!(2));
        // Times are kept: the first answer once, the resolution while it holds.
        let first = support.patch_json(&path, json!({"answer": "请重试"})).await.is(200).json()["first_answer_at"].clone();
        let resolved = support.patch_json(&path, json!({"answer": "已修好", "status": "resolved"})).await.is(200).json();
        assert_eq!(resolved["first_answer_at"], first);
        assert!(resolved["resolved_at"].is_string());
        let closed = support.patch_json(&path, json!({"status": "closed"})).await.is(200).json();
        assert_eq!(closed["resolved_at"], resolved["resolved_at"]);
        support.patch_json(&path, json!({"status": "waiting"})).await.shows_problem(409, "");
        let reopened = support.patch_json(&path, json!({"status": "in_progress", "severity": null, "assignee": null})).await.is(200).json();
        assert_eq!((&reopened["resolved_at"], &reopened["severity"], &reopened["assignee"]), (&json!(null), &json!(null), &json!(null)));
        // Wrong fields are named; nothing of the rest is done.
        support.patch_json(&path, json!({"status": "new"})).await.shows_problem(409, "");
        support.patch_json(&path, json!({"status": "gone"})).await.shows_problem(422, "status");
        support.patch_json(&path, json!({"known_issue": 1})).await.shows_problem(422, "known_issue");
        support.patch_json(&path, json!({"assignee": "nobody", "status": "resolved"})).await.shows_problem(422, "assignee");
        support.patch_json(&path, json!({"note": " ", "answer": "x".repeat(2_001)})).await.shows_problem(422, "answer");
        support.patch_json("/api/v1/reports/R-ZZZZZZ", json!({})).await.is(404);
        assert_eq!(support.get_json(&path).await["status"], json!("in_progress"));
        world.staff(Role::Administrator).get("/admin/audit").await.is(200).says(&reference).says("Changed a report's status");
        counts_hold(world);
    }

    /// An answer to a new report acknowledges it, and its reporter reads it, but not the note.
    async fn answers_appear_on_the_receipt(world) {
        let (reference, link) = send(world, "登录不了");
        let support = world.staff(Role::Support);
        let path = format!("/admin/reports/{reference}");
        let page = support.get(&path).await.is(200).says("登录不了").text();
        let (revision, seen) = (hidden(&page, "revision"), hidden(&page, "seen"));
        let form = [("revision", revision.as_str()), ("seen", &seen), ("was_status", "new"), ("answer", "<b>请清除缓存</b>\r\n再试一次"), ("note", "只给同事看")];
        support.post_form(&path, &form).await.goes_to(&format!("{path}?done=1"));
        support.get(&format!("{path}?done=1")).await.is(200).says("Saved.").says("<b>请清除缓存</b> 再试一次").says("Acknowledged").says("只给同事看");
        let held = world.read(|c| reports::held(c, &link));
        let said: Vec<_> = held.events.iter().filter_map(|e| e.content.clone()).collect();
        assert_eq!(said, ["<b>请清除缓存</b>\n再试一次"]);
        assert_eq!(held.report.status, Status::Acknowledged);
        world.anyone().get(&format!("/receipts/{link}")).await.is(200).says("<b>请清除缓存</b> 再试一次").lacks("只给同事看");
        support.post_form(&path, &[("answer", " ")]).await.shows_form_again("answer");
        // Nobody can read an answer to what was erased.
        world.write(move |w| reports::erase(w, &link));
        support.get(&path).await.is(200).says("has erased").lacks("name=\"answer\"");
        world.program(Role::Support).patch_json(&format!("/api/v1/reports/{reference}"), json!({"answer": "x"})).await.shows_problem(409, "");
        counts_hold(world);
    }

    /// Of two people at once the second is shown what the first did, and what they typed is kept.
    async fn two_people_at_once(world) {
        let (reference, _) = send(world, "登录不了");
        let path = format!("/admin/reports/{reference}");
        let (one, two) = (world.staff(Role::Support), world.staff(Role::Support));
        let page = two.get(&path).await.is(200).text();
        let (revision, seen) = (hidden(&page, "revision"), hidden(&page, "seen"));
        let base = [("revision", revision.as_str()), ("seen", seen.as_str()), ("was_status", "new"), ("was_severity", ""), ("was_assignee", "")];
        let form = |own: &[(&'static str, &'static str)]| [&base[..], own].concat();
        one.post_form(&path, &form(&[("status", "in_progress"), ("severity", "high"), ("assignee", ""), ("note", "")])).await.goes_to(&format!("{path}?done=1"));
        // The second touched the severity only: the status follows the first.
        let typed = form(&[("status", "new"), ("severity", "low"), ("assignee", ""), ("note", "看起来不急")]);
        let refused = two.post_form(&path, &typed).await.is(409)
            .says("was changed while you were typing").says("support-1").says("In progress")
            .says("看起来不急").says("Now: High");
        let page = refused.text();
        assert!(page.contains("<option value=\"in_progress\" selected>") && page.contains("<option value=\"low\" selected>"));
        let (revision, seen) = (hidden(&page, "revision"), hidden(&page, "seen"));
        let again = [("revision", revision.as_str()), ("seen", &seen), ("was_status", "in_progress"), ("was_severity", "high"), ("was_assignee", ""), ("status", "in_progress"), ("severity", "low"), ("assignee", ""), ("note", "看起来不急")];
        two.post_form(&path, &again).await.goes_to(&format!("{path}?done=1"));
        // Twice is not twice: the second time the report has moved on.
        two.post_form(&path, &again).await.is(409);
        let program = world.program(Role::Support);
        let api = format!("/api/v1/reports/{reference}");
        let report = program.get_json(&api).await;
        assert_eq!((&report["status"], &report["severity"]), (&json!("in_progress"), &json!("low")));
        let stale = [("content-type", "application/json"), ("if-match", "\"1\"")];
        program.send("patch", &api, &stale, b"{\"status\":\"resolved\"}".to_vec()).await.shows_problem(412, "");
        let current = [("content-type", "application/json"), ("if-match", "\"3\"")];
        program.send("patch", &api, &current, b"{\"status\":\"resolved\"}".to_vec()).await.is(200);
        counts_hold(world);
    }

    /// Support enters what a caller says in one screen and reads out a code that opens it.
    async fn phone_reports_are_entered_once(world) {
        component(world, "login");
        let support = world.staff(Role::Support);
        let page = support.get("/admin/reports/new").await.is(200).text();
        let key = hidden(&page, "idempotency_key");
        let form = [("idempotency_key", key.as_str()), ("description", "来电：登录不了"), ("impact", "blocked"), ("component", "login"), ("precision", "about"), ("contact.phone", "138 0000 1234"), ("language", "zh-CN")];
        let entered = support.post_form("/admin/reports/new", &form).await.is(200).says("Please read this out");
        let text = entered.text();
        let code = text.split("id=\"code\">").nth(1).unwrap().split('<').next().unwrap().to_owned();
        let again = support.post_form("/admin/reports/new", &form).await.is(200);
        assert!(again.text().contains(&code), "the same form gives the same code");
        let viewer = world.program(Role::Viewer);
        let all = found(&viewer, "").await;
        assert_eq!(all.len(), 1);
        assert!(code.starts_with(&all[0]));
        let link = world.read(|c| reports::link_of_code(c, &world.app.key, &code));
        assert!(text.contains(&link));
        let report = viewer.get_json(&format!("/api/v1/reports/{}", all[0])).await;
        assert_eq!((&report["source"], &report["component"], &report["history"][0]["author"]), (&json!("phone"), &json!("login"), &json!("support-1")));
        // What is wrong is said at its field; what was typed is kept.
        let key = "k".repeat(30);
        let bad = [("idempotency_key", key.as_str()), ("description", "只说了一半"), ("impact", ""), ("occurred_at", "2026-02-30T10:00"), ("contact.phone", "call me")];
        let kept = support.post_form("/admin/reports/new", &bad).await;
        kept.shows_form_again("impact").says("只说了一半").says("id=\"occurred_at-error\"").says("id=\"contact.phone-error\"");
        world.anyone().get(&format!("/receipts/{link}")).await.is(200).says("来电：登录不了");
        world.staff(Role::Viewer).get("/admin/reports/new").await.is(403);
        counts_hold(world);
    }

    /// A viewer sees reports but no contacts, no accounts and no forms.
    async fn viewers_see_no_contacts_and_change_nothing(world) {
        let content = ReportContent { description: "登录不了".into(), account: Some("A-778899".into()), phone: Some("13800001234".into()), email: Some("a@example.com".into()), ..Default::default() };
        let reference = put(world, vec![Imported { content: Some(content), ..report("", at("2026-11-21T16:00:00Z")) }]).remove(0);
        let (path, api) = (format!("/admin/reports/{reference}"), format!("/api/v1/reports/{reference}"));
        let viewer = world.staff(Role::Viewer);
        viewer.get(&path).await.is(200).says("登录不了").lacks("13800001234").lacks("a@example.com").lacks("A-778899").lacks("name=\"status\"").lacks("<textarea");
        viewer.get("/admin/reports").await.is(200).lacks("exports").lacks("/admin/reports/new\"");
        viewer.post_form(&path, &[("note", "x")]).await.is(403);
        let program = world.program(Role::Viewer);
        for body in [program.get(&api).await.is(200).text(), program.get("/api/v1/reports").await.is(200).text()] {
            assert!(!body.contains("1380000") && !body.contains("example.com") && !body.contains("778899"), "{body}");
        }
        program.patch_json(&api, json!({"note": "x"})).await.is(403);
        world.staff(Role::Support).get(&path).await.is(200).says("13800001234").says("a@example.com").says("A-778899");
        let seen = world.program(Role::Support).get_json(&api).await;
        assert_eq!((&seen["contact"]["phone"], &seen["account"]), (&json!("13800001234"), &json!("A-778899")));
    }

    /// After a window has moved, a job attributes its reports again: once, also when it is killed
    /// between steps or runs twice, with a line in the history of each.
    async fn moved_windows_take_their_reports_along(world) {
        let start = at("2026-11-21T14:00:00Z");
        let id = window(world, "night", start);
        let named = Belongs::Found { named: Some(id) };
        let mut some: Vec<Imported> = (0..1_100).map(|i| report("x", start.plus_seconds(i))).collect();
        some.push(Imported { belongs: named, ..report("named", start.plus_hours(1)) });
        // Two days later, and nobody has ended it: within before the move and after it.
        some.push(report("later", start.plus_hours(50)));
        let all = put(world, some);
        let viewer = world.program(Role::Viewer);
        assert_eq!(found(&viewer, "window=night&stage=implementation&limit=200").await.len(), 1_102);
        world.write(move |w| {
            diesel::update(windows::table.find(id))
                .set((windows::scheduled_start.eq(start.plus_hours(48)), windows::scheduled_end.eq(start.plus_hours(52))))
                .execute(w.connection)?;
            jobs::ask(w, jobs::JobKind::Reattribute, &id.to_string())
        });
        let due = || world.read(|c| jobs::due(c, Instant::now())).into_iter().next();
        let job = due().unwrap();
        let first = job.clone();
        world.write(move |w| reports::reattribute(w, &first));
        // Somebody else who took the same step: nothing of theirs stays.
        let twice = {
            let store = world.store.clone();
            std::thread::spawn(move || store.write_here(move |w| reports::reattribute(w, &job))).join().unwrap()
        };
        assert!(matches!(twice, Err(interlude::store::Error::Stale)), "{twice:?}");
        let mut steps = 1;
        while let Some(job) = due() {
            world.write(move |w| reports::reattribute(w, &job));
            steps += 1;
        }
        assert!(steps >= 3, "{steps}");
        assert_eq!(found(&viewer, "window=night&stage=implementation").await, [all[1_101].clone()]);
        assert_eq!(found(&viewer, "window=-&limit=200").await.len(), 1_101);
        let lines: i64 = world.read(|c| {
            Ok(report_events::table.filter(report_events::kind.eq("attribution")).count().get_result(c)?)
        });
        assert_eq!(lines, 1_101);
        let history = viewer.get_json(&format!("/api/v1/reports/{}", all[1_100])).await;
        let line = &history["history"][1];
        assert_eq!((&line["was"], &line["became"], &history["filed_under"]), (&json!("night/implementation"), &json!(null), &json!("night")));
        world.staff(Role::Viewer).get(&format!("/admin/reports/{}", all[1_100])).await.is(200).says("night · Implementation → Outside any window");
        counts_hold(world);
    }

    /// The overview names what is to be done, in both languages.
    async fn the_overview_says_what_comes_first(world) {
        let viewer = world.staff(Role::Viewer);
        viewer.get("/admin/").await.is(200).says("No report is open").says("nobody is waiting").lacks("/admin/reports/new");
        let now = Instant::now();
        let id = window(world, "night", now.plus_hours(-6));
        world.write(move |w| {
            diesel::update(windows::table.find(id))
                .set((windows::state.eq("in_progress"), windows::started_at.eq(now.plus_hours(-6))))
                .execute(w.connection)?;
            Ok(())
        });
        let answered = Imported { first_answer_at: Some(now.plus_seconds(-3_000)), ..report("slow", now.plus_seconds(-3_600)) };
        let lost = Imported { impact: Impact::DataLoss, ..report("凭证不见了", now.plus_seconds(-120)) };
        let all = put(world, vec![answered, lost]);
        viewer.get("/admin/").await.is(200).says("“night” is overdue by 2\u{a0}h").says(&all[0]).says("10 min last 30 days, n = 1");
        let page = world.staff(Role::Support).reading_chinese().get("/admin/").await.is(200);
        let page = page.says("“night”已超时 2\u{a0}小时").says("凭证不见了").says("/admin/reports/new");
        let text = page.text();
        assert!(text.find(&all[1]) < text.find(&all[0]), "the lost data come first");
    }
}
