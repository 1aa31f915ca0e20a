//! Looking for reports by what they say.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use diesel::connection::InstrumentationEvent;
use diesel::prelude::*;
use diesel::sql_query;
use interlude::domain::instant::Instant;
use interlude::domain::language::Language;
use interlude::domain::person::Role;
use interlude::domain::reference::ReportReference;
use interlude::domain::report::{Category, Impact, Occurrence, Precision, Source, Status};
use interlude::domain::report_filter::Filter;
use interlude::domain::search_tokens::Needle;
use interlude::domain::zone::Zone;
use interlude::jobs;
use interlude::store::connection::Db;
use interlude::store::reports::list::{self, Sort};
use interlude::store::reports::{self, Belongs, Imported, Outcome, ReportContent, filter};
use interlude::store::schema::search_queue;
use interlude::store::search::{self, Sight};
use interlude::store::verify;
use rand::{RngExt, SeedableRng, rngs::StdRng};
use serde_json::json;

use crate::support::{Actor, World};

fn report(content: ReportContent, received_at: Instant) -> Imported {
    Imported {
        id: None,
        imported_as: None,
        belongs: Belongs::Said { window: None, stage: None },
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
        content: Some(content),
        demonstration: false,
    }
}

fn saying(description: &str) -> ReportContent {
    ReportContent { description: description.to_owned(), ..Default::default() }
}

/// Puts reports that say this into the world, a minute apart, and gives their references.
fn put(world: &World, contents: Vec<ReportContent>) -> Vec<String> {
    let start = Instant::parse_rfc3339("2026-11-22T02:00:00Z").unwrap();
    let all: Vec<Imported> =
        (0i64..).zip(contents).map(|(n, content)| report(content, start.plus_seconds(60 * n))).collect();
    let outcomes = world.write(move |w| reports::import(w, &all));
    outcomes
        .into_iter()
        .map(|outcome| match outcome {
            Outcome::New(id) | Outcome::Known(id) => ReportReference(id).to_string(),
        })
        .collect()
}

async fn indexed(world: &World) {
    while world.read(search::waiting) > 0 {
        jobs::tick(&world.store, false).await.unwrap();
    }
}

fn query(text: &str) -> String {
    form_urlencoded::Serializer::new(String::new()).append_pair("q", text).finish()
}

/// The references that somebody finds, the latest first.
async fn found(actor: &Actor, text: &str) -> Vec<String> {
    let list = actor.get_json(&format!("/api/v1/reports?{}", query(text))).await;
    let items = list["items"].as_array().unwrap();
    items.iter().map(|item| item["reference"].as_str().unwrap().to_owned()).collect()
}

fn filter_of(text: &str) -> Filter {
    let pairs = [("q".to_owned(), text.to_owned())];
    Filter::parse(&pairs, Zone::UTC, Instant::now()).unwrap()
}

