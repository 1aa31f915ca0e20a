//! How much the group commit brings: the same reports submitted by many at once, which share
//! commits, and one after the other, each with a synced commit of its own. And what it costs to find
//! out to which of several windows a report belongs.
//!
//! `cargo bench --bench intake [-- REPORTS]`. SQLite in a temporary folder (`TMPDIR` chooses the
//! disk), `synchronous=FULL`, an idempotency key for each report. What counts are
//! the ratios, which the numbers of the same run make.

use std::time::{Duration, Instant as Clock};

use interlude::domain::instant::Instant;
use interlude::domain::language::{Language, Texts};
use interlude::domain::notice::{DraftComponent, WindowDraft};
use interlude::domain::report::{Precision, ReportInput, Sender, Source, When};
use interlude::domain::secret::{IdempotencyKey, InstanceKey};
use interlude::domain::support_hours::Support;
use interlude::domain::survey::TemplateKey;
use interlude::domain::window::{
    ComponentImpact, ComponentKey, FollowUpHours, Interruption, Schedule, Slug, Stage, WindowState,
};
use interlude::domain::zone::Zone;
use interlude::store::connection::Database;
use interlude::store::people::Actor;
use interlude::store::reports::{self, NewReport};
use interlude::store::windows::{self, ImportedUpdate, ImportedWindow};
use interlude::store::{Store, components, verify};

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
        kept: false,
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

const COMPONENTS: [&str; 6] = ["login", "payment", "orders", "reports", "search", "mail"];

/// Four windows as a busy month leaves them: one is running, three have ended and still take reports.
fn add_windows(store: &Store) -> anyhow::Result<()> {
    let wrong = |e| anyhow::anyhow!("{e:?}");
    let zone = Zone::parse("time_zone", "Asia/Shanghai").map_err(wrong)?;
    for key in COMPONENTS {
        let key = ComponentKey::parse("key", key).map_err(wrong)?;
        store.write_here(move |w| {
            components::add(w, &Actor::CommandLine, &key, &Texts::single(Language::En, key.as_str()), false)
        })?;
    }
    for n in 0..4i64 {
        let start = Instant::now().plus_hours(-3 - 160 * n);
        let components = COMPONENTS.map(|key| {
            let key = ComponentKey::parse("key", key)?;
            let interruption = Interruption::default();
            Ok(DraftComponent { key, impact: ComponentImpact::MajorOutage, interruption })
        });
        let ended = (n > 0).then(|| start.plus_hours(6));
        let state = if n > 0 { WindowState::Completed } else { WindowState::InProgress };
        let update = |hours| ImportedUpdate {
            stage: Stage::Implementation,
            state,
            posted_at: start.plus_hours(hours),
            body: Texts::single(Language::En, "The next server is being replaced. ".repeat(10)),
        };
        let window = ImportedWindow {
            imported_as: format!("window-{n}"),
            draft: WindowDraft {
                slug: Some(Slug::parse("slug", &format!("window-{n}")).map_err(wrong)?),
                texts: [
                    ("title", Texts::single(Language::En, "Servers are replaced")),
                    (
                        "body",
                        Texts::single(Language::En, "What is done and why, at some length. ".repeat(80)),
                    ),
                ]
                .into(),
                schedule: Schedule { start, end: Some(start.plus_hours(6)), zone },
                components: components.into_iter().collect::<Result<_, _>>().map_err(wrong)?,
                finish_before: None,
                backup_finished_at: None,
                data_checked_at: None,
                follow_up: FollowUpHours::default(),
                support: Support::default(),
                survey_template: TemplateKey::Short,
                survey_days: 14,
                start_by_clock: false,
                complete_by_clock: false,
            },
            state,
            sequence: 1,
            announced_at: Some(start.plus_hours(-72)),
            started_at: Some(start),
            completed_at: ended,
            cancelled_at: None,
            tested_at: None,
            updates: (0..5).map(|n| update(n / 2)).collect(),
            moves: Vec::new(),
            demonstration: false,
        };
        store.write_here(move |w| windows::imported(w, &Actor::CommandLine, &window, Language::En))?;
    }
    Ok(())
}

async fn one_each(store: &Store, instance: &InstanceKey, reports: usize) -> anyhow::Result<Duration> {
    let begun = Clock::now();
    for n in 0..reports {
        send(store, instance, key("alone", n)?, report()?).await?;
    }
    Ok(begun.elapsed())
}

async fn together(
    store: &Store,
    instance: &InstanceKey,
    run: &str,
    reports: usize,
) -> anyhow::Result<Duration> {
    let begun = Clock::now();
    let senders = (0..SENDERS).map(|sender| async move {
        for n in (sender..reports).step_by(SENDERS) {
            send(store, instance, key(run, n)?, report()?).await?;
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
    let group = runtime.block_on(together(&store, &instance, "group", reports))?;
    add_windows(&store)?;
    let within = runtime.block_on(together(&store, &instance, "within", reports))?;
    let each = |time: Duration, n: usize| n as f64 / time.as_secs_f64();
    let (alone, group) = (each(alone, few), each(group, reports));
    println!("one transaction each   {alone:10.0} reports/s   ({few} reports)");
    println!("group commit           {group:10.0} reports/s   ({reports} reports, {SENDERS} senders)");
    println!("ratio                  {:10.1}", group / alone);
    let within = each(within, reports);
    println!("the same, four windows {within:10.0} reports/s   ({:.2} of the group commit)", within / group);
    let found = store.read_here(verify::verify)?;
    anyhow::ensure!(found.findings.is_empty(), "counts differ: {:?}", found.findings);
    anyhow::ensure!(found.reports as usize == few + 2 * reports, "reports were lost or doubled");
    Ok(())
}
