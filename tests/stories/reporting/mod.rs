//! Reporting a problem, and everything its reporter can do afterwards.

mod api;
mod bad_input;
mod form;
mod images;
mod offline;
mod receipt;

use interlude::domain::instant::Instant;
use interlude::domain::language::{Language, Texts};
use interlude::domain::notice::{DraftComponent, WindowDraft};
use interlude::domain::support_hours::Support;
use interlude::domain::survey::TemplateKey;
use interlude::domain::window::{
    ComponentImpact, ComponentKey, FollowUpHours, Interruption, Schedule, Slug, WindowState,
};
use interlude::domain::zone::Zone;
use interlude::store::people::Actor as StoreActor;
use interlude::store::windows::{self, ImportedWindow};
use interlude::store::{components, verify};

use crate::support::{Actor, Reply, World};

/// Support that is always there.
const ALWAYS: &str = r#"{"contacts":[],"hours":{"time_zone":"Asia/Shanghai","slots":[{"days":[1,2,3,4,5,6,7],"from":"00:00","to":"24:00"}]}}"#;

/// A window named `night` that has run since two hours and ends in two, or ended `ended` hours ago.
/// It affects `login` most and `data` a little; support is always there.
fn night(world: &World, ended: Option<i64>) {
    let now = Instant::now();
    let end = ended.map(|hours| now.plus_hours(-hours));
    let start = end.unwrap_or(now).plus_hours(-2);
    let zone = Zone::parse("time_zone", "Asia/Shanghai").unwrap();
    let affected = |key: &str, impact| DraftComponent {
        key: ComponentKey::parse("key", key).unwrap(),
        impact,
        interruption: Interruption::default(),
    };
    let draft = WindowDraft {
        slug: Some(Slug::parse("slug", "night").unwrap()),
        texts: [("title", Texts::single(Language::En, "Work by night"))].into(),
        schedule: Schedule { start, end: Some(start.plus_hours(4)), zone },
        components: vec![
            affected("data", ComponentImpact::Degraded),
            affected("login", ComponentImpact::MajorOutage),
        ],
        finish_before: None,
        backup_finished_at: None,
        data_checked_at: None,
        follow_up: FollowUpHours::default(),
        support: Support::from_json("support", ALWAYS).unwrap(),
        survey_template: TemplateKey::Short,
        survey_days: 14,
        start_by_clock: false,
        complete_by_clock: false,
    };
    let imported = ImportedWindow {
        imported_as: "night".to_owned(),
        draft,
        state: if ended.is_some() { WindowState::Completed } else { WindowState::InProgress },
        sequence: 1,
        announced_at: Some(start.plus_hours(-72)),
        started_at: Some(start),
        completed_at: end,
        cancelled_at: None,
        tested_at: None,
        updates: Vec::new(),
        moves: Vec::new(),
        demonstration: false,
    };
    world.write(move |w| {
        for (key, name) in [("login", "Log-in"), ("data", "Data"), ("mail", "Mail")] {
            let key = ComponentKey::parse("key", key)?;
            components::add(w, &StoreActor::CommandLine, &key, &Texts::single(Language::En, name), false)?;
        }
        windows::imported(w, &StoreActor::CommandLine, &imported, Language::En)
    });
}

/// A key that nobody else has in this story.
fn key(name: &str) -> String {
    format!("{name:-<24}")
}

/// The hidden idempotency key of a form.
fn key_in(page: &Reply) -> String {
    let text = page.text();
    let mark = "name=\"idempotency_key\" value=\"";
    text.split(mark).nth(1).unwrap().split('"').next().unwrap().to_owned()
}

/// Reports through the form of `night`; gives the address of the receipt, without what follows it.
async fn reported(actor: &Actor, more: &[(&str, &str)]) -> String {
    let page = actor.get("/windows/night/report").await.is(200);
    let key = key_in(&page);
    let mut fields =
        vec![("idempotency_key", key.as_str()), ("description", "登录不了"), ("impact", "blocked")];
    fields.retain(|(name, _)| more.iter().all(|(n, _)| n != name));
    fields.extend_from_slice(more);
    let sent = actor.post_form("/windows/night/report", &fields).await.is(303);
    sent.location().split('?').next().unwrap().to_owned()
}

#[track_caller]
fn counts_are_right(world: &World, reports: i64) {
    let verification = world.read(verify::verify);
    assert_eq!((verification.reports, verification.findings), (reports, vec![]));
}
