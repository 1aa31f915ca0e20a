//! What figures are for: two windows side by side, what was learnt and whether it shows, comments,
//! pictures to take away, and the evidence of a window.

mod between;
mod invited;
mod old_answers;

use std::collections::BTreeMap;
use std::io::{Cursor, Read};

use interlude::domain::language::{Language, Texts};
use interlude::domain::person::Role;
use interlude::domain::report::{Category, Impact, Status};
use interlude::domain::survey::{Answers, Exposure, TemplateKey};
use interlude::domain::window::{ComponentImpact, ComponentKey};
use interlude::store::insights::{self, Reader};
use interlude::store::people::Actor;
use interlude::store::{components, windows};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::insights::{answer, answer_as, report, report_on, satisfied};
use crate::support::World;
use crate::surveys::window;

/// The figure of this measure in a comparison.
fn compared<'a>(comparison: &'a Value, measure: &str) -> &'a Value {
    comparison["measures"].as_array().unwrap().iter().find(|m| m["measure"] == measure).unwrap()
}

/// Two windows of which the later one went clearly better.
fn two(world: &World) -> (i64, i64) {
    let (first, second) =
        (window(world, "first", TemplateKey::Full, 200), window(world, "second", TemplateKey::Full, 1));
    answer(world, first, &[(satisfied(5, true), 20), (satisfied(1, true), 40)]);
    answer(world, second, &[(satisfied(5, true), 55), (satisfied(1, true), 5)]);
    (first, second)
}

