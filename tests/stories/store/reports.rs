//! Whatever happens to reports, what is counted is what is there.

use diesel::prelude::*;
use interlude::domain::instant::Instant;
use interlude::domain::language::Language;
use interlude::domain::line::Block;
use interlude::domain::report::{
    Category, Contact, Impact, Occurrence, Precision, ReportInput, Sender, Source, Status, Verdict, When,
};
use interlude::domain::secret::{IdempotencyKey, InstanceKey};
use interlude::domain::window::ReportStage;
use interlude::store::jobs::{self, JobKind};
use interlude::store::reports::{self, Belongs, Imported, NewReport, Outcome, ReportContent, Submitted};
use interlude::store::schema::{components, windows};
use interlude::store::{Error, Write, verify};
use rand::{RngExt, SeedableRng, rngs::StdRng};

use crate::support::World;

const INSTANCE: [u8; 32] = [7; 32];

fn window(w: &mut Write<'_>, slug: &str, start: Instant) -> interlude::store::Result<i64> {
    Ok(diesel::insert_into(windows::table)
        .values((
            windows::slug.eq(slug),
            windows::sequence.eq(3i64),
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

fn component(w: &mut Write<'_>, key: &str) -> interlude::store::Result<i64> {
    Ok(diesel::insert_into(components::table)
        .values((
            components::key.eq(key),
            components::position.eq(1),
            components::created_at.eq(w.now),
            components::demonstration.eq(false),
        ))
        .returning(components::id)
        .get_result(w.connection)?)
}

fn key(text: &str) -> IdempotencyKey {
    IdempotencyKey::parse("key", &format!("{text:-<22}")).unwrap()
}

fn report(description: &str, when: When) -> NewReport {
    let input =
        ReportInput { description: description.into(), impact: "blocked".into(), ..Default::default() };
    NewReport {
        text: input.parse(false).unwrap(),
        when,
        window: None,
        component: None,
        sender: Sender { language: Language::ZhCn, source: Source::Web },
        time_zone: None,
        written_at: None,
        kept: false,
        entered_by: None,
    }
}

fn submit(world: &World, name: &str, new: NewReport) -> (Submitted, String) {
    let instance = InstanceKey::new(INSTANCE);
    let name = key(name);
    let (i, k) = (instance.clone(), name.clone());
    let done = world.write(move |w| reports::submit(w, &i, &k, &new));
    let link = done.receipt(&instance, &name).link;
    (done, link)
}

fn imported(id: Option<i64>, name: Option<&str>, at: Instant) -> Imported {
    Imported {
        id,
        imported_as: name.map(str::to_owned),
        belongs: Belongs::Found { named: None },
        component: None,
        category: Category::Other,
        impact: Impact::Unknown,
        severity: None,
        status: Status::Resolved,
        occurrence: Occurrence { at: Some(at), precision: Precision::About },
        received_at: at,
        written_at: None,
        time_zone: None,
        language: Language::En,
        source: Source::Import,
        assignee: None,
        first_answer_at: None,
        resolved_at: None,
        verdict: None,
        answers: vec![(at.plus_seconds(60), "Thank you.".into())],
        content: Some(ReportContent { description: "It broke.".into(), ..Default::default() }),
        demonstration: false,
    }
}

#[track_caller]
fn nothing_differs(world: &World) {
    let verification = world.read(verify::verify);
    assert_eq!(verification.findings, vec![]);
}

/// Three hundred random acts of one seed; the counts agree after every fifty.
fn random_acts(world: &World, seed: u64) {
    let mut dice = StdRng::seed_from_u64(seed);
    let now = Instant::now();
    let slugs = ["w-1", "w-2", "w-3"];
    for (n, slug) in slugs.into_iter().enumerate() {
        let start = now.plus_hours(-60 + 25 * n as i64);
        world.write(move |w| window(w, slug, start));
    }
    for name in ["login", "data"] {
        world.write(move |w| component(w, name));
    }
    let mut links: Vec<String> = Vec::new();
    for act in 0..300 {
        let at = now.plus_seconds(-dice.random_range(0..4 * 86_400));
        match dice.random_range(0..10) {
            0..=3 => {
                let when = match dice.random_range(0..4) {
                    0 => When::Now(Precision::About),
                    1 => When::MinutesAgo(dice.random_range(0..600)),
                    2 => When::Unknown,
                    _ => When::At(at, Precision::Exact),
                };
                let mut new = report("登录不了", when);
                new.text.impact = Impact::CHOICES[dice.random_range(0..4)];
                new.window = dice.random_bool(0.5).then(|| slugs[dice.random_range(0..3)].to_owned());
                new.component = dice.random_bool(0.5).then(|| "login".to_owned());
                links.push(submit(world, &format!("act-{seed}-{act}"), new).1);
            }
            4 => {
                let some: Vec<Imported> = (0..dice.random_range(1..6))
                    .map(|n| imported(None, Some(&format!("f-{seed}-{}", (act + n) % 40)), at))
                    .collect();
                world.write(move |w| reports::import(w, &some));
            }
            5..=6 if !links.is_empty() => {
                // What triage does, in its smallest form: status and counts in one transaction.
                let link = links[dice.random_range(0..links.len())].clone();
                let to = Status::ALL[dice.random_range(0..7)];
                world.write(move |w| match reports::held(w.connection, &link) {
                    Ok(held) => set_status(w, &held.report, to),
                    Err(Error::NotFound) => Ok(()),
                    Err(error) => Err(error),
                });
            }
            7 if !links.is_empty() => {
                let link = links[dice.random_range(0..links.len())].clone();
                let verdict = Verdict::ALL[dice.random_range(0..2)];
                world.write(move |w| forgiving(reports::judge(w, &link, verdict)));
            }
            8 if !links.is_empty() => {
                let link = links[dice.random_range(0..links.len())].clone();
                world.write(move |w| forgiving(reports::erase(w, &link)));
            }
            9 => {
                let slug = slugs[dice.random_range(0..3)];
                let start = now.plus_hours(dice.random_range(-90..10));
                move_window(world, slug, start);
            }
            _ => {}
        }
        if act % 50 == 49 {
            nothing_differs(world);
        }
    }
}

fn forgiving(outcome: interlude::store::Result<()>) -> interlude::store::Result<()> {
    match outcome {
        Err(Error::NotFound) => Ok(()),
        other => other,
    }
}

fn set_status(w: &mut Write<'_>, report: &reports::Report, to: Status) -> interlude::store::Result<()> {
    use interlude::store::counters::{self, Cell};
    use interlude::store::schema::reports as table;
    let urgency = if to.is_done() { 0 } else { report.urgency };
    let set = (table::status.eq(to), table::urgency.eq(urgency));
    diesel::update(table::table.find(report.id)).set(set).execute(w.connection)?;
    let before = report.cell();
    counters::apply(w, Some(before), Some(Cell { status: to, ..before }))
}

fn move_window(world: &World, slug: &'static str, start: Instant) {
    world.write(move |w| {
        let id: i64 =
            windows::table.filter(windows::slug.eq(slug)).select(windows::id).first(w.connection)?;
        diesel::update(windows::table.find(id))
            .set((windows::scheduled_start.eq(start), windows::scheduled_end.eq(start.plus_hours(4))))
            .execute(w.connection)?;
        jobs::ask(w, JobKind::Reattribute, &id.to_string())
    });
    for job in world.read(|c| jobs::due(c, Instant::MAX)) {
        let mut done = false;
        while !done {
            let id = job.id;
            done = world.write(move |w| {
                let jobs = jobs::due(w.connection, Instant::MAX)?;
                match jobs.iter().find(|j| j.id == id) {
                    Some(job) => reports::reattribute(w, job),
                    None => Ok(true),
                }
            });
        }
    }
}

story! {
    /// Submitting, importing, judging, triaging, erasing and moving windows: the counts stay right.
    async fn counts_are_what_is_there(world) {
        for seed in [1, 2, 3] {
            random_acts(world, seed);
            // The next seed meets what this one left.
            world.write(|w| {
                diesel::update(windows::table).set(windows::slug.eq(diesel::dsl::sql::<diesel::sql_types::Text>("slug || '-old-' || id"))).execute(w.connection)?;
                diesel::update(components::table).set(components::key.eq(diesel::dsl::sql::<diesel::sql_types::Text>("key || '-old-' || id"))).execute(w.connection)?;
                Ok(())
            });
        }
    }

    /// Verifying names what differs.
    async fn a_wrong_count_is_named(world) {
        submit(world, "a", report("坏了", When::Now(Precision::About)));
        nothing_differs(world);
        world.write(|w| {
            use interlude::store::schema::report_counters;
            diesel::update(report_counters::table).set(report_counters::reports.eq(5i64)).execute(w.connection)?;
            Ok(())
        });
        let findings = world.read(verify::verify).findings;
        assert_eq!(findings.len(), 1);
        assert!(findings[0].0.contains("says 5, there are 1"), "{findings:?}");
    }

    /// A report belongs to the window and stage in which it occurred, and keeps the notice's sequence.
    async fn a_report_is_attributed_when_it_is_taken(world) {
        let now = Instant::now();
        world.write(move |w| window(w, "night", now.plus_hours(-1)));
        let (inside, _) = submit(world, "a", report("坏了", When::Now(Precision::About)));
        assert_eq!((inside.window.as_deref(), inside.stage), (Some("night"), Some(ReportStage::Implementation)));
        let (before, _) = submit(world, "b", report("坏了", When::MinutesAgo(90)));
        assert_eq!((before.window.as_deref(), before.stage), (Some("night"), Some(ReportStage::Before)));
        let (outside, _) = submit(world, "c", report("坏了", When::MinutesAgo(60 * 26)));
        assert_eq!((outside.window.as_deref(), outside.stage), (None, None));
        let named = NewReport { window: Some("night".into()), ..report("坏了", When::MinutesAgo(60 * 26)) };
        let (named, _) = submit(world, "d", named);
        assert_eq!(named.window, None);
        let kept = world.read(move |c| reports::by_id(c, named.id));
        assert!(kept.filed_under.is_some() && kept.window_id.is_none());
        assert_eq!(world.read(move |c| reports::by_id(c, inside.id)).notice_sequence, Some(3));
        // Moved away: the reports of last night are outside, with a line in their history.
        move_window(world, "night", now.plus_hours(48));
        let moved = world.read(move |c| reports::by_id(c, inside.id));
        assert_eq!((moved.window_id, moved.stage), (None, None));
        let history = world.read(move |c| reports::events::list(c, inside.id));
        assert_eq!(history[1].was.as_deref(), Some("night/implementation"));
        nothing_differs(world);
    }

    /// Importing twice doubles nothing; a number that another report has is refused; later reports get
    /// numbers above the imported ones.
    async fn imports_are_taken_once(world) {
        let at = Instant::now().plus_hours(-100);
        let some = vec![imported(Some(500), None, at), imported(None, Some("x-1"), at)];
        let again = some.clone();
        let first = world.write(move |w| reports::import(w, &some));
        assert_eq!(first[0], Outcome::New(500));
        assert!(matches!(first[1], Outcome::New(id) if id > 500));
        let second = world.write(move |w| reports::import(w, &again));
        assert!(second.iter().all(|o| matches!(o, Outcome::Known(_))));
        let other = vec![imported(Some(500), None, at.plus_seconds(5))];
        let refused = world.store.write(move |w| reports::import(w, &other)).await;
        assert!(matches!(refused, Err(Error::Conflict { code: "reference-taken", .. })));
        let (next, _) = submit(world, "a", report("坏了", When::Now(Precision::About)));
        assert!(next.id > 501, "{next:?}");
        let kept = world.read(|c| reports::by_id(c, 500));
        assert_eq!(kept.first_answer_at, Some(at.plus_seconds(60)));
        nothing_differs(world);
    }

    /// The holder alone can reply, judge, give a contact and erase; erasing keeps the count and nothing else.
    async fn the_holder_may_and_nobody_else(world) {
        let (done, link) = submit(world, "a", report("坏了", When::Now(Precision::About)));
        let (_, other) = submit(world, "b", report("坏了", When::Now(Precision::About)));
        let forged = format!("{}{}", &link[..link.len() - 26], &other[other.len() - 26..]);
        for wrong in [forged, crate::support::forged(&link), String::new()] {
            let refused = world.store.read(move |c| reports::held(c, &wrong)).await;
            assert!(matches!(refused, Err(Error::NotFound)));
        }
        let text = Block::required("message", "还是不行", 100).unwrap();
        for _ in 0..2 {
            let (link, text) = (link.clone(), text.clone());
            world.write(move |w| reports::reply(w, &link, &key("reply"), &text));
        }
        let contact = Contact::parse("13800138000", "").unwrap();
        let open = link.clone();
        world.write(move |w| reports::set_contact(w, &open, &contact));
        let open = link.clone();
        world.write(move |w| {
            let held = reports::held(w.connection, &open)?;
            set_status(w, &held.report, Status::Resolved)?;
            reports::judge(w, &open, Verdict::NotFixed)
        });
        let open = link.clone();
        let held = world.read(move |c| reports::held(c, &open));
        assert_eq!((held.report.status, held.report.verdict), (Status::InProgress, Some(Verdict::NotFixed)));
        let kinds: Vec<_> = held.events.iter().map(|e| e.kind.code()).collect();
        assert_eq!(kinds, ["received", "message", "contact", "verdict", "status"]);
        let open = link.clone();
        world.write(move |w| reports::erase(w, &open));
        let gone = world.store.read(move |c| reports::held(c, &link)).await;
        assert!(matches!(gone, Err(Error::NotFound)));
        let id = done.id;
        assert_eq!(world.read(move |c| reports::content(c, id)), None);
        assert!(world.read(move |c| reports::events::list(c, id)).iter().all(|e| e.content.is_none()));
        assert_eq!(world.read(move |c| reports::by_id(c, id)).impact, Impact::Blocked);
        nothing_differs(world);
    }
}
