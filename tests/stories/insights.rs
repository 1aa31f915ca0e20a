//! Figures: the same on the page, in the interface and in exports, and none that too few answers
//! cannot bear.

use diesel::prelude::*;
use interlude::domain::instant::Instant;
use interlude::domain::language::Language;
use interlude::domain::person::Role;
use interlude::domain::report::{Category, Impact, Occurrence, Precision, Source, Status};
use interlude::domain::survey::{Answers, Exposure, TemplateKey};
use interlude::domain::window::ComponentImpact;
use interlude::store::insights::{self, Reader};
use interlude::store::reports::{self, Belongs, ReportContent};
use interlude::store::schema::window_components;
use interlude::store::{components, responses, windows};
use serde_json::{Value, json};

use crate::support::World;
use crate::surveys::window;

/// Reports of this window: what each is about and when it occurred.
pub fn report(world: &World, window: i64, all: Vec<(Category, Impact, Status, Option<Instant>)>) {
    reported(world, window, None, all);
}

/// Reports about this component.
pub fn report_on(world: &World, window: i64, component: i64, impact: Impact, at: Option<Instant>, n: usize) {
    reported(world, window, Some(component), vec![(Category::Other, impact, Status::New, at); n]);
}

fn reported(
    world: &World,
    window: i64,
    component: Option<i64>,
    all: Vec<(Category, Impact, Status, Option<Instant>)>,
) {
    let now = world.app.now();
    let rows: Vec<reports::Imported> = all
        .into_iter()
        .map(|(category, impact, status, at)| reports::Imported {
            id: None,
            imported_as: None,
            belongs: Belongs::Found { named: Some(window) },
            component,
            category,
            impact,
            severity: None,
            status,
            occurrence: match at {
                Some(_) => Occurrence { at, precision: Precision::Exact },
                None => Occurrence { at: None, precision: Precision::Unknown },
            },
            received_at: at.unwrap_or(now),
            written_at: None,
            time_zone: None,
            language: Language::En,
            source: Source::Import,
            assignee: None,
            first_answer_at: at.filter(|_| status == Status::Resolved).map(|at| at.plus_seconds(600)),
            resolved_at: at.filter(|_| status == Status::Resolved).map(|at| at.plus_seconds(7_200)),
            verdict: None,
            answers: Vec::new(),
            content: Some(ReportContent {
                description: "It does not work".into(),
                error_message: None,
                account: None,
                phone: None,
                email: None,
                device: None,
            }),
            demonstration: false,
        })
        .collect();
    world.write(move |w| reports::import(w, &rows));
}

/// Responses to this window's survey, `of` each so many times.
pub fn answer(world: &World, window: i64, of: &[(Answers, usize)]) {
    answer_as(world, window, Exposure::Public, of);
}

/// The same, of people who met the window in this way.
pub fn answer_as(world: &World, window: i64, exposure: Exposure, of: &[(Answers, usize)]) {
    let at = world.app.now();
    let all: Vec<responses::Imported> = of
        .iter()
        .flat_map(|(answers, times)| std::iter::repeat_n(answers.clone(), *times))
        .map(|answers| responses::Imported {
            reference: None,
            imported_as: None,
            window,
            template: TemplateKey::Full,
            submitted_at: at,
            language: Language::En,
            invited: false,
            exposure,
            answers,
            demonstration: false,
        })
        .collect();
    for some in all.chunks(500) {
        let some = some.to_vec();
        world.write(move |w| responses::imported(w, &some));
    }
}

pub fn satisfied(csat: u8, complete: bool) -> Answers {
    Answers { csat: Some(csat), saw_notice: Some(csat > 2), complete, ..Answers::default() }
}

/// A window that announces these components.
pub fn window_on(world: &World, slug: &'static str, announced: &[(&str, ComponentImpact)]) -> i64 {
    let id = window(world, slug, TemplateKey::Full, 1);
    let list: Vec<(i64, ComponentImpact)> = announced
        .iter()
        .map(|(key, impact)| (world.read(|c| components::id_of(c, key)).unwrap(), *impact))
        .collect();
    world.write(move |w| {
        for (position, (component, impact)) in list.iter().enumerate() {
            diesel::insert_into(window_components::table)
                .values((
                    window_components::window_id.eq(id),
                    window_components::component_id.eq(component),
                    window_components::position.eq(position as i32),
                    window_components::impact.eq(impact.code()),
                ))
                .execute(w.connection)?;
        }
        Ok(())
    });
    id
}

