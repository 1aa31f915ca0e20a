//! The known issue behind a report: what it is, what it may be, and which reports are like it.

use actix_web::{HttpResponse, web};

use super::Offer;
use super::known_issues::one::Tick;
use crate::domain::fields::FieldErrors;
use crate::domain::language::Language;
use crate::domain::reference::ReportReference;
use crate::store::connection::Db;
use crate::store::known_issues::{self, Candidate, KnownIssue, Proposed};
use crate::store::reports::{Report, by_reference};
use crate::store::{Error, Result as StoreResult, Write};
use crate::web::app::App;
use crate::web::failure::Failure;
use crate::web::form::Form;
use crate::web::once::Once;
use crate::web::page::{Page, see_other};
use crate::web::visitor::Support;

/// How many similar reports are shown.
const SIMILAR: usize = 6;

/// What was read for the panel.
pub(super) struct Loaded {
    current: Option<KnownIssue>,
    proposed: Vec<Proposed>,
    similar: Vec<Candidate>,
}

/// Reads it.
pub(super) fn load(connection: &mut Db, report: &Report) -> StoreResult<Loaded> {
    Ok(Loaded {
        current: report.known_issue_id.map(|id| known_issues::by_id(connection, id)).transpose()?,
        proposed: known_issues::proposed(connection, report)?,
        similar: known_issues::similar(connection, report, SIMILAR)?,
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
}

impl KnownPanel {
    pub(super) fn of(page: &Page, loaded: Loaded, default: Language) -> KnownPanel {
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
                Offer { value: proposed.issue.fact.id.to_string(), label, selected: place == 0 && fits }
            })
            .collect();
        let similar = loaded.similar.into_iter();
        KnownPanel {
            current,
            offers,
            similar: similar.map(|c| Tick::of(c.listed, c.likeness, language, default)).collect(),
        }
    }
}

/// `POST /admin/reports/{reference}/known-issue`: links it, and the ticked ones with it, to a known
/// issue; to none; or leads on to making a new one from them.
pub async fn link(
    app: web::Data<App>,
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
    let once = Once::of_form(&form)?;
    let scope = format!("known issue of {reference}");
    let change = move |w: &mut Write<'_>| {
        once.act(w, &scope, |w| match issue {
            Some(issue) => known_issues::link(w, &actor, issue, &ids).map(drop),
            None => known_issues::set_link(w, &actor, ids[0], None),
        })
    };
    app.store.write(change).await.map_err(|error| match error {
        Error::NotFound => Error::field("known_issue", "no-such-known-issue"),
        other => other,
    })?;
    Ok(see_other(&format!("/admin/reports/{reference}?done=1")))
}
