//! What the search index costs and brings: putting reports into it, the queries of the queue through
//! it, and the same queries by scanning every text with `LIKE`, side by side in one run.
//!
//! `cargo bench --bench search [-- REPORTS [DATABASE_URL]]`. Without a URL: SQLite in a temporary
//! folder (`TMPDIR` chooses the disk). A PostgreSQL database must be empty; it is filled and left so.
//! What counts are the ratios, which both numbers of the same run make.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant as Clock};

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};
use interlude::domain::instant::Instant;
use interlude::domain::language::Language;
use interlude::domain::report::{
    Category, Impact, Occurrence, Precision, ReportInput, Sender, Source, Status, When,
};
use interlude::domain::report_filter::Filter;
use interlude::domain::secret::{IdempotencyKey, InstanceKey};
use interlude::domain::zone::Zone;
use interlude::store::connection::{Database, Db};
use interlude::store::reports::list::{self, Sort};
use interlude::store::reports::{self, Belongs, Imported, NewReport, ReportContent, filter};
use interlude::store::{Store, search};

const BEGINNINGS: [&str; 8] =
    ["点击", "今天早上", "输入验证码后", "在手机上", "升级以后", "After the update", "On my phone", "月结时"];
const MIDDLES: [&str; 12] = [
    "不能登录",
    "支付一直失败",
    "报表打不开",
    "页面白屏",
    "订单金额不对",
    "申请退款没有反应",
    "the login page hangs",
    "payment was declined",
    "导出的文件是空的",
    "搜索很慢",
    "附件上传失败",
    "登录后又退出",
];
const ENDS: [&str; 8] = [
    "，请尽快处理",
    "，急",
    " since this morning",
    "，已经试了三次",
    "，换了浏览器也一样",
    ", please help",
    "，同事也遇到了",
    "。",
];

/// A report that nobody else wrote, of about 60 characters.
fn description(n: u64) -> String {
    let pick = |list: &[&'static str], salt: u64| {
        let mixed = (n + salt).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 33;
        list[mixed as usize % list.len()]
    };
    let rare = if n % 5_003 == 7 { "与上一单纠缠不清，" } else { "" };
    format!(
        "{}{}，{rare}{}，订单号 {}{}",
        pick(&BEGINNINGS, 1),
        pick(&MIDDLES, 2),
        pick(&MIDDLES, 3),
        10_000_000 + n * 7,
        pick(&ENDS, 4)
    )
}

fn imported(n: u64, start: Instant) -> Imported {
    let at = start.plus_seconds(n as i64);
    Imported {
        id: None,
        imported_as: None,
        belongs: Belongs::Said { window: None, stage: None },
        component: None,
        category: Category::Other,
        impact: Impact::Slowed,
        severity: None,
        status: Status::New,
        occurrence: Occurrence { at: Some(at), precision: Precision::Exact },
        received_at: at,
        written_at: None,
        time_zone: None,
        language: Language::ZhCn,
        source: Source::Web,
        assignee: None,
        first_answer_at: None,
        resolved_at: None,
        verdict: None,
        answers: vec![],
        content: Some(ReportContent { description: description(n), ..Default::default() }),
        demonstration: false,
    }
}

/// The median of seven times.
fn timed<T>(mut work: impl FnMut() -> anyhow::Result<T>) -> anyhow::Result<(f64, T)> {
    let mut times = Vec::new();
    let mut last = None;
    for _ in 0..7 {
        let began = Clock::now();
        last = Some(work()?);
        times.push(began.elapsed());
    }
    times.sort();
    Ok((times[3].as_secs_f64() * 1_000.0, last.ok_or_else(|| anyhow::anyhow!("never ran"))?))
}

#[derive(QueryableByName)]
struct Number {
    #[diesel(sql_type = BigInt)]
    number: i64,
}

/// The newest reports, and how many, as the queue asked for them before there was an index.
fn scanned(c: &mut Db, text: &str) -> interlude::store::Result<(usize, i64)> {
    let pattern = format!("%{}%", text.to_lowercase());
    let says = "r.id IN (SELECT report_id FROM report_contents WHERE lower(description) LIKE $1 \
                OR lower(error_message) LIKE $1) \
                OR r.id IN (SELECT report_id FROM report_events WHERE lower(content) LIKE $1)";
    let newest: Vec<Number> = diesel::sql_query(format!(
        "SELECT r.id AS number FROM reports r WHERE {says} ORDER BY r.received_at DESC, r.id DESC LIMIT 51"
    ))
    .bind::<Text, _>(&pattern)
    .load(c)?;
    let count: Vec<Number> = diesel::sql_query(format!(
        "SELECT COUNT(*) AS number FROM (SELECT r.id FROM reports r WHERE {says} LIMIT 10001) t"
    ))
    .bind::<Text, _>(&pattern)
    .load(c)?;
    Ok((newest.len(), count.first().map_or(0, |n| n.number)))
}

fn indexed(c: &mut Db, text: &str) -> interlude::store::Result<(usize, filter::Count)> {
    let asked = Filter::parse(&[("q".to_owned(), text.to_owned())], Zone::UTC, Instant::now())
        .map_err(interlude::store::Error::Invalid)?;
    let found = filter::find(c, &asked)?;
    let page = list::page(c, &found, Sort::Newest, None, 50)?;
    Ok((page.items.len(), found.count(c)?))
}

