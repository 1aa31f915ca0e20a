//! The demonstration: a past, a running and a coming window of a made-up service, with reports,
//! answers and survey responses, relative to the moment at which it is loaded. All of it goes in
//! through the store's own verbs and is marked, so that it can be taken away again in one step.

mod earlier;
mod known;
mod responses;
mod script;
mod surveys;
mod windows;

use std::collections::HashMap;

use crate::domain::attribution::Extent;
use crate::domain::instant::Instant;
use crate::domain::language::Language;
use crate::domain::report::{Occurrence, Precision, Status};
use crate::domain::screenshot::Screenshot;
use crate::domain::window::ComponentKey;
use crate::domain::zone::Zone;
use crate::store::people::Actor;
use crate::store::reports::events::{self, EventKind, NewEvent};
use crate::store::reports::{Belongs, Imported, Outcome, ReportContent};
use crate::store::{Error, Result, Store, Write, alarms, audit, components, demonstration, reports};
use script::{Line, Script};
use windows::Plan;

pub use crate::store::demonstration::{is_here, remove};

/// Numbers that look like chance and are the same every time.
struct Dice(u64);

impl Dice {
    fn new(seed: u64) -> Dice {
        Dice(seed)
    }

    /// A number from 0 to below `sides`.
    fn below(&mut self, sides: u64) -> i64 {
        // Knuth's MMIX multiplier; the high bits are the good ones.
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) % sides) as i64
    }
}

/// Loads the demonstration. Times are night times in `zone`; `default` is the server's language.
///
/// Conflict `demonstration-here` if it is here already.
pub async fn load(store: &Store, actor: &Actor, zone: Zone, default: Language) -> Result<()> {
    let actor = actor.clone();
    store.write(move |w| write_all(w, &actor, zone, default)).await
}

fn write_all(write: &mut Write<'_>, actor: &Actor, zone: Zone, default: Language) -> Result<()> {
    if demonstration::is_here(write.connection)? {
        return Err(Error::conflict("demonstration-here"));
    }
    let known = write_components(write, actor)?;
    surveys::template(write, actor)?;
    let plan = Plan::new(write.now, zone)?;
    let past = plan.past(write, actor, default)?;
    let running = plan.running(write, actor, default)?;
    let coming = plan.coming(write, actor, default)?;
    let mut dice = Dice::new(20_261_122);
    for (window, start, lines) in
        [(past, plan.past_start, Script::past()?), (running, plan.running_start, Script::running()?)]
    {
        let extent = crate::store::windows::by_id(write.connection, window)?.extent();
        write_reports(write, &Filed { window, start, extent, components: &known, zone }, &lines, &mut dice)?;
    }
    known::write(write, actor, running, &known)?;
    responses::write(write, past, plan.past_end, &mut dice)?;
    script::write_canned_answers(write, actor)?;
    surveys::invite(write, actor, past)?;
    // Dice of their own, so that the windows above stay as they are.
    let mut dice = Dice::new(20_261_123);
    let mut year = earlier::write(write, actor, &plan, &known, default, &mut dice)?;
    year.extend([past, coming]);
    earlier::write_improvements(write, actor, &year, default)?;
    weigh(write)?;
    audit::note(write, actor, "demonstration.load", "", "")
}

/// What the clock would do in a moment is done at once: urgency is weighed, and the alarm is raised
/// about the function that the running window does not announce.
fn weigh(write: &mut Write<'_>) -> Result<()> {
    let now = write.now;
    let counted = reports::spread::count(write.connection, now)?;
    reports::spread::keep(write, &counted)?;
    let (weighed, _) = reports::weigh::look(write.connection, now, 0)?;
    reports::weigh::keep(write, &weighed)?;
    let found = alarms::look(write.connection, now)?;
    alarms::settle(write, now, &found).map(drop)
}

/// The components by key; one that is here already is used as it is.
fn write_components(write: &mut Write<'_>, actor: &Actor) -> Result<HashMap<String, i64>> {
    let mut known = HashMap::new();
    for (key, name) in windows::components()? {
        let id = match components::id_of(write.connection, &key)? {
            Some(id) => id,
            None => components::add(write, actor, &ComponentKey::parse("key", &key)?, &name, true)?,
        };
        known.insert(key, id);
    }
    Ok(known)
}

/// How the report begins that has a picture, and the picture: a made-up page that refuses somebody.
const PICTURED: &str = "用企业微信扫码登录失败";
const PICTURE: &[u8] = include_bytes!("screenshot.png");

