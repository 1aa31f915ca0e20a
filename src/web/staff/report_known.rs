//! The known issue behind a report: what it is, what it may be, and which reports are like it.

use actix_web::{HttpRequest, HttpResponse, web};

use super::Offer;
use super::known_issues::one::Tick;
use super::known_issues::{Moving, moves};
use super::report;
use crate::domain::fields::FieldErrors;
use crate::domain::language::Language;
use crate::domain::reference::ReportReference;
use crate::store::connection::Db;
use crate::store::known_issues::{self, Candidate, KnownIssue, Moves, Proposed};
use crate::store::reports::list::{self, Listed};
use crate::store::reports::{Report, by_reference};
use crate::store::{Error, Result as StoreResult, Write};
use crate::web::app::App;
use crate::web::failure::Failure;
use crate::web::form::Form;
use crate::web::once::Once;
use crate::web::page::{Page, see_other};
use crate::web::visitor::{Support, Visitor};

/// How many similar reports are shown.
const SIMILAR: usize = 6;

/// What was read for the panel.
pub(super) struct Loaded {
    current: Option<KnownIssue>,
    proposed: Vec<Proposed>,
    similar: Vec<Candidate>,
    /// What was ticked and is not similar any more, for it is linked by now.
    ticked: Vec<Listed>,
    /// What was chosen and belongs to another known issue than the one chosen.
    elsewhere: Vec<(i64, KnownIssue)>,
}

/// What was chosen in the panel.
#[derive(Debug, Clone, Default)]
pub(super) struct Chosen {
    reports: Vec<i64>,
    issue: Option<i64>,
}

impl Chosen {
    /// What a form says, as far as it can be read.
    pub(super) fn of(reference: ReportReference, form: &Form) -> Chosen {
        let Ok(issue) = form.get("known_issue").parse() else { return Chosen::default() };
        let ticked = form.all("similar").filter_map(ReportReference::parse).map(|r| r.0);
        Chosen { reports: [reference.0].into_iter().chain(ticked).collect(), issue: Some(issue) }
    }
}

/// Reads it, with what was chosen if somebody was faster.
pub(super) fn load(connection: &mut Db, report: &Report, chosen: &Chosen) -> StoreResult<Loaded> {
    let similar = known_issues::similar(connection, report, SIMILAR)?;
    let mut ticked = Vec::new();
    for id in chosen.reports.iter().filter(|id| **id != report.id) {
        if similar.iter().all(|candidate| candidate.listed.report.id != *id) {
            match by_reference(connection, ReportReference(*id)) {
                Ok(report) => ticked.push(list::listed(connection, report)?),
                Err(Error::NotFound) => {}
                Err(error) => return Err(error),
            }
        }
    }
    Ok(Loaded {
        ticked,
        elsewhere: known_issues::elsewhere(connection, &chosen.reports, chosen.issue)?,
        current: report.known_issue_id.map(|id| known_issues::by_id(connection, id)).transpose()?,
        proposed: known_issues::proposed(connection, report)?,
        similar,
    })
}

