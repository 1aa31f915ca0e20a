//! Alarms as people read them: the banner above the overview and the queue, and the list of them.

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use crate::domain::alarm::{AlarmKind, AlarmState, SPAN_MINUTES};
use crate::domain::fields::FieldErrors;
use crate::domain::instant::Instant;
use crate::export::Cell;
use crate::i18n::Words;
use crate::store::alarms::{self, Alarm};
use crate::web::app::App;
use crate::web::failure::Failure;
use crate::web::form::{Form, Query};
use crate::web::page::{Page, conflict_page, private_page, see_other};
use crate::web::table::{self, Answer, Asked, Column, Pick, Table, Tabular};
use crate::web::times::Times;
use crate::web::visitor::{Support, Viewer, Visitor};

/// How many alarms the list goes back.
const SHOWN: i64 = 1_000;

/// An alarm in words.
pub(super) struct AlarmView {
    pub(super) id: i64,
    /// The key of the component, `-` for none.
    component: String,
    /// What is reported, in words.
    subject: String,
    pub(super) headline: String,
    pub(super) detail: String,
    /// The code of what somebody has decided.
    pub(super) state: &'static str,
    /// Who decided and when; or nothing.
    pub(super) decided: String,
    pub(super) raised_at: Instant,
    pub(super) ended_at: Option<Instant>,
    /// The query of the reports.
    pub(super) reports: String,
    /// Where an update can be posted that is written already, or a window announced.
    pub(super) update: String,
    /// Whether it is a window that can be announced.
    pub(super) announces: bool,
}

/// The name of what is reported, for somebody who reads these words.
fn subject(words: Words, alarm: &Alarm, default: crate::domain::language::Language) -> String {
    match &alarm.component {
        Some(component) => component.label(words.0, default).to_owned(),
        None => words.t("alarm-no-component"),
    }
}

/// A number of people that need not be whole: `0.3`, `12`.
fn expected(number: f64) -> String {
    if number < 0.05 {
        "0".to_owned()
    } else if number < 9.95 {
        format!("{number:.1}").trim_end_matches(".0").to_owned()
    } else {
        format!("{number:.0}")
    }
}

/// Alarms in the reader's words.
pub(super) fn views(app: &App, page: &Page, all: &[Alarm]) -> Vec<AlarmView> {
    let default = app.settings().default_language;
    let view = |alarm: &Alarm| {
        let name = subject(page.words, alarm, default);
        let times = Times::new(page.words, page.zone);
        let clock = |at: Instant| times.day_and_clock(at);
        let key = match alarm.kind {
            AlarmKind::Unannounced => "alarm-why-unannounced",
            AlarmKind::After => "alarm-why-after",
            AlarmKind::Outside => "alarm-why-outside",
        };
        let why = page.t(key);
        let usual = page.with(
            "alarm-detail",
            [
                ("minutes", &SPAN_MINUTES.to_string()),
                ("expected", &expected(alarm.expected)),
                ("since", &clock(alarm.since)),
            ],
        );
        let mut pairs = vec![
            ("component", alarm.component.as_ref().map_or("-", |c| c.key.as_str()).to_owned()),
            ("from", alarm.since.rfc3339()),
        ];
        if let Some(window) = &alarm.window {
            pairs.push(("window", window.slug.clone()));
        }
        let reports = form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
        AlarmView {
            id: alarm.id,
            component: alarm.component.as_ref().map_or("-", |c| c.key.as_str()).to_owned(),
            subject: name.clone(),
            headline: page.words.said(
                "alarm-headline",
                [("name", name.as_str()), ("n", &alarm.people.to_string())].into_iter(),
            ),
            detail: format!("{why}{}{usual}", page.t("sentence-gap")),
            state: alarm.state.code(),
            decided: match (&alarm.decided_by, alarm.decided_at) {
                (Some(by), Some(at)) => {
                    let key = format!("alarm-by-{}", alarm.state);
                    page.with(&key, [("by", by), ("at", &clock(at))])
                }
                _ => String::new(),
            },
            raised_at: alarm.raised_at,
            ended_at: alarm.ended_at,
            reports,
            update: match &alarm.window {
                Some(window) => format!("/admin/windows/{}?alarm={}#update", window.slug, alarm.id),
                // Nobody has announced anything: what can be said opens a window of its own.
                None => format!("/admin/windows/new?alarm={}", alarm.id),
            },
            announces: alarm.window.is_none(),
        }
    };
    all.iter().map(view).collect()
}