/// The window that reports are written about.
struct Filed<'a> {
    window: i64,
    start: Instant,
    extent: Extent,
    components: &'a HashMap<String, i64>,
    zone: Zone,
}

fn write_reports(write: &mut Write<'_>, filed: &Filed<'_>, lines: &[Line], dice: &mut Dice) -> Result<()> {
    let imported: Vec<Imported> =
        lines.iter().enumerate().map(|(i, line)| report(write.now, filed, line, i, dice)).collect();
    let outcomes = reports::import(write, &imported)?;
    for ((line, report), outcome) in lines.iter().zip(&imported).zip(outcomes) {
        if let Outcome::New(id) = outcome {
            if line.description.starts_with(PICTURED) {
                let shot = Screenshot::of_file(PICTURE).map_err(Error::Invalid)?;
                let pictured = reports::by_id(write.connection, id)?;
                reports::images::attach(write, &pictured, &shot, report.received_at)?;
            }
            write_history(write, id, line, report)?;
        }
    }
    Ok(())
}

fn report(now: Instant, filed: &Filed<'_>, line: &Line, index: usize, dice: &mut Dice) -> Imported {
    let occurred = filed.start.plus_seconds(line.minute * 60 + dice.below(55)).min(now);
    let received = occurred.plus_seconds(40 + dice.below(220)).min(now);
    let answered = line.answer.as_ref().map(|a| received.plus_seconds(a.after * 60 + dice.below(400)));
    let answered = answered.filter(|at| *at <= now);
    let resolved = matches!(line.status, Status::Resolved | Status::Closed)
        .then(|| answered.unwrap_or(received).plus_seconds(1_500 + dice.below(14_000)).min(now));
    let contact = dice.below(3) == 0;
    Imported {
        id: None,
        imported_as: None,
        belongs: Belongs::Said { window: Some(filed.window), stage: filed.extent.stage(occurred) },
        component: line.component.as_ref().and_then(|key| filed.components.get(key)).copied(),
        category: line.category,
        impact: line.impact,
        severity: script::severity(line),
        status: line.status,
        occurrence: Occurrence {
            at: Some(occurred),
            precision: if dice.below(4) == 0 { Precision::Exact } else { Precision::About },
        },
        received_at: received,
        written_at: None,
        time_zone: Some(filed.zone),
        language: line.language,
        source: line.source,
        assignee: None,
        first_answer_at: answered,
        resolved_at: resolved,
        verdict: script::verdict(line, index),
        answers: Vec::new(),
        content: Some(ReportContent {
            description: line.description.clone(),
            error_message: line.error.clone(),
            account: (dice.below(4) == 0).then(|| format!("YF-{:05}", 10_400 + dice.below(80_000))),
            // Numbers and addresses that nobody can have.
            phone: contact.then(|| format!("1550000{:04}", dice.below(10_000))),
            email: None,
            device: Some(script::device(line, dice.below(6)).to_owned()),
        }),
        demonstration: true,
    }
}

/// What happened after a report had come in, in the order of its times.
fn write_history(write: &mut Write<'_>, id: i64, line: &Line, report: &Imported) -> Result<()> {
    let new = Status::New.code();
    let status = |was, became| NewEvent::new(id, EventKind::Status).changed(Some(was), Some(became));
    let Some(answered) = report.first_answer_at else {
        if report.status != Status::New {
            events::append_at(write, status(new, report.status.code()), report.received_at)?;
        }
        return Ok(());
    };
    let mut stands = Status::New;
    let mut become_at = |write: &mut Write<'_>, to: Status, at: Instant| {
        if stands != to {
            events::append_at(write, status(stands.code(), to.code()), at)?;
            stands = to;
        }
        Ok::<(), Error>(())
    };
    if report.status == Status::Duplicate {
        become_at(write, Status::Duplicate, answered)?;
    } else if report.status != Status::New {
        become_at(write, Status::Acknowledged, answered)?;
    }
    if let Some(answer) = &line.answer {
        let said = answer.said(line.language);
        events::append_at(write, NewEvent::new(id, EventKind::Answer).saying(said), answered)?;
    }
    let after = report.resolved_at.unwrap_or(answered);
    become_at(write, report.status, after)?;
    if let Some(verdict) = report.verdict {
        let event = NewEvent::new(id, EventKind::Verdict).changed(None, Some(verdict.code()));
        events::append_at(write, event, after.plus_seconds(1_200).min(write.now))?;
    }
    Ok(())
}