fn sent(n: usize) -> anyhow::Result<(IdempotencyKey, NewReport)> {
    let input =
        ReportInput { description: description(n as u64), impact: "blocked".into(), ..Default::default() };
    let new = NewReport {
        text: input.parse(false)?,
        when: When::Now(Precision::About),
        window: None,
        component: None,
        sender: Sender { language: Language::ZhCn, source: Source::Web },
        time_zone: None,
        written_at: None,
        entered_by: None,
        kept: false,
    };
    Ok((IdempotencyKey::parse("key", &format!("a-report-of-the-bench-{n:010}"))?, new))
}

/// How many reports a second are taken in by 256 senders, from this number on.
fn intake(store: &Store, from: usize, reports: usize, follow: bool) -> anyhow::Result<f64> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let instance = InstanceKey::new([7; 32]);
    let over = Arc::new(AtomicBool::new(false));
    runtime.block_on(async {
        let following = async {
            // As the server does it: a turn, then half a second for everybody else.
            while follow && !over.load(Ordering::Relaxed) {
                search::follow(store).await?;
                tokio::time::sleep(Duration::from_millis(500)).await;
            }
            anyhow::Ok(())
        };
        let sending = async {
            let began = Clock::now();
            let senders = (0..256usize).map(|sender| {
                let instance = &instance;
                async move {
                    for n in (sender..reports).step_by(256) {
                        let (key, new) = sent(from + n)?;
                        let instance = instance.clone();
                        store.write(move |w| reports::submit(w, &instance, &key, &new)).await?;
                    }
                    anyhow::Ok(())
                }
            });
            for outcome in futures_util::future::join_all(senders).await {
                outcome?;
            }
            let took = began.elapsed();
            over.store(true, Ordering::Relaxed);
            anyhow::Ok(reports as f64 / took.as_secs_f64())
        };
        let (followed, rate) = futures_util::future::join(following, sending).await;
        followed?;
        rate
    })
}

fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|a| !a.starts_with("--")).collect();
    let reports: u64 = arguments.iter().find_map(|a| a.parse().ok()).unwrap_or(100_000);
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("search.db");
    let url = arguments.iter().find(|a| a.starts_with("postgres"));
    let database = match url {
        Some(url) => Database::parse(url).map_err(anyhow::Error::msg)?,
        None => Database::Sqlite(file.clone()),
    };
    println!("{} with {reports} reports", if url.is_some() { "PostgreSQL" } else { "SQLite" });
    let store = Store::open(database)?;
    let start =
        Instant::parse_rfc3339("2026-11-22T02:00:00Z").ok_or_else(|| anyhow::anyhow!("a bad time"))?;
    for first in (0..reports).step_by(500) {
        let some: Vec<Imported> = (first..(first + 500).min(reports)).map(|n| imported(n, start)).collect();
        store.write_here(move |w| reports::import(w, &some))?;
    }
    let size = |file: &std::path::Path| std::fs::metadata(file).map_or(0.0, |m| m.len() as f64 / 1e6);
    let before = size(&file);
    let began = Clock::now();
    let rows = search::follow_here(&store, |_| {})?;
    let took = began.elapsed().as_secs_f64();
    println!("indexed                {:10.0} reports/s   ({rows} in {took:.1} s)", rows as f64 / took);
    if url.is_none() {
        store.read_here(|c| Ok(diesel::sql_query("PRAGMA wal_checkpoint(TRUNCATE)").execute(c)?)).ok();
        println!("size                   {before:10.0} MB before, {:.0} MB with the index", size(&file));
    } else {
        store.write_here(|w| Ok(diesel::sql_query("ANALYZE").execute(w.connection)?))?;
    }
    println!("{:<18} {:>9} {:>10} {:>10} {:>8}", "newest 50 + count", "hits", "index ms", "LIKE ms", "ratio");
    for text in ["登录", "支付", "退款", "退", "纠缠", "验证码后", "log", "declined", "登录 退款", "10000700"]
    {
        let (through, (_, count)) = timed(|| Ok(store.snapshot(|c| indexed(c, text))?))?;
        // What LIKE finds in the middle of words as well is a little more.
        let first = text.split(' ').next().unwrap_or(text);
        let (by_scan, _) = timed(|| Ok(store.snapshot(|c| scanned(c, first))?))?;
        let hits = match count {
            filter::Count::Exactly(n) => n.to_string(),
            filter::Count::Over => "10,000+".to_owned(),
        };
        println!("{text:<18} {hits:>9} {through:>10.2} {by_scan:>10.2} {:>8.1}", by_scan / through);
    }
    let some = 6_000;
    let (mut alone, mut beside) = (0.0, 0.0);
    for round in 0..4 {
        let rate = intake(&store, round * some, some, round % 2 == 1)?;
        if round % 2 == 1 {
            beside += rate / 2.0
        } else {
            alone += rate / 2.0
        }
        search::follow_here(&store, |_| {})?;
    }
    println!("intake alone           {alone:10.0} reports/s");
    println!("intake, index follows  {beside:10.0} reports/s   ({:.2})", beside / alone);
    Ok(())
}
