//! Exports: the file holds exactly what the filter shows, comes back unchanged in every reader, and
//! is noted.

use std::io::Write as _;
use std::process::{Command, Stdio};

use interlude::domain::instant::Instant;
use interlude::domain::language::{Language, Texts};
use interlude::domain::notice::{Usual, WindowDraft, WindowInput};
use interlude::domain::person::Role;
use interlude::domain::report::{Category, Impact, Occurrence, Precision, Source, Status};
use interlude::domain::window::{ReportStage, WindowState};
use interlude::domain::zone::Zone;
use interlude::store::people::Actor;
use interlude::store::reports::{self, Belongs, Imported, ReportContent};
use interlude::store::windows::{self, ImportedWindow};
use interlude::store::{Store, audit, components};

use crate::support::World;

pub fn at(text: &str) -> Instant {
    Instant::parse_rfc3339(text).unwrap()
}

/// Texts that break careless writers and readers.
const TEXTS: &[&str] = &[
    "登录不了，提示“系统繁忙”",
    "=HYPERLINK(\"http://example.invalid\",\"点我\")",
    "+86 138 0013 8000",
    "-1",
    "@user 您好",
    "\t制表符开头",
    "\r\n换行开头",
    "＝全角公式",
    "'=已有撇号",
    "''=两个撇号",
    "'普通撇号",
    "引号 \"中\" 间, 逗号；\r\n第二行\n第三行",
    "😀👨‍👩‍👧 emoji",
    "110101199003070018",
    "123456789012345678",
    "00012",
    "1E5",
    "MAR1",
    "3-4",
    "TRUE",
    "a_x0041_b",
    " 前后空格 ",
    "行分隔\u{2028}符",
];

pub fn window(slug: &str, title: &str, start: &str, end: &str) -> ImportedWindow {
    let input = WindowInput {
        slug: Some(slug.to_owned()),
        scheduled_start: Some(at(start)),
        scheduled_end: Some(at(end)),
        time_zone: Some("Asia/Shanghai".to_owned()),
        ..WindowInput::default()
    };
    let zone: Zone = "Asia/Shanghai".parse().unwrap();
    let usual = Usual { language: Language::ZhCn, zone, imported: true };
    let mut draft = WindowDraft::parse(input, None, usual).unwrap();
    draft.texts.insert("title", Texts::single(Language::ZhCn, title));
    ImportedWindow {
        imported_as: slug.to_owned(),
        draft,
        state: WindowState::Completed,
        sequence: 3,
        announced_at: Some(at("2026-11-15T00:00:00Z")),
        started_at: Some(at(start)),
        completed_at: Some(at(end)),
        cancelled_at: None,
        tested_at: None,
        updates: vec![],
        moves: vec![],
        demonstration: false,
    }
}

fn report(window: Option<i64>, minute: i64, text: &str) -> Imported {
    let received_at = at("2026-11-21T16:31:05Z").plus_seconds(60 * minute);
    Imported {
        id: None,
        imported_as: None,
        belongs: Belongs::Said { window, stage: window.map(|_| ReportStage::Implementation) },
        component: None,
        category: Category::Login,
        impact: Impact::Blocked,
        severity: None,
        status: Status::New,
        occurrence: Occurrence { at: Some(received_at.plus_seconds(-300)), precision: Precision::Exact },
        received_at,
        written_at: None,
        time_zone: None,
        language: Language::ZhCn,
        source: Source::Web,
        assignee: None,
        first_answer_at: None,
        resolved_at: None,
        verdict: None,
        answers: vec![(received_at.plus_seconds(600), "=已处理".to_owned())],
        content: Some(ReportContent {
            description: text.to_owned(),
            error_message: Some("E-500".to_owned()),
            account: Some("00012".to_owned()),
            phone: Some("13800138000".to_owned()),
            email: None,
            device: None,
        }),
        demonstration: false,
    }
}

/// A window with a report for each of [`TEXTS`], and one report outside.
pub fn furnish(world: &World) {
    world.write(|w| {
        let one = window("quarter-end", "财务/核心:升级", "2026-11-21T14:00:00Z", "2026-11-21T22:00:00Z");
        let (id, _) = windows::imported(w, &Actor::CommandLine, &one, Language::ZhCn)?;
        let mut all: Vec<Imported> = (0..).zip(TEXTS).map(|(i, text)| report(Some(id), i, text)).collect();
        all.push(Imported { status: Status::Closed, ..report(None, 500, "窗口之外") });
        reports::import(w, &all)?;
        Ok(())
    });
}