story! {
    /// Chinese is found at any length, other words by their beginning, in whatever was said.
    async fn what_was_said_is_found(world) {
        let viewer = world.program(Role::Viewer);
        let message = ReportContent { error_message: Some("E-1001 Gateway timeout".into()), ..saying("支付失败") };
        let all = put(world, vec![
            saying("输入验证码后不能登录，一直停在登录页"),
            message,
            saying("Login button does nothing. I want my money back，申请退款"),
        ]);
        assert!(found(&viewer, "登录").await.is_empty(), "it is written down, not yet found");
        indexed(world).await;
        let sets: &[(&str, &[usize])] = &[
            ("登录", &[0]), ("支付", &[1]), ("退", &[2]), ("登录页", &[0]), ("失败", &[1]),
            ("log", &[2]), ("LOGIN butt", &[2]), ("退款 login", &[2]), ("ＬＯＧＩＮ", &[2]),
            ("E-1001", &[1]), ("1001", &[1]), ("gateway", &[1]), ("ateway", &[]), ("录登", &[]), ("登录 支付", &[]),
        ];
        for (text, wanted) in sets {
            let wanted: Vec<String> = wanted.iter().map(|n| all[*n].clone()).collect();
            assert_eq!(found(&viewer, text).await, wanted, "{text}");
        }
        // References with and without their hyphen, in any letters, and their beginnings.
        let reference = all[1].clone();
        let typed = [reference.clone(), reference.replace('-', ""), reference.to_lowercase(), reference[2..].to_owned()];
        for typed in typed {
            assert_eq!(found(&viewer, &typed).await, std::slice::from_ref(&reference), "{typed}");
        }
        let csv = world.program(Role::Support).get(&format!("/api/v1/exports/reports.csv?{}", query("支付"))).await;
        csv.is(200).says(&all[1]).lacks(&all[0]);
    }

    /// What was found is marked in the queue and in the report, also where the description is silent.
    async fn hits_are_marked(world) {
        let support = world.staff(Role::Support);
        let long = format!("{}最后登录失败", "很长的经过。".repeat(60));
        let all = put(world, vec![saying(&long), saying("<b>不能</b>支付"), saying("白屏")]);
        let page = support.get(&format!("/admin/reports/{}", all[2])).await.is(200).text();
        let revision = page.split("name=\"revision\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
        support
            .post_form(&format!("/admin/reports/{}", all[2]), &[("revision", &revision), ("note", "请先清缓存再登录")])
            .await
            .is(303);
        indexed(world).await;
        let queue = support.get(&format!("/admin/reports?{}", query("登录"))).await.is(200);
        let queue = queue.says("最后<mark>登录</mark>失败").says("Internal note:").says("再<mark>登录</mark>");
        queue.lacks(&all[1]);
        let list = form_urlencoded::Serializer::new(String::new()).append_pair("list", &query("支付")).finish();
        let page = support.get(&format!("/admin/reports/{}?{list}", all[1])).await.is(200);
        page.says("&#60;b&#62;不能&#60;/b&#62;<mark>支付</mark>");
        support.get(&format!("/admin/reports/{}", all[1])).await.is(200).lacks("<mark>");
    }

    /// Account and contact are found by those who may see them, and by nobody else.
    async fn private_things_are_found_by_support_alone(world) {
        let (viewer, support) = (world.program(Role::Viewer), world.program(Role::Support));
        let content = ReportContent {
            account: Some("ACME-77".into()),
            phone: Some("138 0013 8000".into()),
            email: Some("li@example.com".into()),
            ..saying("白屏")
        };
        let all = put(world, vec![content, saying("白屏")]);
        indexed(world).await;
        for text in ["acme-77", "13800138000", "138", "li@example.com", "白屏 acme"] {
            assert_eq!(found(&support, text).await, [all[0].clone()], "{text}");
            assert!(found(&viewer, text).await.is_empty(), "{text}");
        }
        assert_eq!(found(&viewer, "白屏").await.len(), 2);
        let staff = world.staff(Role::Support);
        staff.get(&format!("/admin/reports?{}", query("acme"))).await.is(200).says("Account or contact:").says("<mark>ACME</mark>-77");
        world.staff(Role::Viewer).get(&format!("/admin/reports?{}", query("acme"))).await.is(200).lacks(&all[0]);
    }

    /// Messages, answers and notes are found; of an erased report nothing but its reference is.
    async fn what_is_added_is_found_and_what_is_erased_is_not(world) {
        let support = world.program(Role::Support);
        let sent = world.anyone().post_json_once("/api/v1/reports", "a-key-of-at-least-22-letters",
            json!({"description": "打印没有反应", "impact": "blocked", "contact": {"phone": "400-123"}})).await.is(201).json();
        let (reference, code) = (sent["reference"].as_str().unwrap(), sent["receipt_code"].as_str().unwrap());
        let report = format!("/api/v1/reports/{reference}");
        support.patch_json(&report, json!({"answer": "请重启打印服务", "note": "驱动过期"})).await.is(200);
        world.anyone().post_json_once(&format!("/api/v1/receipts/{code}/messages"), "another-key-of-22-letters",
            json!({"message": "重启后仍然卡纸"})).await.is(201);
        indexed(world).await;
        for text in ["打印", "重启打印", "驱动", "卡纸", "400"] {
            assert_eq!(found(&support, text).await, [reference.to_owned()], "{text}");
        }
        world.anyone().post_json(&format!("/api/v1/receipts/{code}/contact"), json!({})).await.is(200);
        indexed(world).await;
        assert!(found(&support, "400").await.is_empty());
        world.anyone().delete(&format!("/api/v1/receipts/{code}")).await.is(204);
        // At once, not a second later.
        for text in ["打印", "驱动", "卡纸"] {
            assert!(found(&support, text).await.is_empty(), "{text}");
        }
        indexed(world).await;
        assert!(found(&support, "打印").await.is_empty());
        assert_eq!(found(&support, reference).await, [reference.to_owned()]);
        assert_eq!(found(&support, &reference[..reference.len() - 1]).await, [reference.to_owned()]);
    }

    /// Whatever is typed is looked for and means nothing else.
    async fn nothing_that_is_typed_is_an_error(world) {
        let (staff, program) = (world.staff(Role::Support), world.program(Role::Support));
        put(world, vec![saying("登录 \"quoted\" % _ * AND OR NOT near")]);
        indexed(world).await;
        let long = "登".repeat(200);
        let typed = ["\"", "\"登录", "登录\" OR \"x", "*", "log*", "NEAR(a b)", "said:登录", "{private} : a", "a^2", "-登录",
            "NOT", "AND", "'", "''", "\\", "%", "_", "登录 & !支付 | (x)", "a:*b", "<->", "😀", "？！", "\u{202e}",
            "ﷺ", &long, "and or not near", "1e9", "R-", "R-7KQ4M2", "a b c d e f g h i j k"];
        for text in typed {
            staff.get(&format!("/admin/reports?{}", query(text))).await.is(200);
            program.get(&format!("/api/v1/reports?{}&sort=urgent", query(text))).await.is(200);
            program.get(&format!("/api/v1/exports/reports.jsonl?{}", query(text))).await.is(200);
        }
        assert_eq!(found(&program, "\"quoted\" AND").await.len(), 1);
        assert_eq!(found(&program, "*").await.len(), 0);
        program.get(&format!("/api/v1/reports?{}", query(&"登".repeat(201)))).await.shows_problem(422, "q");
        program.get("/api/v1/reports?q=a%00b").await.shows_problem(422, "q");
    }

    /// Both databases find what the cutting of texts promises: exactly what a scan would find.
    async fn databases_find_what_is_promised(world) {
        let mut rng = StdRng::seed_from_u64(6);
        let letters: Vec<char> = "登录支付失败退，。 abＡ1-é".chars().collect();
        let mut text = |longest: usize| -> String {
            let length = rng.random_range(1..=longest);
            (0..length).map(|_| letters[rng.random_range(0..letters.len())]).collect()
        };
        let texts: Vec<String> = (0..120).map(|_| text(30)).collect();
        let queries: Vec<String> = (0..120).map(|_| text(4)).chain(["登登登".to_owned()]).collect();
        put(world, texts.iter().map(|t| saying(t)).collect());
        indexed(world).await;
        let mut hits = 0;
        for typed in queries.iter().filter(|typed| !typed.trim().is_empty()) {
            let needle = Needle::of_text(typed);
            let says = |text: &str| {
                !needle.parts.is_empty()
                    && needle.parts.iter().all(|part| {
                        let alone = Needle { parts: vec![part.clone()] };
                        !alone.marks(text).is_empty()
                    })
            };
            let expected: BTreeSet<i64> = (1i64..).zip(&texts).filter(|(_, t)| says(t)).map(|(id, _)| id).collect();
            let asked = filter_of(typed);
            let found: BTreeSet<i64> = world.read(|c| {
                let found = filter::find(c, &asked)?;
                let query = found.apply(interlude::store::schema::reports::table.into_boxed());
                Ok(query.select(interlude::store::schema::reports::id).load::<i64>(c)?.into_iter().collect())
            });
            // References have letters and digits too.
            let of_references = |id: &i64| {
                let name = ReportReference(*id).to_string();
                says(&name) || says(&name.replace('-', "")) || needle.parts.len() > 1
            };
            assert!(expected.is_subset(&found), "{typed:?}: {expected:?} {found:?}");
            assert!(found.difference(&expected).all(of_references), "{typed:?}: {expected:?} {found:?}");
            hits += expected.len();
        }
        assert!(hits > 200, "much is found: {hits}");
    }

    /// A missing index is made again by itself; one that lost something is noticed.
    async fn the_index_is_made_again(world) {
        let program = world.program(Role::Viewer);
        let all = put(world, vec![saying("登录"), saying("支付")]);
        indexed(world).await;
        let findings = |world: &World| world.read(verify::verify).findings.iter().map(|f| f.0.clone()).collect::<Vec<_>>();
        assert!(findings(world).is_empty());
        let column = if world.on_one_writer() { "rowid" } else { "report_id" };
        world.write(move |w| Ok(sql_query(format!("DELETE FROM report_search WHERE {column} = 2")).execute(w.connection)?));
        assert_eq!(findings(world), ["a report that a search does not find: 2"]);
        assert!(found(&program, "支付").await.is_empty());
        world.write(search::throw_away);
        assert!(findings(world).is_empty(), "it is on its way");
        jobs::tick(&world.store, false).await.unwrap();
        indexed(world).await;
        assert_eq!(found(&program, "支付").await, [all[1].clone()]);
        world.write(move |w| Ok(sql_query(format!("DELETE FROM report_search WHERE {column} > 0")).execute(w.connection)?));
        assert!(findings(world).is_empty(), "a server that starts makes it");
        jobs::tick(&world.store, false).await.unwrap();
        indexed(world).await;
        assert_eq!(found(&program, "登录").await, [all[0].clone()]);
        assert!(findings(world).is_empty());
    }

    /// A search goes through the index, whether it finds little or much.
    async fn a_search_is_no_scan(world) {
        let many: Vec<ReportContent> = (0..2_100).map(|n| saying(if n == 7 { "登录和支付" } else { "登录" })).collect();
        put(world, many);
        indexed(world).await;
        for (typed, hits) in [("支付", 1), ("登录", 50), ("付", 1), ("log", 0)] {
            let asked = filter_of(typed);
            let (plan, shown) = world.read(|c| {
                let found = filter::find_as(c, &asked, Sight::Said)?;
                let (queries, page) = sent(c, |c| list::page(c, &found, Sort::Newest, None, 50));
                let query = queries.iter().find(|q| q.contains("report_search")).unwrap();
                Ok((plan(c, query), page.items.len()))
            });
            assert_eq!(shown, hits, "{typed}");
            if world.on_one_writer() {
                // Little is sorted; of much, the latest are walked through.
                let by = if hits == 50 { "USING INDEX reports_newest" } else { "USING INTEGER PRIMARY KEY" };
                assert!(plan.contains("VIRTUAL TABLE INDEX") && plan.contains(by), "{typed}: {plan}");
            } else {
                assert!(plan.contains("report_search"), "{typed}: {plan}");
                assert!(!plan.contains("Seq Scan"), "{typed}: {plan}");
            }
        }
    }

    /// What nobody has indexed yet waits in the same transaction, so nothing acknowledged is missed.
    async fn what_is_acknowledged_waits_to_be_found(world) {
        put(world, vec![saying("登录")]);
        let waiting: Vec<i64> = world.read(|c| Ok(search_queue::table.select(search_queue::report_id).load(c)?));
        assert_eq!(waiting, [1]);
        let (one, two) = futures_util::future::join(search::follow(&world.store), search::follow(&world.store)).await;
        one.unwrap();
        two.unwrap();
        indexed(world).await;
        assert_eq!(found(&world.program(Role::Viewer), "登录").await.len(), 1);
    }
}

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = diesel::sql_types::Text)]
    detail: String,
}

