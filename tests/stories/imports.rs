//! Imports: foreign files through a mapping, all or nothing, once only; and our own exports, which
//! come back as they were.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use interlude::domain::language::{Language, Texts};
use interlude::domain::person::Role;
use interlude::domain::survey::{AnswerValue, Answers, Exposure, TemplateKey};
use interlude::domain::window::{Schedule, Stage, WindowState};
use interlude::store::connection::Database;
use interlude::store::people::Actor;
use interlude::store::responses;
use interlude::store::windows::{self, ImportedUpdate};
use interlude::store::{Store, verify};

use crate::exports::{at, furnish, window};
use crate::support::World;

fn url(store: &Store) -> String {
    match store.database() {
        Database::Sqlite(path) => format!("sqlite:{}", path.display()),
        Database::Postgres(url) => url.clone(),
    }
}

/// Runs the program on the database of this world.
fn interlude(world: &World, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_interlude"))
        .args(["--database-url", &url(&world.store)])
        .args(arguments)
        .output()
        .unwrap()
}

fn out(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn err(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// A folder with files that go when it does.
struct Files(tempfile::TempDir);

impl Files {
    fn new() -> Files {
        Files(tempfile::tempdir().unwrap())
    }

    fn path(&self, name: &str) -> String {
        self.0.path().join(name).display().to_string()
    }

    fn write(&self, name: &str, content: impl AsRef<[u8]>) -> String {
        let path: PathBuf = self.0.path().join(name);
        std::fs::write(&path, content).unwrap();
        path.display().to_string()
    }
}

async fn export(world: &World, file: &str) -> String {
    world.program(Role::Support).get(&format!("/api/v1/exports/{file}")).await.is(200).text()
}

const FOREIGN: &str = "\u{FEFF}no,when,said,how,lang,source\r\n\
    1,2026-11-21 23:59:00,=1+1 坏了,schlimm,zh,app\r\n\
    2,,\"zwei\r\nZeilen\",,de,app\r\n\
    3,2026-02-30 10:00:00,x,schlimm,zh,app\r\n\
    4,2026-11-21 10:00:00,,egal,zh,app\r\n\
    5,2026-11-21 10:00:00,ok,schlimm,zh\r\n\
    6,2026-03-29 02:30:00,'=quoted,schlimm,en,app\r\n\
    7,2026-11-21T10:00:00+01:00,Klingel \u{7} hier,schlimm,en,app\r\n";
const MAPPING: &[&str] = &[
    "--source",
    "shop",
    "--zone",
    "Europe/Berlin",
    "--map",
    "reference=no",
    "--map",
    "occurred_at=when",
    "--map",
    "description=said",
    "--map",
    "impact=how",
    "--value",
    "impact:schlimm=blocked",
    "--value",
    "impact:egal=",
    "--map",
    "language=lang",
    "--map",
    "source=",
];

story! {
    async fn nothing_changes_while_a_row_is_bad(world) {
        let files = Files::new();
        let path = files.write("foreign.csv", FOREIGN);
        let all: Vec<&str> = ["import", "reports", &path].into_iter().chain(MAPPING.iter().copied()).collect();
        let refused = interlude(world, &all);
        assert_eq!(refused.status.code(), Some(2), "{}", err(&refused));
        let said = err(&refused);
        for part in ["Line 3: lang:", "Line 5: when:", "Line 6: said:", "Line 7: row: This row has 5 columns",
            "Line 8: when:", "02:30", "Line 9: said:", "U+0007", "Columns not used: source", "Nothing was changed"] {
            assert!(said.contains(part), "{part:?} in {said}");
        }
        assert!(out(&refused).contains("7 rows: 1 good, 6 bad."), "{}", out(&refused));
        assert_eq!(export(world, "reports.jsonl").await, "");

        let chinese: Vec<&str> = all.iter().copied().chain(["--lang", "zh-CN", "--dry-run", "--skip-bad"]).collect();
        let dry = interlude(world, &chinese);
        assert_eq!(dry.status.code(), Some(0), "{}", err(&dry));
        assert!(err(&dry).contains("第 5 行：when："), "{}", err(&dry));
        assert!(out(&dry).contains("没有做任何改动"));
        assert_eq!(export(world, "reports.jsonl").await, "");
    }

    async fn bad_rows_are_left_out_and_nothing_is_doubled(world) {
        let files = Files::new();
        let path = files.write("foreign.csv", FOREIGN.replace(",de,", ",,"));
        let (bad, saved) = (files.path("bad.csv"), files.path("mapping.toml"));
        let all: Vec<&str> = ["import", "reports", &path, "--skip-bad", "--bad-rows", &bad, "--save-mapping", &saved]
            .into_iter().chain(MAPPING.iter().copied()).collect();
        let done = interlude(world, &all);
        assert_eq!(done.status.code(), Some(0), "{}", err(&done));
        assert!(out(&done).contains("2 new, 0 already here, 5 left out."), "{}", out(&done));
        let rows: Vec<serde_json::Value> =
            export(world, "reports.jsonl").await.lines().map(|l| serde_json::from_str(l).unwrap()).collect();
        let by_text = |text: &str| rows.iter().find(|r| r["description"] == text).unwrap();
        let one = by_text("=1+1 坏了");
        assert_eq!(one["occurred_at"], "2026-11-21T22:59:00.000Z");
        assert_eq!((&one["impact"], &one["source"], &one["language"]), (&"blocked".into(), &"import".into(), &"zh-CN".into()));
        let two = by_text("zwei\r\nZeilen");
        assert!(two["occurred_at"].is_null());
        assert_eq!((&two["time_precision"], &two["impact"]), (&"unknown".into(), &"unknown".into()));
        // The bad rows stand in their file as they were, with the reason, and can be mended there.
        let left = std::fs::read_to_string(&bad).unwrap();
        assert!(left.starts_with("no,when,said,how,lang,source,import_problem\r\n"), "{left}");
        assert!(left.contains("3,2026-02-30 10:00:00,x,schlimm,zh,app,"), "{left}");
        // The same again, now with the saved mapping: nothing new.
        let again = interlude(world, &["import", "reports", &path, "--skip-bad", "--mapping", &saved]);
        assert!(out(&again).contains("0 new, 2 already here, 5 left out."), "{}{}", out(&again), err(&again));
        assert!(world.read(verify::verify).findings.is_empty());
    }

    async fn equal_rows_without_ids_are_counted_apart(world) {
        let files = Files::new();
        let path = files.write("plain.jsonl", "{\"description\":\"a\"}\n{\"description\":\"a\"}\n\n{\"description\":\"b\"}\n");
        for (new, known) in [(3, 0), (0, 3)] {
            let done = interlude(world, &["import", "reports", &path]);
            assert!(out(&done).contains(&format!("{new} new, {known} already here")), "{}{}", out(&done), err(&done));
        }
    }

    async fn what_cannot_be_read_is_said(world) {
        let files = Files::new();
        let csv = files.write("x.csv", "a,b\r\n1,2\r\n");
        for (arguments, what) in [
            (vec!["import", "reports", &csv], "description"),
            (vec!["import", "reports", &csv, "--map", "description=c"], "it has: a, b"),
            (vec!["import", "reports", &csv, "--map", "colour=a"], "We have no column “colour”"),
            (vec!["import", "reports", &csv, "--map", "description=a", "--zone", "Mars/Base"], "Mars/Base"),
            (vec!["import", "reports", "/no/such/file"], "cannot read /no/such/file"),
        ] {
            let refused = interlude(world, &arguments);
            assert_eq!(refused.status.code(), Some(2), "{arguments:?}: {}", err(&refused));
            assert!(err(&refused).contains(what), "{arguments:?}: {}", err(&refused));
        }
        for (content, what) in [
            (&b"\xFF\xFEa\0"[..], "UTF-16"),
            (b"PK\x03\x04", "workbook"),
            (b"[{}]", "one JSON list"),
            (b"", "empty"),
            (b"a,a\r\n", "twice"),
        ] {
            let path = files.write("odd", content);
            let refused = interlude(world, &["import", "reports", &path]);
            assert_eq!(refused.status.code(), Some(2));
            assert!(err(&refused).contains(what), "{what}: {}", err(&refused));
        }
        // A file that was cut says where; nothing of it is taken in.
        let cut = files.write("cut.csv", "description,impact\nwhole,blocked\n5\" screen,blocked\n\"cut in the mid");
        for arguments in [vec!["import", "reports", &cut], vec!["import", "reports", &cut, "--skip-bad"]] {
            let refused = interlude(world, &arguments);
            assert_eq!(refused.status.code(), Some(2));
            assert!(err(&refused).contains("within the quotation marks that are opened on line 4"), "{}", err(&refused));
        }
        assert_eq!(export(world, "reports.jsonl").await, "");
        // What a command takes is said where something else is given, and in its help.
        for (arguments, what) in [
            (vec!["import", "notices", &csv], "[possible values: windows, reports, responses]"),
            (vec!["export", "notices"], "survey-responses, windows, updates, insights, improvements, notice, evidence]"),
            (vec!["export", "reports", "--format", "pdf"], "[possible values: csv, jsonl, xlsx]"),
            (vec!["export", "reports", "--status", "done"], "duplicate, open]"),
            (vec!["user", "add", "li", "--role", "boss", "--password-stdin"], "[possible values: viewer, support, operator, administrator]"),
            (vec!["window", "list", "--state", "done"], "[possible values: draft, scheduled,"),
            (vec!["import", "reports", &csv, "--lang", "fr"], "[possible values: zh-CN, en]"),
        ] {
            let refused = interlude(world, &arguments);
            assert_eq!(refused.status.code(), Some(2), "{arguments:?}");
            assert!(err(&refused).contains(what), "{arguments:?}: {}", err(&refused));
        }
        let help = out(&interlude(world, &["token", "create", "--help"]));
        let help = help.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(help.contains("[possible values: viewer, support, operator, administrator]"), "{help}");
        let latin = files.write("latin.csv", b"description\r\ncaf\xE9\r\n");
        assert!(err(&interlude(world, &["import", "reports", &latin])).contains("Line 2: description:"));
    }

    /// A window of ours that asks a survey made elsewhere is not quietly given another one.
    async fn a_template_that_is_not_here_is_named(world) {
        let files = Files::new();
        let line = r#"{"slug":"night","title":"Night","scheduled_start":"2026-03-01T10:00:00Z","scheduled_end":"2026-03-01T12:00:00Z","survey_template":"month-end"}"#;
        let path = files.write("w.jsonl", line);
        let refused = interlude(world, &["import", "windows", &path, "--set", "language=en"]);
        assert_eq!(refused.status.code(), Some(2));
        let said = err(&refused);
        for part in ["Line 1: survey_template: There is no survey template “month-end” here", "--value survey_template:month-end=short"] {
            assert!(said.contains(part), "{part:?} in {said}");
        }
        let done = interlude(world, &["import", "windows", &path, "--set", "language=en", "--value", "survey_template:month-end=short"]);
        assert!(out(&done).contains("1 new, "), "{} {}", out(&done), err(&done));
        let windows = export(world, "windows.jsonl").await;
        assert!(windows.contains(r#""survey_template":"short""#), "{windows}");
        // Made here under the same key, it is found.
        crate::surveys::made(world, "month-end", serde_json::json!([{"key": "csat", "kind": "scale", "min": 1, "max": 5}]));
        let path = files.write("x.jsonl", line.replace("night", "other"));
        let done = interlude(world, &["import", "windows", &path, "--set", "language=en"]);
        assert!(out(&done).contains("1 new, "), "{} {}", out(&done), err(&done));
    }

    async fn foreign_windows_bring_their_components(world) {
        let files = Files::new();
        let lines = [
            r#"{"id":"ci.Maintenance-1","t":"CI down","s":"2024-03-01T10:00:00+00:00","e":"","done":"2024-03-01T12:00:00Z","what":["ci.jenkins.io","镜像站"],"i":"down"}"#,
            r#"{"id":"ci-maintenance-1","t":"Again","s":"2022-03-01T10:00:00+00:00","e":"2023-06-01T10:00:00Z","what":["ci.jenkins.io"],"i":"notice"}"#,
            r#"{"id":"bad","t":"Ends first","s":"2024-03-01T10:00:00Z","e":"2024-03-01T10:00:00Z","what":[],"i":"down"}"#,
        ];
        let path = files.write("w.jsonl", lines.join("\n"));
        let done = interlude(world, &["import", "windows", &path, "--skip-bad", "--set", "language=en",
            "--map", "slug=id", "--map", "title=t", "--map", "scheduled_start=s", "--map", "scheduled_end=e",
            "--map", "completed_at=done", "--map", "affected=what", "--map", "component_impact=i",
            "--value", "component_impact:down=major_outage", "--value", "component_impact:*=none"]);
        assert!(err(&done).contains("Line 3: e:"), "{}", err(&done));
        assert!(out(&done).contains("2 new, 0 already here, 1 left out.") && out(&done).contains("2 functions were added."), "{}", out(&done));
        let slugs: Vec<String> = world.read(|c| windows::list(c, &[], None, None, 10)).iter().map(|w| w.slug.to_string()).collect();
        assert_eq!(slugs, ["ci-maintenance-1-2", "ci-maintenance-1"]);
        let page = world.staff(Role::Operator).get_json("/api/v1/windows/ci-maintenance-1-2").await;
        assert_eq!((&page["state"], &page["scheduled_end"]), (&"completed".into(), &serde_json::Value::Null));
        assert_eq!(page["components"][0]["key"], "ci-jenkins-io");
        assert_eq!(page["components"][0]["impact"], "major_outage");
        assert_eq!(page["components"][1]["name"], "镜像站");
    }

    async fn answers_of_others_become_figures(world) {
        world.write(|w| {
            let one = window("survey-2017", "机场", "2017-05-01T00:00:00Z", "2017-05-31T00:00:00Z");
            windows::imported(w, &Actor::CommandLine, &one, Language::ZhCn).map(drop)
        });
        let files = Files::new();
        let path = files.write("s.csv", "no,day,net,all\r\n1,5,10,5\r\n2,5,9,6\r\n3,13,11,1\r\n4,13,0,4\r\n5,13,11,0\r\n");
        let done = interlude(world, &["import", "responses", &path, "--zone", "America/Los_Angeles", "--skip-bad",
            "--set", "window=survey-2017", "--map", "response=no", "--map", "submitted_at=2017-05-{day:02}",
            "--map", "nps=net", "--value", "nps:11=", "--map", "csat=all", "--value", "csat:6=", "--value", "csat:0=",
            "--source", "airport"]);
        assert!(out(&done).contains("4 new, 0 already here, 1 left out."), "{}{}", out(&done), err(&done));
        assert!(err(&done).contains("Line 6: all:"), "{}", err(&done));
        let rows = export(world, "survey-responses.csv?bom=false").await;
        assert!(rows.contains("survey-2017,S-") && rows.contains(",2017-05-05T07:00:00.000Z,zh-CN,false,public,,5,10,,,true,"), "{rows}");
        let figures = export(world, "insights.jsonl?window=survey-2017").await;
        let value = |measure: &str| figures.lines().map(|l| serde_json::from_str::<serde_json::Value>(l).unwrap())
            .find(|r| r["measure"] == measure).unwrap();
        assert_eq!(value("survey.nps")["n"], 3);
        assert_eq!(value("survey.csat")["n"], 3);
    }

    /// Somebody else has counted the same answers, and came to the same figures: of three questions the
    /// number, those of 4 and 5, those of 1 and 2 and the mean; of four days the net promoter score.
    async fn published_figures_of_an_airport_are_ours(world) {
        type Question = (&'static str, u64, u64, u64, f64);
        type Day = (&'static str, u64, u64, u64, f64);
        const QUESTIONS: [Question; 3] = [
            ("all", 2_688, 2_206, 38, 4.064_360_119_047_619),
            ("rental", 1_006, 680, 80, 3.842_942_345_924_453_4),
            ("parking", 834, 552, 65, 3.850_119_904_076_738_7),
        ];
        const DAYS: [Day; 4] = [
            ("may-06", 81, 84, 24, 30.158_730_158_730_158),
            ("may-07", 47, 57, 20, 21.774_193_548_387_096),
            ("may-13", 29, 34, 15, 17.948_717_948_717_95),
            ("may-19", 83, 50, 26, 35.849_056_603_773_58),
        ];
        for slug in QUESTIONS.map(|q| q.0).into_iter().chain(DAYS.map(|d| d.0)) {
            world.write(move |w| {
                let one = window(slug, "机场", "2017-05-01T00:00:00Z", "2017-05-31T00:00:00Z");
                windows::imported(w, &Actor::CommandLine, &one, Language::ZhCn).map(drop)
            });
        }
        let mut file = String::from("no,window,csat,nps\n");
        for (at, line) in include_str!("../fixtures/sfo2017/counts.csv").lines().skip(1).enumerate() {
            let [slug, measure, answer, count] = line.split(',').collect::<Vec<_>>()[..] else { panic!("{line}") };
            for one in 0..count.parse::<u32>().unwrap() {
                let (csat, nps) = if measure == "csat" { (answer, "") } else { ("", answer) };
                file.push_str(&format!("{at}-{one},{slug},{csat},{nps}\n"));
            }
        }
        let files = Files::new();
        let path = files.write("counts.csv", file);
        // The survey says on which days it was asked, and not when.
        let done = interlude(world, &["import", "responses", &path, "--zone", "America/Los_Angeles", "--source", "airport",
            "--map", "response=no", "--map", "window=window", "--set", "submitted_at=2017-05-31", "--map", "csat=csat", "--map", "nps=nps"]);
        assert!(done.status.success(), "{}{}", out(&done), err(&done));
        let rows: Vec<serde_json::Value> = export(world, "insights.jsonl").await.lines().map(|l| serde_json::from_str(l).unwrap()).collect();
        let found = |window: &str, measure: &str, part: &str| {
            let row = rows.iter().find(|r| r["window"] == window && r["measure"] == measure && r["part"].as_str().unwrap_or_default() == part);
            row.unwrap_or_else(|| panic!("no {measure} {part} of {window}")).clone()
        };
        let near = |value: &serde_json::Value, published: f64| {
            assert!((value.as_f64().unwrap() - published).abs() < 1e-9, "{value} is not {published}");
        };
        for (slug, n, top, bottom, mean) in QUESTIONS {
            let csat = found(slug, "survey.csat", "");
            assert_eq!(csat["n"], n);
            near(&csat["value"], top as f64 / n as f64);
            near(&found(slug, "survey.csat.mean", "")["value"], mean);
            let low: f64 = ["1", "2"].iter().map(|p| found(slug, "survey.csat.answers", p)["value"].as_f64().unwrap()).sum();
            assert_eq!(low, bottom as f64);
        }
        for (slug, promoters, passives, detractors, score) in DAYS {
            near(&found(slug, "survey.nps", "")["value"], score);
            for (part, n) in [("promoters", promoters), ("passives", passives), ("detractors", detractors)] {
                near(&found(slug, "survey.nps.group", part)["value"], n as f64);
            }
        }
    }

    async fn our_own_exports_come_back_as_they_were(world) {
        furnish(world);
        furnish_more(world);
        // From either database into the other.
        let to_postgres = world.on_one_writer();
        // A world begins outside of any runtime.
        let begin = move || if to_postgres { World::on_postgres() } else { Some(World::on_sqlite()) };
        let other = std::thread::spawn(begin).join().unwrap();
        let Some(other) = other else {
            crate::support::left_out("no INTERLUDE_TEST_POSTGRES_URL");
            return;
        };
        let files = Files::new();
        for format in ["csv", "jsonl"] {
            let mut first = Vec::new();
            for (subject, file) in [("windows", "windows"), ("reports", "reports"), ("responses", "survey-responses")] {
                let content = export(world, &format!("{file}.{format}?contacts=true")).await;
                let path = files.write(&format!("{file}.{format}"), &content);
                let done = interlude(&other, &["import", subject, &path]);
                assert_eq!(done.status.code(), Some(0), "{}{}", out(&done), err(&done));
                // The second time, from the other format, everything is there.
                let expected = if format == "csv" { ", 0 already here" } else { "0 new, " };
                assert!(out(&done).contains(expected), "{}", out(&done));
                first.push((file, content));
            }
            for (file, content) in first {
                let again = export(&other, &format!("{file}.{format}?contacts=true")).await;
                assert_eq!(again, content, "{file}.{format}");
            }
            for file in ["updates", "insights"] {
                assert_eq!(export(&other, &format!("{file}.{format}")).await, export(world, &format!("{file}.{format}")).await);
            }
        }
        assert!(other.read(verify::verify).findings.is_empty());
        // What is ours already is known again where it comes from.
        let content = export(world, "reports.csv?contacts=true").await;
        let done = interlude(world, &["import", "reports", &files.write("own.csv", content)]);
        assert!(out(&done).contains("0 new, "), "{}", out(&done));
    }

    async fn the_program_writes_files_too(world) {
        furnish(world);
        let files = Files::new();
        let path = files.path("reports.xlsx");
        let done = interlude(world, &["export", "reports", "--format", "xlsx", "--style", "sheet", "--output", &path]);
        assert_eq!(done.status.code(), Some(0), "{}", err(&done));
        assert!(std::fs::read(Path::new(&path)).unwrap().starts_with(b"PK"));
        let csv = interlude(world, &["export", "reports", "--window", "quarter-end", "--no-bom"]);
        let web = world.program(Role::Support).get("/api/v1/exports/reports.csv?window=quarter-end&bom=false").await;
        assert_eq!(csv.stdout, web.bytes);
        let wrong = interlude(world, &["export", "windows", "--stage", "before"]);
        assert_eq!(wrong.status.code(), Some(2));
        let nowhere = interlude(world, &["export", "reports", "--window", "no-such"]);
        assert_eq!((nowhere.status.code(), nowhere.stdout.len()), (Some(2), 0), "not even a byte order mark");
        let path = files.path("no-such-folder/reports.csv");
        let nowhere = interlude(world, &["export", "reports", "--output", &path]);
        assert_eq!(nowhere.status.code(), Some(4), "as `backup` has it");
        assert!(err(&nowhere).starts_with(&format!("interlude: {path}: No such file")), "{}", err(&nowhere));
    }
}

/// A window with everything, and answers to its survey.
fn furnish_more(world: &World) {
    world.write(|w| {
        let mut one = window("second", "第二次", "2026-10-01T14:00:00Z", "2026-10-01T22:00:00Z");
        let both = |zh: &str, en: &str| {
            Texts([(Language::ZhCn, zh.to_owned()), (Language::En, en.to_owned())].into())
        };
        one.draft.texts.insert("title", both("第二次", "-Second"));
        one.draft.texts.insert("body", both("正文\r\n\r\n- 一\n- 二", "=Body\n\n\"quoted\""));
        one.draft.finish_before = Some(at("2026-10-01T13:30:00Z"));
        one.draft.backup_finished_at = Some(at("2026-10-01T12:00:00.250Z"));
        let body = both("开始", "@Started");
        one.updates = vec![
            ImportedUpdate {
                stage: Stage::Implementation,
                state: WindowState::InProgress,
                posted_at: at("2026-10-01T14:05:00Z"),
                body,
            },
            ImportedUpdate {
                stage: Stage::Testing,
                state: WindowState::Verifying,
                posted_at: at("2026-10-01T20:05:00Z"),
                body: Texts::default(),
            },
        ];
        let zone = one.draft.schedule.zone;
        one.moves = vec![(
            Schedule { start: at("2026-09-24T14:00:00Z"), end: None, zone },
            at("2026-09-20T00:00:00Z"),
        )];
        let (id, _) = windows::imported(w, &Actor::CommandLine, &one, Language::ZhCn)?;
        let answers = |comment: &str, csat| Answers {
            csat,
            nps: Some(9),
            ces: None,
            saw_notice: Some(true),
            comment: Some(comment.to_owned()),
            custom: [
                ("announcements".to_owned(), AnswerValue::Choices(vec!["mail".into(), "chat".into()])),
                ("trust".to_owned(), AnswerValue::Number(4)),
                ("switch".to_owned(), AnswerValue::Text("maybe".into())),
            ]
            .into(),
            complete: csat.is_some(),
        };
        let response = |minute: i64, answers: Answers| responses::Imported {
            reference: None,
            imported_as: None,
            window: id,
            template: TemplateKey::Full,
            submitted_at: at("2026-10-02T01:00:00Z").plus_seconds(minute * 60),
            language: Language::En,
            invited: minute == 1,
            exposure: Exposure::Reporter,
            answers,
            demonstration: false,
        };
        let all = [response(0, answers("=不错，\"很好\"\r\n谢谢", Some(5))), response(1, answers("-", None))];
        responses::imported(w, &all)?;
        Ok(())
    });
}