/// What the panel shows.
pub(super) struct KnownPanel {
    /// Number, title and status of the known issue that it is linked to.
    pub(super) current: Option<(i64, String, &'static str)>,
    /// The known issues that it may be linked to, those that fit first.
    pub(super) offers: Vec<Offer>,
    /// The reports that are like it.
    pub(super) similar: Vec<Tick>,
    /// What was chosen and belongs to another known issue by now.
    pub(super) moving: Vec<Moving>,
}

impl KnownPanel {
    pub(super) fn of(page: &Page, loaded: Loaded, form: &Form, default: Language) -> KnownPanel {
        let language = page.language();
        let title = |issue: &KnownIssue| issue.title(language, default).to_owned();
        let current = loaded.current.map(|i| (i.fact.id, title(&i), i.fact.status.code()));
        let linked = current.as_ref().map(|(id, ..)| *id);
        let offers = loaded
            .proposed
            .iter()
            .filter(|p| Some(p.issue.fact.id) != linked)
            .enumerate()
            .map(|(place, proposed)| {
                let name = title(&proposed.issue);
                let fits = proposed.likeness > 0.0;
                let label = if fits { page.with("known-fits", [("title", &name)]) } else { name };
                let value = proposed.issue.fact.id.to_string();
                let selected = match form.get("known_issue") {
                    "" => place == 0 && fits,
                    chosen => value == chosen,
                };
                Offer { value, label, selected }
            })
            .collect();
        let similar = loaded.similar.into_iter().map(|c| (c.listed, c.likeness));
        let all = loaded.ticked.into_iter().map(|listed| (listed, 0.0)).chain(similar);
        let ticks = all.map(|(listed, likeness)| {
            let tick = Tick::of(listed, likeness, language, default);
            Tick { checked: form.has_value("similar", &tick.reference), ..tick }
        });
        KnownPanel {
            current,
            offers,
            similar: ticks.collect(),
            moving: Moving::of(loaded.elsewhere, language, default),
        }
    }
}

/// `POST /admin/reports/{reference}/known-issue`: links it, and the ticked ones with it, to a known
/// issue; to none; or leads on to making a new one from them. Whoever saw something else than there is
/// by now is shown what there is, and takes nothing away unseen.
pub async fn link(
    app: web::Data<App>,
    request: HttpRequest,
    visitor: Visitor,
    path: web::Path<String>,
    guard: Support,
    form: Form,
) -> Result<HttpResponse, Failure> {
    let reference = ReportReference::parse(&path).ok_or(Failure::NOT_FOUND)?;
    app.store.read(move |c| by_reference(c, reference)).await?;
    let mut all = vec![reference];
    for text in form.all("similar") {
        all.push(ReportReference::parse_field("similar", text)?);
    }
    if form.get("act") == "new" {
        let query = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(all.iter().map(|r| ("report", r.to_string())))
            .finish();
        return Ok(see_other(&format!("/admin/known-issues/new?{query}")));
    }
    let issue = match form.get("known_issue") {
        "" => None,
        number => Some(number.parse().map_err(|_| FieldErrors::one("known_issue", "no-such-known-issue"))?),
    };
    let (actor, ids) = (guard.0.clone(), all.iter().map(|r| r.0).collect::<Vec<i64>>());
    let (seen, mut seen_moves) = (Seen::of(&form), moves(&form));
    if let Some(Some(from)) = seen.issue {
        // Whoever saw where this one is linked moves it knowingly.
        seen_moves.push((reference.0, from));
    }
    let once = Once::of_form(&form)?;
    let scope = format!("known issue of {reference}");
    let change = move |w: &mut Write<'_>| {
        once.act(w, &scope, |w| {
            seen.check(&by_reference(w.connection, reference)?)?;
            match issue {
                Some(issue) => {
                    let moves = Moves::Seen(&seen_moves);
                    known_issues::link_moving(w, &actor, issue, &ids, moves).map(drop)
                }
                None => known_issues::set_link(w, &actor, reference.0, None),
            }
        })
    };
    match app.store.write(change).await {
        Ok(()) => Ok(see_other(&format!("/admin/reports/{reference}?done=1"))),
        Err(Error::Stale | Error::Conflict { code: "known-issue-other", .. }) => {
            report::overtaken(&app, &request, &visitor, reference, form).await
        }
        Err(Error::NotFound) => Err(Error::field("known_issue", "no-such-known-issue").into()),
        Err(error) => Err(error.into()),
    }
}

/// What the form showed of the report.
struct Seen {
    revision: Option<i64>,
    /// What it was linked to; the inner nothing: to none.
    issue: Option<Option<i64>>,
}

impl Seen {
    fn of(form: &Form) -> Seen {
        let issue = form.has("seen_known").then(|| form.get("seen_known").parse().ok());
        Seen { revision: form.get("revision").parse().ok(), issue }
    }

    /// Errors: [`Error::Stale`] if the report is not as it was seen.
    fn check(&self, report: &Report) -> StoreResult<()> {
        let same = self.revision.is_none_or(|revision| revision == report.revision)
            && self.issue.is_none_or(|issue| issue == report.known_issue_id);
        if same { Ok(()) } else { Err(Error::Stale) }
    }
}
