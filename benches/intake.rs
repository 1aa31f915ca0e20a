//! How much the group commit brings: the same reports submitted by many at once, which share
//! commits, and one after the other, each with a synced commit of its own.
//!
//! `cargo bench --bench intake [-- REPORTS]`. SQLite in a temporary folder (`TMPDIR` chooses the
//! disk), `synchronous=FULL`, an idempotency key for each report. What counts is
//! the ratio, which both numbers of the same run make.

use std::time::{Duration, Instant as Clock};

use interlude::domain::language::Language;
use interlude::domain::report::{Precision, ReportInput, Sender, Source, When};
use interlude::domain::secret::{IdempotencyKey, InstanceKey};
use interlude::store::connection::Database;
use interlude::store::reports::{self, NewReport};
use interlude::store::{Store, verify};

/// How many senders wait for an answer at the same time.
const SENDERS: usize = 256;

fn report() -> anyhow::Result<NewReport> {
    let input = ReportInput {
        description: "输入短信验证码后一直停在登录页，没有任何提示。".into(),
        impact: "blocked".into(),
        category: "login".into(),
        ..Default::default()
    };
    Ok(NewReport {
        text: input.parse(false)?,
        when: When::Now(Precision::About),
        window: None,
        component: None,
        sender: Sender { language: Language::ZhCn, source: Source::Web },
        time_zone: None,
        written_at: None,
        entered_by: None,
    })
}

fn key(run: &str, n: usize) -> anyhow::Result<IdempotencyKey> {
    Ok(IdempotencyKey::parse("key", &format!("{run}-report-number-{n:010}"))?)
}

async fn send(
    store: &Store,
    instance: &InstanceKey,
    key: IdempotencyKey,
    new: NewReport,
) -> anyhow::Result<()> {
    let instance = instance.clone();
    store.write(move |w| reports::submit(w, &instance, &key, &new)).await?;
    Ok(())
}

async fn one_each(store: &Store, instance: &InstanceKey, reports: usize) -> anyhow::Result<Duration> {
    let begun = Clock::now();
    for n in 0..reports {
        send(store, instance, key("alone", n)?, report()?).await?;
    }
    Ok(begun.elapsed())
}

async fn together(store: &Store, instance: &InstanceKey, reports: usize) -> anyhow::Result<Duration> {
    let begun = Clock::now();
    let senders = (0..SENDERS).map(|sender| async move {
        for n in (sender..reports).step_by(SENDERS) {
            send(store, instance, key("group", n)?, report()?).await?;
        }
        anyhow::Ok(())
    });
    for outcome in futures_util::future::join_all(senders).await {
        outcome?;
    }
    Ok(begun.elapsed())
}

fn main() -> anyhow::Result<()> {
    let reports: usize = std::env::args().skip(1).find_map(|a| a.parse().ok()).unwrap_or(4_000);
    let folder = tempfile::tempdir()?;
    let store = Store::open(Database::Sqlite(folder.path().join("intake.db")))?;
    let instance = InstanceKey::new([7; 32]);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let few = reports.div_ceil(10);
    let alone = runtime.block_on(one_each(&store, &instance, few))?;
    let group = runtime.block_on(together(&store, &instance, reports))?;
    let each = |time: Duration, n: usize| n as f64 / time.as_secs_f64();
    let (alone, group) = (each(alone, few), each(group, reports));
    println!("one transaction each   {alone:10.0} reports/s   ({few} reports)");
    println!("group commit           {group:10.0} reports/s   ({reports} reports, {SENDERS} senders)");
    println!("ratio                  {:10.1}", group / alone);
    let found = store.read_here(verify::verify)?;
    anyhow::ensure!(found.findings.is_empty(), "counts differ: {:?}", found.findings);
    anyhow::ensure!(found.reports as usize == few + reports, "reports were lost or doubled");
    Ok(())
}