/// The count with this code among the parts of a figure.
fn part(figure: &Value, code: &str) -> Value {
    let found = figure.as_array().unwrap().iter().find(|p| p["code"] == *code);
    found.unwrap_or_else(|| panic!("no {code} in {figure}"))["reports"].clone()
}

story! {
    /// What the interface says of a window, its page says rounded, and its rows say flat.
    async fn a_figure_is_the_same_everywhere(world) {
        let id = window(world, "night", TemplateKey::Full, 1);
        let end = world.app.now().plus_hours(-1);
        let during = end.plus_hours(-4);
        let mut all = vec![(Category::Login, Impact::Blocked, Status::Resolved, Some(during)); 5];
        all.push((Category::Data, Impact::DataLoss, Status::New, Some(during.plus_seconds(60))));
        all.push((Category::Other, Impact::Cosmetic, Status::New, None));
        report(world, id, all);
        answer(world, id, &[(satisfied(5, true), 4), (satisfied(2, true), 2), (satisfied(1, false), 7)]);
        let viewer = world.staff(Role::Viewer);
        let said = viewer.get_json("/api/v1/windows/night/insights").await;
        let (reports, survey) = (&said["reports"], &said["survey"]);
        assert_eq!((&reports["total"], &reports["open"], &reports["unknown_time"]), (&json!(7), &json!(2), &json!(1)));
        assert_eq!(part(&reports["by_stage"], "implementation"), 6);
        assert_eq!(reports["by_stage"].as_array().unwrap().last().unwrap(), &json!({"code": null, "reports": 1, "share": 1.0 / 7.0}));
        assert_eq!(part(&reports["by_category"], "login"), 5);
        assert_eq!(part(&reports["by_impact"], "data_loss"), 1);
        assert_eq!(part(&reports["by_status"], "resolved"), 5);
        let none = json!({"n": 0, "k": 0, "value": null, "interval": null});
        assert_eq!(reports["first_answer"], json!({"n": 5, "median_seconds": 600.0, "p90_seconds": 600.0, "within_target": none}));
        assert_eq!(reports["resolution"]["median_seconds"], 7_200.0);
        let steps = said["timeline"]["steps"].as_array().unwrap();
        let plotted: u64 = steps.iter().map(|s| s["reports"].as_u64().unwrap()).sum();
        assert_eq!(plotted, 6);
        // Unfinished responses are counted apart and in nothing else.
        assert_eq!((&survey["complete"], &survey["partial"], &survey["csat"]["n"]), (&json!(6), &json!(7), &json!(6)));
        assert_eq!(survey["csat"]["distribution"], json!({"1": 0, "2": 2, "3": 0, "4": 0, "5": 4}));
        assert_eq!(survey["csat"]["value"], 4.0 / 6.0);
        assert_eq!(said["schedule"]["overrun_seconds"], 0);
        assert_eq!(said["schedule"]["lead_seconds"], 72 * 3_600);

        let page = viewer.get("/admin/insights/night").await.is(200);
        let share = format!("{:.1} %", 100.0 * survey["csat"]["value"].as_f64().unwrap());
        let interval = &survey["csat"]["interval"];
        let bound = |b: &str| format!("{:.1}", 100.0 * interval[b].as_f64().unwrap());
        let page = page.says(&share).says(&format!("n = 6 · 95% interval {} to {}", bound("low"), bound("high")))
            .says("7 reports came in").says("85.7% of them during Implementation").says("2 still open")
            .says("10\u{a0}min").says("2\u{a0}h").says("One report does not say when it happened")
            .says("6 complete responses; 7 unfinished ones");
        assert_eq!(page.text().matches("class=\"plot-bar").count(), steps.iter().filter(|s| s["reports"] != 0).count());
        viewer.get("/admin/insights/night?lang=zh-CN").await.is(200).says("收到 7 条反馈").says("85.7% 发生在");

        let reader = Reader { language: Language::En, default: Language::En, now: world.app.now() };
        let rows = world.read(|c| {
            let window = windows::by_slug(c, "night")?;
            Ok(insights::rows(&insights::one(c, &window, reader)?).collect::<Vec<_>>())
        });
        let row = |measure: &str, part: &str| rows.iter().find(|r| r.measure == measure && r.part == part).unwrap();
        assert_eq!((row("survey.csat", "").value, row("survey.csat", "").n), (survey["csat"]["value"].as_f64(), Some(6)));
        assert_eq!(row("survey.csat", "").low, interval["low"].as_f64());
        assert_eq!(row("reports.stage", "implementation").value, Some(6.0));
        assert_eq!(row("reports.first_answer.median", "").value, Some(600.0));
    }

    /// The published score: 1,436 promoters, 968 passives and 342 detractors are 39.84.
    async fn the_published_score_is_shown(world) {
        let id = window(world, "sfo", TemplateKey::Full, 1);
        let nps = |nps: u8| Answers { nps: Some(nps), csat: Some(4), complete: true, ..Answers::default() };
        answer(world, id, &[(nps(10), 1_000), (nps(9), 436), (nps(8), 968), (nps(6), 300), (nps(0), 42)]);
        let viewer = world.program(Role::Viewer);
        let said = viewer.get_json("/api/v1/windows/sfo/insights").await;
        let score = &said["survey"]["nps"];
        assert_eq!((&score["promoters"], &score["passives"], &score["detractors"], &score["n"]), (&json!(1_436), &json!(968), &json!(342), &json!(2_746)));
        assert!((score["value"].as_f64().unwrap() - 39.839_77).abs() < 1e-4, "{score}");
        let staff = world.staff(Role::Viewer);
        staff.get("/admin/insights/sfo").await.is(200).says("+39.84").says("n = 2,746")
            .says("1,436 promoters, 968 passives, 342 detractors of 2,746").says("100.00%");
        staff.get("/admin/insights").await.is(200).says("+39.84");
    }

    /// Four answers or reports are shown as counts; the fifth makes a percentage.
    async fn too_few_are_only_counted(world) {
        let id = window(world, "few", TemplateKey::Full, 1);
        let at = Some(world.app.now().plus_hours(-4));
        report(world, id, vec![(Category::Login, Impact::Blocked, Status::Resolved, at); 4]);
        answer(world, id, &[(satisfied(5, true), 4)]);
        let viewer = world.staff(Role::Viewer);
        let said = viewer.get_json("/api/v1/windows/few/insights").await;
        assert_eq!(said["survey"]["csat"]["satisfied"], 4);
        for null in [&said["survey"]["csat"]["value"], &said["survey"]["csat"]["interval"], &said["reports"]["first_answer"]["median_seconds"]] {
            assert!(null.is_null(), "{null}");
        }
        assert!(said["reports"]["by_stage"].as_array().unwrap().iter().all(|p| p["share"].is_null()));
        viewer.get("/admin/insights/few").await.is(200).says("too few to say").lacks("100.0 %").lacks("100.0%").says("fewer than 5 answers");
        answer(world, id, &[(satisfied(5, true), 1)]);
        viewer.get("/admin/insights/few").await.is(200).says("100.0%");
    }

    /// All windows taken together are the sum of each; chosen ones are the sum of those.
    async fn totals_are_sums(world) {
        let viewer = world.staff(Role::Viewer);
        viewer.get("/admin/insights").await.is(200).says("No maintenance yet");
        let (a, b) = (window(world, "a", TemplateKey::Full, 1), window(world, "b", TemplateKey::Full, 100));
        window(world, "empty", TemplateKey::Short, 200);
        let hours_ago = |h: i64| Some(world.app.now().plus_hours(-h));
        report(world, a, vec![(Category::Login, Impact::Blocked, Status::New, hours_ago(3)); 3]);
        report(world, b, vec![(Category::Speed, Impact::Slowed, Status::Resolved, hours_ago(104)); 6]);
        // Long before any window: it belongs to none.
        report(world, a, vec![(Category::Speed, Impact::Slowed, Status::New, hours_ago(5_000)); 2]);
        answer(world, a, &[(satisfied(5, true), 3), (satisfied(1, true), 1)]);
        answer(world, b, &[(satisfied(4, true), 2), (satisfied(3, false), 5)]);
        let all = viewer.get_json("/api/v1/insights").await;
        let totals = &all["totals"];
        assert_eq!(all["items"].as_array().unwrap().iter().map(|i| i["window"]["slug"].as_str().unwrap()).collect::<Vec<_>>(), ["a", "b", "empty"]);
        assert_eq!((&totals["windows"], &totals["reports"]["total"], &totals["outside"]), (&json!(3), &json!(9), &json!(2)));
        assert_eq!(totals["survey"]["csat"]["distribution"], json!({"1": 1, "2": 0, "3": 0, "4": 2, "5": 3}));
        assert_eq!((&totals["survey"]["complete"], &totals["survey"]["partial"]), (&json!(6), &json!(5)));
        assert_eq!(totals["overran"], json!({"n": 3, "k": 0, "value": null, "interval": null}));
        viewer.get("/admin/insights").await.is(200).says("3 maintenance windows").says("2 more reports belong to no window");
        viewer.get("/admin/insights/empty").await.is(200).says("No reports came in").says("No reports in this time");

        let some = viewer.get_json("/api/v1/insights?windows=empty,a,a").await;
        assert_eq!(some["items"][0]["window"]["slug"], "empty");
        assert_eq!((&some["totals"]["windows"], &some["totals"]["reports"]["total"], &some["totals"]["outside"]), (&json!(2), &json!(3), &json!(0)));
        let first = viewer.get_json("/api/v1/insights?limit=2").await;
        let next = format!("/api/v1/insights?limit=2&cursor={}", first["next_cursor"].as_str().unwrap());
        let second = viewer.get_json(&next).await;
        assert_eq!((&second["items"][0]["window"]["slug"], &second["next_cursor"]), (&json!("empty"), &Value::Null));
        assert_eq!(second["totals"]["reports"], all["totals"]["reports"]);
    }

    /// Figures are for staff, and what is asked wrongly is refused by name.
    async fn figures_are_for_staff(world) {
        window(world, "w", TemplateKey::Short, 1);
        let anyone = world.anyone();
        for path in ["/api/v1/insights", "/api/v1/windows/w/insights"] {
            anyone.get(path).await.shows_problem(401, "");
        }
        anyone.get("/admin/insights/w").await.is(303);
        let viewer = world.staff(Role::Viewer);
        let many = vec!["w"; 1].into_iter().map(str::to_owned).chain((0..200).map(|i| format!("w{i}"))).collect::<Vec<_>>().join(",");
        for (path, field) in [
            ("/api/v1/insights?windows=none".to_owned(), "windows"),
            (format!("/api/v1/insights?windows={many}"), "windows"),
            ("/api/v1/insights?windows=w&limit=2".to_owned(), "limit"),
            ("/api/v1/insights?limit=0".to_owned(), "limit"),
            ("/api/v1/insights?cursor=x".to_owned(), "cursor"),
            ("/api/v1/windows/w/insights?x=1".to_owned(), "x"),
        ] {
            viewer.get(&path).await.shows_problem(422, field);
        }
        viewer.get("/api/v1/windows/none/insights").await.shows_problem(404, "");
        viewer.get("/admin/insights/none").await.is(404);
        for query in ["score=6", "score=x", "after=x", "after=1.x", "y=1"] {
            viewer.get(&format!("/admin/insights/w?{query}")).await.is(422);
        }
        viewer.get("/admin/insights/w?after=9.9223372036854775807&score=3").await.is(200).says("No comments");
    }

    /// What people wrote stands under the figures, the least satisfied first, as text and nothing else.
    async fn comments_are_read_by_score(world) {
        let id = window(world, "w", TemplateKey::Full, 1);
        let wrote = |csat: u8, text: &str| Answers { csat: Some(csat), comment: Some(text.into()), complete: true, ..Answers::default() };
        answer(world, id, &[(wrote(5, "Fine by me"), 12), (wrote(1, "<script>alert(1)</script>"), 1)]);
        let viewer = world.staff(Role::Viewer);
        let page = viewer.get("/admin/insights/w").await.is(200).says("alert(1)");
        assert!(!page.text().contains("<script>alert"));
        assert_eq!(page.text().matches("class=\"quote\"").count(), 10);
        let text = page.text();
        let next = text.split("rel=\"next\" href=\"").nth(1).unwrap().split(['"', '#']).next().unwrap().to_owned();
        let rest = viewer.get(&next).await.is(200);
        assert_eq!(rest.text().matches("class=\"quote\"").count(), 3);
        viewer.get("/admin/insights/w?score=1").await.is(200).lacks("Fine by me").says("alert(1)");
    }
}