impl Tabular for AlarmView {
    const NAME: &'static str = "alarms";
    const PLACE: &'static str = "alarm-caption";
    const COLUMNS: &'static [Column<AlarmView>] = &[
        Column {
            name: "what",
            title: "alarm-what",
            cell: |a, page| Cell::Text(format!("{}{}{}", a.headline, page.t("sentence-gap"), a.detail)),
        },
        Column {
            name: "state",
            title: "alarm-state",
            cell: |a, page| Cell::Word(page.word("alarm-state", a.state)),
        },
        Column { name: "raised", title: "alarm-raised-at", cell: |a, _| Cell::Time(a.raised_at) },
        Column { name: "ended", title: "alarm-ended-at", cell: |a, _| Cell::time(a.ended_at) },
    ];
    const PICKS: &'static [Pick<AlarmView>] = &[
        Pick {
            name: "component",
            title: "queue-component",
            of: |a, _| vec![(a.component.clone(), a.subject.clone())],
        },
        Pick {
            name: "state",
            title: "alarm-state",
            of: |a, page| vec![(a.state.to_owned(), page.word("alarm-state", a.state))],
        },
        Pick {
            name: "now",
            title: "alarm-now",
            of: |a, page| {
                vec![match a.ended_at {
                    None => ("open".to_owned(), page.t("alarm-goes-on")),
                    Some(_) => ("over".to_owned(), page.t("alarm-is-over")),
                }]
            },
        },
    ];
}

/// Title and text of a window about an alarm in one language, for an operator to change and announce.
pub fn announcement(
    alarm: &Alarm,
    words: Words,
    default: crate::domain::language::Language,
) -> (String, String) {
    let title = words.with("alarm-window-title", [("name", &subject(words, alarm, default))]);
    (title, update_text(alarm, words, default))
}

/// The text of an update about an alarm in one language, for an operator to change and post.
pub fn update_text(alarm: &Alarm, words: Words, default: crate::domain::language::Language) -> String {
    words.with("alarm-update-text", [("name", &subject(words, alarm, default))])
}

#[derive(Template)]
#[template(path = "staff/alarm_list.html")]
struct AlarmsPage {
    page: Page,
    alarms: Table<AlarmView>,
    /// What the reader sees only here: that a colleague was faster.
    conflict: String,
}

/// `GET /admin/alarms`
pub async fn list(
    app: web::Data<App>,
    request: HttpRequest,
    visitor: Visitor,
    query: Query,
    Viewer(actor): Viewer,
) -> Result<HttpResponse, Failure> {
    let asked = Asked::of::<AlarmView>(&query, &[], &[])?;
    let all = app.store.read(|c| alarms::latest(c, SHOWN)).await?;
    let page = Page::bare(&request, &visitor);
    let rows = views(&app, &page, &all);
    match table::answer(&app, &page, &actor, &asked, rows).await? {
        Answer::File(file) => Ok(file),
        Answer::Page(alarms) => private_page(&AlarmsPage { alarms, page, conflict: String::new() }),
    }
}

/// `POST /admin/alarms/{id}`: acknowledges or dismisses one.
pub async fn decide(
    app: web::Data<App>,
    request: HttpRequest,
    visitor: Visitor,
    id: web::Path<i64>,
    guard: Support,
    form: Form,
) -> Result<HttpResponse, Failure> {
    let id = id.into_inner();
    let state = match form.get("act") {
        "acknowledge" => AlarmState::Acknowledged,
        "dismiss" => AlarmState::Dismissed,
        _ => {
            // Whether there is such an alarm comes before what is wrong with the form.
            app.store.read(move |c| alarms::find(c, id)).await?;
            return Err(FieldErrors::one("act", "unknown-code").into());
        }
    };
    match app.store.write(move |w| alarms::decide(w, &guard.0, id, state)).await {
        Ok(()) => {
            // The next page of whoever decided must not tell of it any more; it is decided in any case.
            if let Err(error) = app.count_undecided_alarms().await {
                tracing::debug!(%error, "undecided alarms are counted a moment later");
            }
            Ok(see_other(match form.get("back") {
                "overview" => "/admin/",
                "alarms" => "/admin/alarms",
                _ => "/admin/reports",
            }))
        }
        Err(crate::store::Error::Conflict { params, .. }) => {
            let all = app.store.read(|c| alarms::latest(c, SHOWN)).await?;
            let page = Page::bare(&request, &visitor);
            let by = params.get("by").cloned().unwrap_or_default();
            let conflict = page.with("conflict-alarm-decided", [("by", &by)]);
            let alarms = table::whole(&page, views(&app, &page, &all));
            let shown = AlarmsPage { alarms, page, conflict };
            conflict_page(&shown)
        }
        Err(error) => Err(error.into()),
    }
}
