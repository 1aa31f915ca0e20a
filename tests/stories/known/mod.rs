//! Known issues: making them, saying "me too", and answering everybody once.

mod api;
mod links;
mod me_too;
mod resolve;
mod staff;
mod twice;

use interlude::domain::instant::Instant;
use interlude::domain::known_issue::{IssueStatus, IssueTexts};
use interlude::domain::language::{Language, Texts};
use interlude::domain::report::{Category, Impact, Occurrence, Precision, Source, Status, Verdict};
use interlude::domain::window::ComponentKey;
use interlude::store::known_issues::{self, Draft};
use interlude::store::people::Actor as StoreActor;
use interlude::store::reports::{self, Belongs, Imported, Outcome, ReportContent};
use interlude::store::{components, verify};

use crate::support::World;

/// A public known issue that belongs to no window.
pub fn draft() -> Draft {
    Draft {
        window: None,
        status: IssueStatus::Investigating,
        public: true,
        texts: IssueTexts {
            title: Texts(
                [(Language::ZhCn, "验证码收不到".to_owned()), (Language::En, "No SMS codes".to_owned())]
                    .into(),
            ),
            body: Texts::single(Language::En, "The SMS gateway is down."),
            workaround: Texts::single(Language::En, "Log in with your **password**."),
        },
        components: vec!["login".to_owned()],
    }
}

/// The same, made; gives its number.
fn issue(world: &World) -> i64 {
    let draft = draft();
    world.write(move |w| {
        let key = ComponentKey::parse("key", "login")?;
        if components::id_of(w.connection, "login")?.is_none() {
            let name = Texts::single(Language::En, "Log-in");
            components::add(w, &StoreActor::CommandLine, &key, &name, false)?;
        }
        known_issues::create(w, &StoreActor::CommandLine, &draft, false)
    })
}

/// So many reports, every other one in English.
pub fn made(n: usize, status: Status) -> Vec<Imported> {
    let at = Instant::now().plus_hours(-1);
    (0..n)
        .map(|i| Imported {
            id: None,
            imported_as: None,
            belongs: Belongs::Found { named: None },
            component: None,
            category: Category::Login,
            impact: Impact::Blocked,
            severity: None,
            status,
            occurrence: Occurrence { at: Some(at), precision: Precision::About },
            received_at: at,
            written_at: None,
            time_zone: None,
            language: if i % 2 == 0 { Language::ZhCn } else { Language::En },
            source: Source::Web,
            assignee: None,
            first_answer_at: None,
            resolved_at: None,
            verdict: None,
            answers: Vec::new(),
            content: Some(ReportContent {
                description: "验证码收不到，登录不了".into(),
                ..Default::default()
            }),
            demonstration: false,
        })
        .collect()
}

/// The same, kept; gives their numbers.
fn reports(world: &World, n: usize, status: Status) -> Vec<i64> {
    judged(world, n, status, None)
}

/// The same, whose senders say whether it is fixed.
fn judged(world: &World, n: usize, status: Status, verdict: Option<Verdict>) -> Vec<i64> {
    let all: Vec<Imported> = made(n, status).into_iter().map(|r| Imported { verdict, ..r }).collect();
    world.write(move |w| {
        let outcomes = reports::import(w, &all)?;
        Ok(outcomes
            .into_iter()
            .map(|o| match o {
                Outcome::New(id) | Outcome::Known(id) => id,
            })
            .collect())
    })
}

/// Links these to the known issue, as many at once as may be.
fn link(world: &World, issue: i64, ids: &[i64]) {
    for some in ids.chunks(known_issues::LINKED_MAX) {
        let some = some.to_vec();
        world.write(move |w| known_issues::link(w, &StoreActor::CommandLine, issue, &some));
    }
}

/// What everybody is told.
pub fn answer() -> Texts {
    Texts([(Language::ZhCn, "已恢复".to_owned()), (Language::En, "It works again".to_owned())].into())
}

#[track_caller]
fn nothing_is_wrong(world: &World) {
    assert_eq!(world.read(verify::verify).findings, vec![]);
}