/// The queries that something makes, as they are sent.
fn sent<T>(c: &mut Db, ask: impl FnOnce(&mut Db) -> interlude::store::Result<T>) -> (Vec<String>, T) {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let told = seen.clone();
    let watch = move |event: InstrumentationEvent<'_>| {
        if let InstrumentationEvent::StartQuery { query, .. } = event {
            told.lock().unwrap().push(query.to_string());
        }
    };
    match c {
        Db::Sqlite(c) => c.set_instrumentation(watch),
        Db::Postgres(c) => c.set_instrumentation(watch),
    }
    let answer = ask(c).unwrap();
    match c {
        Db::Sqlite(c) => c.set_instrumentation(|_: InstrumentationEvent<'_>| {}),
        Db::Postgres(c) => c.set_instrumentation(|_: InstrumentationEvent<'_>| {}),
    }
    let seen = seen.lock().unwrap().clone();
    (seen, answer)
}

/// How the database means to answer a query, which is given with its values behind it.
fn plan(c: &mut Db, query: &str) -> String {
    let (sql, binds) = query.split_once(" -- binds: ").unwrap();
    let lines: Vec<Line> = match c {
        Db::Sqlite(c) => sql_query(format!("EXPLAIN QUERY PLAN {sql}")).load(c).unwrap(),
        Db::Postgres(c) => {
            let values: Vec<serde_json::Value> = serde_json::from_str(binds).unwrap();
            let mut sql = sql.to_owned();
            for (n, value) in values.iter().enumerate().rev() {
                let literal = match value {
                    serde_json::Value::String(text) => format!("'{}'", text.replace('\'', "''")),
                    other => other.to_string(),
                };
                sql = sql.replace(&format!("${}", n + 1), &literal);
            }
            // A table this small is quicker read whole; what matters is that it need not be.
            sql_query("SET LOCAL enable_seqscan = off").execute(c).unwrap();
            diesel::sql_query(format!("EXPLAIN {sql}"))
                .load::<Planned>(c)
                .unwrap()
                .into_iter()
                .map(|p| Line { detail: p.plan })
                .collect()
        }
    };
    lines.into_iter().map(|line| line.detail).collect::<Vec<_>>().join("\n")
}

#[derive(QueryableByName)]
struct Planned {
    #[diesel(sql_type = diesel::sql_types::Text, column_name = "QUERY PLAN")]
    plan: String,
}