fn csv_rows(bytes: &[u8]) -> Vec<Vec<String>> {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(bytes);
    reader.records().map(|r| r.unwrap().iter().map(str::to_owned).collect()).collect()
}

/// Asks a Python with openpyxl; `None`, said aloud, where there is none.
fn python(script: &str, input: &[u8]) -> Option<serde_json::Value> {
    let Ok(python) = std::env::var("INTERLUDE_TEST_PYTHON") else {
        crate::support::left_out("no INTERLUDE_TEST_PYTHON (a Python with openpyxl)");
        return None;
    };
    let mut child = Command::new(python)
        .args(["-c", script])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(input).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success());
    Some(serde_json::from_slice(&output.stdout).unwrap())
}

const READ_CSV: &str = "import csv,io,json,sys; print(json.dumps(list(csv.reader(io.StringIO(\
    sys.stdin.buffer.read().decode('utf-8-sig'), newline='')))))";
const READ_XLSX: &str = "import io,json,sys,openpyxl; from openpyxl.utils.escape import unescape; b=openpyxl.load_workbook(io.BytesIO(sys.stdin.buffer.read())); \
    s=b.worksheets[0]; print(json.dumps({'rows':[[unescape(c.value) if isinstance(c.value,str) else c.value.isoformat() if hasattr(c.value,'isoformat') else c.value \
    for c in r] for r in s.iter_rows()],'formulas':[c.coordinate for r in s.iter_rows() for c in r if c.data_type=='f'],\
    'frozen':s.freeze_panes,'filter':s.auto_filter.ref,'title':s.title}))";

fn audited(store: &Store) -> Vec<String> {
    let rows = store.read_here(|c| audit::list(c, None, 100)).unwrap();
    rows.into_iter()
        .filter(|r| r.action == "export")
        .map(|r| format!("{} {} {}", r.actor, r.thing, r.detail))
        .collect()
}