fn form(fields: &[(&'static str, &str)]) -> Vec<(&'static str, String)> {
    fields.iter().map(|(n, v)| (*n, (*v).to_owned())).collect()
}

async fn post(
    actor: &crate::support::Actor,
    path: &str,
    fields: &[(&'static str, &str)],
) -> crate::support::Reply {
    let fields = form(fields);
    let fields: Vec<(&str, &str)> = fields.iter().map(|(n, v)| (*n, v.as_str())).collect();
    actor.post_form(path, &fields).await
}

const KEY: &str = "improvement-0123456789abcdef";

story! {
    /// Better is said where it is so, with the method by its name, on the page as in the interface.
    async fn two_windows_stand_side_by_side(world) {
        two(world);
        let viewer = world.staff(Role::Viewer);
        let said = viewer.get_json("/api/v1/insights?windows=first,second").await;
        let comparison = &said["comparison"];
        assert_eq!((&comparison["base"]["slug"], &comparison["window"]["slug"]), (&json!("first"), &json!("second")));
        assert_eq!(comparison["adjustment"], "holm");
        let csat = compared(comparison, "csat");
        assert_eq!((&csat["change"], &csat["method"]), (&json!("better"), &json!("newcombe")));
        assert_eq!(csat["base"]["value"], said["items"][0]["survey"]["csat"]["value"]);
        assert_eq!(csat["window"]["interval"], said["items"][1]["survey"]["csat"]["interval"]);
        let difference = csat["difference"]["value"].as_f64().unwrap();
        assert!((difference - (55.0 / 60.0 - 20.0 / 60.0)).abs() < 1e-12, "{difference}");
        // The other way round it is worse.
        let back = viewer.get_json("/api/v1/insights?windows=second,first").await;
        assert_eq!(compared(&back["comparison"], "csat")["change"], "worse");
        assert!(viewer.get_json("/api/v1/insights?windows=first").await["comparison"].is_null());

        let page = viewer.get("/admin/insights?windows=first,second").await.is(200);
        page.says("Better: Satisfied (4–5)").says("Holm 1979").says("Newcombe").says("+58.3 points").says("Work on second");
        viewer.get("/admin/insights?windows=first&windows=second&lang=zh-CN").await.is(200).says("好转：满意率").says("个百分点");
        viewer.get("/admin/insights?lang=en").await.is(200);
        viewer.get("/admin/plots/comparison.csv?windows=first,second").await.is(200).says("csat").says("better");
        for query in ["windows=first", "windows=first,first", "windows=first,second,first", "windows=first,none"] {
            viewer.get(&format!("/admin/insights?{query}")).await.is(422);
        }
        viewer.get("/admin/insights").await.is(200).says("From window to window").says("Compare two windows");
        viewer.get("/admin/plots/trend-csat.svg").await.is(200).says("<svg xmlns").says("91.7%");
        viewer.get("/admin/plots/csat-lead.csv").await.is(200).says("259200");
    }

    /// Too few on one side are compared by nobody; the least number can be set.
    async fn the_least_number_can_be_set(world) {
        two(world);
        let administrator = world.staff(Role::Administrator);
        for bad in ["1", "1001", "x", "", "99999999999999999999"] {
            administrator.post_form("/admin/settings/figures", &[("minimum_n", bad)]).await.shows_form_again("minimum_n");
        }
        administrator.post_form("/admin/settings/figures", &[("minimum_n", "61")]).await.goes_to("/admin/settings?done=saved");
        let said = administrator.get_json("/api/v1/insights?windows=first,second").await;
        assert_eq!(said["items"][0]["minimum_n"], 61);
        assert!(said["items"][0]["survey"]["csat"]["value"].is_null());
        let csat = compared(&said["comparison"], "csat");
        assert_eq!((&csat["change"], &csat["difference"], &csat["base"]["n"]), (&json!("cannot_tell"), &Value::Null, &json!(60)));
        administrator.get("/admin/insights/first").await.is(200).says("fewer than 61 answers").lacks("33.3%");
        world.staff(Role::Operator).post_form("/admin/settings/figures", &[("minimum_n", "7")]).await.is(403);
    }

    /// What was announced of a component stands beside what was reported of it.
    async fn what_was_not_announced_is_marked(world) {
        let keys = world.write(|w| {
            ["login", "search"].into_iter().map(|key| {
                components::add(w, &Actor::CommandLine, &ComponentKey::parse("key", key)?, &Texts::single(Language::En, format!("The {key}")), false)
            }).collect::<interlude::store::Result<Vec<i64>>>()
        });
        let id = crate::insights::window_on(world, "night", &[("login", ComponentImpact::Degraded)]);
        let at = Some(world.app.now().plus_hours(-4));
        report_on(world, id, keys[0], Impact::Blocked, at, 2);
        report_on(world, id, keys[1], Impact::Slowed, at, 3);
        let viewer = world.staff(Role::Viewer);
        let said = viewer.get_json("/api/v1/windows/night/insights").await;
        let parts = said["components"].as_array().unwrap();
        assert_eq!((&parts[0]["key"], &parts[0]["surprise"], &parts[0]["severe"], &parts[0]["worst"]), (&json!("login"), &json!("worse"), &json!(2), &json!("blocked")));
        assert_eq!((&parts[1]["key"], &parts[1]["surprise"], &parts[1]["announced"]), (&json!("search"), &json!("unannounced"), &Value::Null));
        viewer.get("/admin/insights/night").await.is(200).says("The search").says("Not announced").says("Worse than announced");
    }

    /// Those who saw the notice stand beside those who did not, with the interval of the difference.
    async fn people_are_told_apart(world) {
        let id = window(world, "w", TemplateKey::Full, 1);
        let said = |csat: u8, saw: bool| Answers { csat: Some(csat), saw_notice: Some(saw), complete: true, ..Answers::default() };
        answer_as(world, id, Exposure::Reporter, &[(said(5, true), 20), (said(1, true), 4)]);
        answer_as(world, id, Exposure::Public, &[(said(5, false), 6), (said(2, false), 14)]);
        answer(world, id, &[(Answers { csat: Some(3), complete: false, ..Answers::default() }, 5)]);
        let viewer = world.staff(Role::Viewer);
        let found = viewer.get_json("/api/v1/windows/w/insights").await;
        let group = |split: &str| found["groups"].as_array().unwrap().iter().find(|g| g["split"] == split && g["measure"] == "csat").unwrap().clone();
        for split in ["informed", "exposed"] {
            let group = group(split);
            assert_eq!((&group["yes"]["n"], &group["no"]["n"]), (&json!(24), &json!(20)), "{split}");
            assert!((group["difference"]["value"].as_f64().unwrap() - (20.0 / 24.0 - 6.0 / 20.0)).abs() < 1e-12);
        }
        let drop_off = &found["drop_off"];
        assert_eq!((&drop_off["begun"], &drop_off["finished"]), (&json!(49), &json!(44)));
        assert_eq!(drop_off["questions"][0], json!({"question": "csat", "answered": 49, "left_after": 5}));
        viewer.get("/admin/insights/w").await.is(200).says("Saw the notice beforehand").says("+53.3 points").says("49 began, 44 finished");
        // The flat rows say the same.
        let reader = Reader { language: Language::En, default: Language::En, now: world.app.now() };
        let rows = world.read(|c| {
            let window = windows::by_slug(c, "w")?;
            Ok(insights::rows(&insights::one(c, &window, reader)?).collect::<Vec<_>>())
        });
        let row = rows.iter().find(|r| r.measure == "survey.informed.csat" && r.part == "difference").unwrap();
        assert_eq!(row.low, group("informed")["difference"]["interval"]["low"].as_f64());
    }

    /// From a figure to a task with an owner, and from a later window whether it helped.
    async fn an_improvement_shows_or_does_not(world) {
        two(world);
        let (viewer, support) = (world.staff(Role::Viewer), world.staff(Role::Support));
        viewer.get("/admin/improvements").await.is(200).says("No improvements here");
        support.get("/admin/insights/first").await.is(200).says("/admin/improvements/new?source=figure:csat&amp;window=first");
        let page = support.get("/admin/improvements/new?source=figure:csat&window=first").await.is(200);
        page.says("the figure Satisfied (4–5)");
        let good = [("idempotency_key", KEY), ("title", "Tell people a week ahead"), ("source", "figure:csat"), ("window", "first"), ("shown_by", "second"), ("measure", "csat"), ("status", "planned")];
        let made = post(&support, "/admin/improvements/new", &good).await;
        let address = made.location().split('?').next().unwrap().to_owned();
        assert_eq!(made.status, 303);
        // Sent twice it is there once.
        assert_eq!(post(&support, "/admin/improvements/new", &good).await.location().split('?').next().unwrap(), address);
        let list = viewer.get_json("/api/v1/improvements").await;
        assert_eq!(list["items"].as_array().unwrap().len(), 1);
        assert_eq!((&list["items"][0]["shown"], &list["items"][0]["source"]), (&json!("better"), &json!("figure:csat")));
        support.get(&address).await.is(200).says("Better").says("Both windows side by side");
        for slug in ["first", "second"] {
            viewer.get(&format!("/admin/insights/{slug}")).await.is(200).says("Tell people a week ahead");
            viewer.get(&format!("/admin/insights/{slug}/review")).await.is(200).says("Tell people a week ahead");
        }
        // Two at once: the later one is told.
        let edit = |revision: &'static str, title: &'static str| [("revision", revision), ("title", title), ("window", "first"), ("shown_by", "second"), ("measure", "nps"), ("status", "done")];
        post(&support, &address, &edit("1", "Tell people two weeks ahead")).await.is(303);
        post(&support, &address, &edit("1", "Typed meanwhile")).await.is(422).says("Somebody else changed this").says("Typed meanwhile");
        // Nobody answered that question.
        let now = viewer.get_json(&format!("/api/v1/improvements{}", address.strip_prefix("/admin/improvements").unwrap())).await;
        assert_eq!((&now["shown"], &now["status"], &now["title"]), (&json!("cannot_tell"), &json!("done"), &json!("Tell people two weeks ahead")));
        viewer.get("/admin/improvements").await.is(200).says("No improvements here");
        viewer.get("/admin/improvements?show=over").await.is(200).says("two weeks ahead");
        // Facts are known exactly.
        let api = world.program(Role::Support);
        let fact = api.post_json("/api/v1/improvements", json!({"title": "End in time", "window": "first", "shown_by": "second", "measure": "overrun"})).await.is(201).json();
        assert_eq!((&fact["shown"], &fact["source"]), (&json!("cannot_tell"), &json!("window")));
        let path = format!("/api/v1/improvements/{}", fact["reference"].as_str().unwrap());
        assert_eq!(api.patch_json(&path, json!({"shown_by": ""})).await.is(200).json()["shown"], "not_named");
        // Exported as it stands.
        let csv = api.get("/api/v1/exports/improvements.csv?bom=false").await.is(200).text();
        assert!(csv.starts_with("improvement,title,detail,status,owner,source,window,shown_by,measure,shown,created_at,changed_at\r\n"), "{csv}");
        assert!(csv.contains(",Tell people two weeks ahead,,done,,figure:csat,first,second,nps,cannot_tell,"), "{csv}");
        world.staff(Role::Operator).post_form(&format!("{address}/remove"), &[("confirm", address.rsplit('/').next().unwrap())]).await.is(303);
        viewer.get(&address).await.is(404);
    }

    /// Nonsense is refused by name, with what was typed kept.
    async fn improvements_refuse_nonsense(world) {
        two(world);
        let support = world.staff(Role::Support);
        let long = "长".repeat(201);
        for (field, value) in [
            ("title", ""), ("title", long.as_str()), ("title", "a\u{0}b"), ("window", "none"), ("shown_by", "none"), ("measure", "x"), ("status", "x"), ("owner", "nobody-here"),
        ] {
            let mut fields = vec![("idempotency_key", KEY), ("title", "A title"), ("detail", "Kept as typed")];
            fields.retain(|(name, _)| *name != field);
            fields.push((field, value));
            post(&support, "/admin/improvements/new", &fields).await.shows_form_again(field).says("Kept as typed");
        }
        let backwards = [("idempotency_key", KEY), ("title", "A title"), ("window", "second"), ("shown_by", "first")];
        post(&support, "/admin/improvements/new", &backwards).await.shows_form_again("shown_by");
        post(&support, "/admin/improvements/new", &[("idempotency_key", KEY), ("title", "A title"), ("source", "moon")]).await.is(422);
        support.get("/admin/improvements/new?source=moon").await.is(422);
        support.get("/admin/improvements/I-9999").await.is(404);
        support.get("/admin/improvements?show=x").await.is(422);
        let api = world.program(Role::Support);
        api.post_json("/api/v1/improvements", json!({"title": "T", "shown_by": "none"})).await.shows_problem(422, "shown_by");
        api.post_json("/api/v1/improvements", json!({"title": "T", "x": 1})).await.shows_problem(422, "x");
        api.get("/api/v1/improvements?window=none").await.shows_problem(422, "window");
        world.program(Role::Viewer).post_json("/api/v1/improvements", json!({"title": "T"})).await.shows_problem(403, "");
        world.anyone().get("/api/v1/improvements").await.shows_problem(401, "");
    }

    /// Comments are found by what they say, and the words that most of them use are counted.
    async fn comments_are_searched(world) {
        let id = window(world, "w", TemplateKey::Full, 1);
        let wrote = |csat: u8, text: &str| Answers { csat: Some(csat), comment: Some(text.into()), complete: true, ..Answers::default() };
        answer(world, id, &[
            (Answers { complete: false, ..wrote(3, "登录？ I stopped here") }, 1), (wrote(2, "通知太晚，登录不了"), 1), (wrote(1, "登录失败，等了很久"), 1), (wrote(4, "The notice was late"), 1), (wrote(5, "Notice in time, 100% fine"), 1),
        ]);
        let viewer = world.staff(Role::Viewer);
        let all = viewer.get("/admin/insights/w/comments").await.is(200);
        let text = all.text();
        // Who did not finish is read, with a mark, and counted in no term.
        all.says("I stopped here").says("Unfinished").says("of finished responses").says("登录 2").says("notice 2").says("等了很久");
        viewer.get("/admin/insights/w/comments?q=NOTICE").await.is(200).says("was late").says("100% fine").lacks("等了很久");
        viewer.get("/admin/insights/w/comments?q=100%25").await.is(200).says("100% fine").lacks("was late");
        viewer.get("/admin/insights/w/comments?q=%E7%99%BB%E5%BD%95&score=1").await.is(200).says("等了很久").lacks("通知太晚");
        let said = viewer.get_json("/api/v1/windows/w/comments?q=notice&limit=1").await;
        assert_eq!((&said["items"][0]["csat"], said["items"].as_array().unwrap().len()), (&json!(4), 1));
        let next = format!("/api/v1/windows/w/comments?q=notice&limit=1&cursor={}", said["next_cursor"].as_str().unwrap());
        assert_eq!(viewer.get_json(&next).await["items"][0]["csat"], 5);
        assert!(said["terms"].as_array().unwrap().contains(&json!({"term": "登录", "comments": 2})));
        let long = "x".repeat(201);
        for query in ["q=%00", &format!("q={long}"), "score=9", "after=x"] {
            viewer.get(&format!("/admin/insights/w/comments?{query}")).await.is(422);
        }
        viewer.get("/api/v1/windows/w/comments?cursor=x").await.shows_problem(422, "cursor");
        // From a comment to its response, to an improvement drawn from it, and back.
        let response = text.split("href=\"").find_map(|rest| rest.split('"').next().filter(|to| to.starts_with("/admin/surveys/w/responses/")));
        let response = response.unwrap().to_owned();
        let name = response.rsplit('/').next().unwrap().to_owned();
        let support = world.staff(Role::Support);
        let made_of = format!("/admin/improvements/new?source=comment:{name}&amp;window=w");
        viewer.get(&response).await.is(200).says(&name).lacks("/admin/improvements/new");
        support.get(&response).await.is(200).says(&made_of);
        let source = format!("comment:{name}");
        let drawn = [("idempotency_key", KEY), ("title", "Write earlier"), ("source", source.as_str()), ("window", "w"), ("status", "planned")];
        let made = post(&support, "/admin/improvements/new", &drawn).await.is(303);
        let address = made.location().split('?').next().unwrap().to_owned();
        support.get(&address).await.is(200).says(&format!("href=\"{response}\""));
        viewer.get(&response).await.is(200).says(&format!("href=\"{address}\"")).says("Write earlier");
    }

    /// Pictures stand alone: a file that needs nothing else, and its data unrounded.
    async fn pictures_are_taken_away(world) {
        let id = window(world, "w", TemplateKey::Full, 1);
        let at = Some(world.app.now().plus_hours(-4));
        report(world, id, vec![(Category::Login, Impact::Blocked, Status::Resolved, at); 3]);
        answer(world, id, &[(satisfied(5, true), 4), (satisfied(2, true), 3)]);
        let viewer = world.staff(Role::Viewer);
        let svg = viewer.get("/admin/insights/w/plots/reports.svg?lang=zh-CN").await.is(200);
        assert_eq!(svg.header("content-type"), "image/svg+xml");
        svg.says("<style>").says("prefers-color-scheme").says("反馈随时间变化").says("<desc").lacks("href=");
        viewer.get("/admin/insights/w/plots/answers.csv").await.is(200).says("csat,5,4,0.5714285714285714,");
        viewer.get("/admin/insights/w/plots/reports.csv").await.is(200).says("from,until,stage,reports").says(",implementation,3");
        for path in ["x.svg", "reports.png", "reports", "..%2freports.svg"] {
            viewer.get(&format!("/admin/insights/w/plots/{path}")).await.is(404);
        }
        viewer.get("/admin/plots/x.svg").await.is(404);
        viewer.get("/admin/insights/none/plots/reports.svg").await.is(404);
    }

    /// Everything of a window in one archive, each file with its checksum; contacts only if asked for.
    async fn the_evidence_is_whole(world) {
        let id = window(world, "w", TemplateKey::Full, 1);
        let at = Some(world.app.now().plus_hours(-4));
        report(world, id, vec![(Category::Login, Impact::Blocked, Status::Resolved, at); 3]);
        answer(world, id, &[(satisfied(5, true), 4)]);
        let operator = world.staff(Role::Operator);
        let moved = json!({"title": {"zh-CN": "w 的工作，重新说明", "en": "Work on w, told anew"}});
        operator.patch_json("/api/v1/windows/w", moved).await.is(200);
        let support = world.staff(Role::Support);
        let reply = support.get("/api/v1/exports/evidence.zip?window=w").await.is(200);
        assert_eq!(reply.header("content-type"), "application/zip");
        let mut zip = zip::ZipArchive::new(Cursor::new(reply.bytes)).unwrap();
        let mut files: BTreeMap<String, Vec<u8>> = BTreeMap::new();
        for at in 0..zip.len() {
            let mut file = zip.by_index(at).unwrap();
            let mut bytes = Vec::new();
            file.read_to_end(&mut bytes).unwrap();
            files.insert(file.name().unwrap().into_owned(), bytes);
        }
        let text = |name: &str| String::from_utf8(files[name].clone()).unwrap();
        let sums = text("SHA256SUMS");
        assert_eq!(sums.lines().count(), files.len() - 1);
        for line in sums.lines() {
            let (sum, name) = line.split_once("  ").unwrap();
            let is: String = Sha256::digest(&files[name]).iter().map(|b| format!("{b:02x}")).collect();
            assert_eq!(is, sum, "{name}");
        }
        // The notice as it was published and as it was changed.
        assert!(text("notice/version-0001.json").contains("Work on w\""), "{:?}", files.keys());
        assert!(text("notice/version-0002.json").contains("told anew"));
        let figures: Value = serde_json::from_str(&text("figures.json")).unwrap();
        assert_eq!(figures["reports"]["total"], 3);
        assert_eq!(text("reports.jsonl").lines().count(), 3);
        assert_eq!(text("survey-responses.jsonl").lines().count(), 4);
        assert!(text("plots/reports.svg").contains("<svg"));
        let manifest: Value = serde_json::from_str(&text("manifest.json")).unwrap();
        assert_eq!((&manifest["window"], &manifest["contacts"], &manifest["notice_versions"]), (&json!("w"), &json!(false), &json!(2)));
        support.get("/admin/exports/evidence.zip?window=w&contacts=true").await.is(200);
        world.staff(Role::Administrator).get("/admin/audit").await.is(200).says("evidence").says("with contacts");
        for (query, field) in [("", "window"), ("?window=none", "window"), ("?window=w&contacts=x", "contacts"), ("?window=w&x=1", "x")] {
            support.get(&format!("/api/v1/exports/evidence.zip{query}")).await.shows_problem(422, field);
        }
        world.program(Role::Viewer).get("/api/v1/exports/evidence.zip?window=w").await.shows_problem(403, "");
    }
}