story! {
    async fn machine_csv_keeps_every_character(world) {
        furnish(world);
        let reply = world.program(Role::Support).get("/api/v1/exports/reports.csv?window=quarter-end").await.is(200);
        assert_eq!(reply.header("content-type"), "text/csv; charset=utf-8");
        assert!(reply.bytes.starts_with(b"\xEF\xBB\xBFreference,window,stage,occurred_at,"));
        let rows = csv_rows(&reply.bytes[3..]);
        assert_eq!(rows[0].join(","), "reference,window,stage,occurred_at,time_precision,received_at,component,category,\
            impact,severity,status,known_issue,assignee,me_too_count,language,source,contact,description,public_answers,\
            first_answer_at,resolved_at,verified,time_zone,written_at,error_message,account");
        assert_eq!(rows.len(), TEXTS.len() + 1);
        for (row, text) in rows[1..].iter().zip(TEXTS) {
            assert_eq!(interlude::export::guard::unguard(&row[17]), *text);
            let first = row[17].chars().next().unwrap();
            assert!(!"=+-@\t\r\n＝＋－＠".contains(first), "{:?}", row[17]);
            assert_eq!((row[1].as_str(), row[2].as_str()), ("quarter-end", "implementation"));
            assert_eq!((row[16].as_str(), row[25].as_str()), ("", ""), "contact and account were not asked for");
        }
        assert_eq!(rows[1][3], "2026-11-21T16:26:05.000Z");
        assert_eq!(rows[1][18], r#"[{"at":"2026-11-21T16:41:05.000Z","text":"=已处理"}]"#);
        // Rows end with CR LF; the other line breaks are those of the texts.
        assert!(reply.bytes.ends_with(b"\r\n"));
        if let Some(read) = python(READ_CSV, &reply.bytes) {
            assert_eq!(read, serde_json::json!(rows));
        }
        let bare = world.program(Role::Support).get("/api/v1/exports/reports.csv?bom=false").await.is(200);
        assert!(bare.bytes.starts_with(b"reference,"));
        assert_eq!(csv_rows(&bare.bytes).len(), TEXTS.len() + 2);
    }

    async fn json_lines_are_typed_and_not_guarded(world) {
        furnish(world);
        let reply = world.program(Role::Support).get("/api/v1/exports/reports.jsonl?window=quarter-end").await.is(200);
        let text = reply.text();
        let rows: Vec<serde_json::Value> = text.lines().map(|l| serde_json::from_str(l).unwrap()).collect();
        let said: Vec<_> = rows.iter().map(|r| r["description"].as_str().unwrap()).collect();
        assert_eq!(said, TEXTS);
        assert_eq!(rows[0]["me_too_count"], 0);
        assert_eq!(rows[0]["public_answers"][0]["text"], "=已处理");
        assert!(rows[0]["severity"].is_null() && rows[0]["contact"].is_null());
    }

    async fn sheets_are_for_people(world) {
        furnish(world);
        let support = world.program(Role::Support);
        let path = "/api/v1/exports/reports.csv?style=sheet&lang=zh-CN&window=quarter-end";
        let reply = support.get(path).await.is(200);
        let rows = csv_rows(&reply.bytes[3..]);
        assert_eq!(rows[0].join("、"), "反馈编号、维护名称、维护阶段、发生时间、提交时间、距开始(分钟)、功能、问题类别、影响程度、\
            紧急程度、处理状态、已知问题、同样遇到人数、问题描述、错误提示、最新回复、首次回复用时(分钟)、解决用时(分钟)、用户确认、处理人、来源");
        assert_eq!(rows[1][1..6], ["财务/核心:升级", "方案实施", "2026-11-22 00:26:05", "2026-11-22 00:31:05", "146"]);
        assert_eq!(rows[1][7..9], ["无法登录", "无法继续使用"]);
        assert_eq!(rows[1][15..17], ["'=已处理", "10"]);
        let shown = |text: &str| rows[1..].iter().any(|r| r[13] == text);
        for text in ["\t110101199003070018", "\t00012", "\t1E5", "\tMAR1", "\tTRUE", "'-1", "😀👨‍👩‍👧 emoji"] {
            assert!(shown(text), "{text:?}");
        }
        let with = support.get(&format!("{path}&contacts=true")).await.is(200);
        let rows = csv_rows(&with.bytes[3..]);
        assert_eq!(rows[0][21..], ["账号或订单号", "联系方式"]);
        assert_eq!(rows[1][21..], ["\t00012", "\t13800138000"]);
        let english = support.get("/api/v1/exports/reports.csv?style=sheet&lang=en").await.is(200);
        assert_eq!(csv_rows(&english.bytes[3..])[0].len(), 21);
        english.says("Reference,Maintenance,Stage,Occurred at");
    }

    async fn workbooks_hold_text_as_text_and_times_as_dates(world) {
        furnish(world);
        let staff = world.staff(Role::Support).reading_chinese();
        let reply = staff.get("/admin/exports/reports.xlsx?style=sheet&window=quarter-end&contacts=true").await.is(200);
        let disposition = reply.header("content-disposition");
        assert!(disposition.starts_with("attachment; filename=\"reports-"), "{disposition}");
        // 问题反馈_…_财务 核心 升级.xlsx
        assert!(disposition.contains("filename*=UTF-8''%E9%97%AE%E9%A2%98%E5%8F%8D%E9%A6%88_"), "{disposition}");
        assert!(disposition.ends_with("_%E8%B4%A2%E5%8A%A1%20%E6%A0%B8%E5%BF%83%20%E5%8D%87%E7%BA%A7.xlsx"), "{disposition}");
        assert!(reply.bytes.starts_with(b"PK"));
        let Some(book) = python(READ_XLSX, &reply.bytes) else { return };
        assert_eq!(book["formulas"], serde_json::json!([]));
        assert_eq!((book["frozen"].as_str(), book["title"].as_str()), (Some("A2"), Some("问题反馈")));
        assert_eq!(book["filter"], format!("A1:W{}", TEXTS.len() + 1));
        let rows = book["rows"].as_array().unwrap();
        assert_eq!(rows[1][4], "2026-11-22T00:31:05");
        assert_eq!(rows[1][5], 146);
        for (row, text) in rows[1..].iter().zip(TEXTS) {
            assert_eq!(row[13].as_str().unwrap().replace("\r\n", "\n"), text.replace("\r\n", "\n"));
            assert_eq!(row[21], "00012");
        }
        let machine = staff.get("/admin/exports/reports.xlsx?window=quarter-end").await.is(200);
        let book = python(READ_XLSX, &machine.bytes).unwrap();
        assert_eq!(book["rows"][1][5], "2026-11-21T16:31:05.000Z");
    }

    async fn the_file_holds_exactly_what_the_filter_shows(world) {
        furnish(world);
        interlude::jobs::tick(&world.store, false).await.unwrap();
        let support = world.program(Role::Support);
        let count = async |query: &str| {
            let reply = support.get(&format!("/api/v1/exports/reports.csv?{query}")).await.is(200);
            csv_rows(&reply.bytes[3..]).len() - 1
        };
        assert_eq!(count("window=-").await, 1);
        assert_eq!(count("status=closed").await, 1);
        assert_eq!(count("status=open").await, TEXTS.len());
        assert_eq!(count("q=emoji").await, 1);
        assert_eq!(count("category=data").await, 0);
        assert_eq!(count("from=2026-11-22T00:40:00&window=quarter-end").await, TEXTS.len() - 9);
        assert_eq!(count("stage=implementation&impact=blocked").await, TEXTS.len());
        support.get("/api/v1/exports/reports.csv?window=no-such").await.shows_problem(422, "window");
        support.get("/api/v1/exports/reports.csv?impact=huge").await.shows_problem(422, "impact");
        support.get("/api/v1/exports/reports.csv?colour=red").await.shows_problem(422, "colour");
        support.get("/api/v1/exports/reports.csv?style=fancy&contacts=maybe").await.shows_problem(422, "style");
        support.get("/api/v1/exports/windows.csv?stage=before").await.shows_problem(422, "stage");
        support.get("/api/v1/exports/reports.pdf").await.shows_problem(404, "");
        support.get("/api/v1/exports/secrets.csv").await.shows_problem(404, "");
    }

    async fn every_export_is_noted(world) {
        furnish(world);
        world.program(Role::Viewer).get("/api/v1/exports/reports.csv").await.shows_problem(403, "");
        assert!(audited(&world.store).is_empty());
        world.program(Role::Support).get("/api/v1/exports/reports.csv?contacts=true&status=open").await.is(200);
        let rows = TEXTS.len();
        assert_eq!(
            audited(&world.store),
            [format!("token:a program reports machine csv; filter: status=open; with contacts; {rows} rows")]
        );
    }

    async fn the_page_leads_to_the_file(world) {
        furnish(world);
        let staff = world.staff(Role::Support);
        staff.get("/admin/exports").await.is(200).says("Exports").says("quarter-end");
        world.staff(Role::Viewer).get("/admin/exports").await.is(403);
        let fields = [("subject", "reports"), ("kind", "xlsx-sheet"), ("window", "quarter-end"), ("from", ""), ("to", "")];
        let reply = staff.post_form("/admin/exports", &fields).await;
        let reply = reply.goes_to("/admin/exports/reports.xlsx?style=sheet&window=quarter-end");
        staff.get(reply.location()).await.is(200);
        let wrong = [("subject", "reports"), ("kind", "csv-machine"), ("window", "no-such")];
        staff.post_form("/admin/exports", &wrong).await.shows_form_again("window").says("value=\"no-such\"");
        staff.post_form("/admin/exports", &[("subject", "x")]).await.is(422);
    }

    async fn the_other_subjects_have_their_rows(world) {
        furnish(world);
        world.write(|w| {
            let name = Texts::single(Language::ZhCn, "登录");
            let key = interlude::domain::window::ComponentKey::parse("key", "login")?;
            components::add(w, &Actor::CommandLine, &key, &name, false).map(drop)
        });
        let support = world.program(Role::Support);
        let windows = support.get("/api/v1/exports/windows.jsonl").await.is(200).json();
        assert_eq!(windows["slug"], "quarter-end");
        assert_eq!(windows["title.zh-CN"], "财务/核心:升级");
        assert_eq!(windows["scheduled_start"], "2026-11-21T14:00:00.000Z");
        assert_eq!(windows["follow_up_hours"], 72);
        let responses = support.get("/api/v1/exports/survey-responses.csv").await.is(200);
        assert_eq!(csv_rows(&responses.bytes[3..])[0].join(","), "window,response,submitted_at,language,invited,exposure,\
            saw_notice,csat,nps,ces,comment,complete,announcements,announcements.other,trust,switch");
        support.get("/api/v1/exports/updates.csv").await.is(200).says("window,stage,state,posted_at");
        let figures = support.get("/api/v1/exports/insights.csv?window=quarter-end").await.is(200);
        figures
            .says(&format!("quarter-end,reports.total,,{},count,,,", TEXTS.len()))
            .says(&format!("quarter-end,reports.category,login,{},count,,,", TEXTS.len()));
        for subject in ["survey-responses", "windows", "updates", "insights"] {
            for lang in ["zh-CN", "en"] {
                support.get(&format!("/api/v1/exports/{subject}.csv?style=sheet&lang={lang}")).await.is(200).lacks("export-");
                support.get(&format!("/api/v1/exports/{subject}.xlsx?style=sheet&lang={lang}")).await.is(200);
            }
        }
    }
}
