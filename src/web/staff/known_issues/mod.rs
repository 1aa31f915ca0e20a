//! Known issues, for staff: the list, one of them, making and changing it, and its me-toos.

pub mod edit;
pub mod me_too;
pub mod one;

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use super::{Offer, codes};
use crate::domain::fields::FieldErrors;
use crate::domain::known_issue::IssueStatus;
use crate::store::components;
use crate::store::known_issues::{self, KnownIssue};
use crate::store::reports::list;
use crate::web::api::known_issues::filter;
use crate::web::app::App;
use crate::web::failure::Failure;
use crate::web::form::Query;
use crate::web::page::{Page, form_again, private_page};
use crate::web::visitor::{Viewer, Visitor};

/// How many known issues a page shows.
const PAGE: i64 = 50;
/// How many windows a choice offers, the latest first.
const WINDOWS: i64 = 100;

/// A known issue as a row of the list.
struct Row {
    id: i64,
    title: String,
    status: &'static str,
    public: bool,
    window: String,
    components: String,
    reports: i64,
    me_toos: i64,
    changed: String,
}

impl Row {
    fn of(app: &App, page: &Page, issue: &KnownIssue) -> Row {
        let (language, default) = (page.language(), app.settings().default_language);
        let names: Vec<&str> = issue.components.iter().map(|c| c.label(language, default)).collect();
        Row {
            id: issue.fact.id,
            title: issue.title(language, default).to_owned(),
            status: issue.fact.status.code(),
            public: issue.fact.public,
            window: issue.window.as_ref().map(|w| w.label(language, default).to_owned()).unwrap_or_default(),
            components: names.join(&page.t("windows-comma")),
            reports: issue.fact.reports,
            me_toos: issue.fact.me_toos,
            changed: page.stamp(&issue.fact.changed_at),
        }
    }
}

#[derive(Template)]
#[template(path = "known/list.html")]
struct ListPage {
    page: Page,
    errors: FieldErrors,
    statuses: Vec<Offer>,
    windows: Vec<Offer>,
    components: Vec<Offer>,
    filtered: bool,
    rows: Vec<Row>,
    next: String,
}

/// `GET /admin/known-issues`
pub async fn list(
    app: web::Data<App>,
    request: HttpRequest,
    visitor: Visitor,
    query: Query,
    _guard: Viewer,
) -> Result<HttpResponse, Failure> {
    let query = query.only(&["window", "component", "status", "cursor"])?;
    let before: Option<i64> = query.get("cursor").parse().ok();
    let mut errors = FieldErrors::new();
    let asked = errors.keep(filter(&query));
    let (found, windows, all) = app
        .store
        .read(move |c| {
            let found = match asked {
                Some(asked) => match known_issues::list(c, &asked, before, PAGE) {
                    Ok(found) => Ok(Some(found)),
                    Err(crate::store::Error::Invalid(errors)) => Err(errors),
                    Err(error) => return Err(error),
                },
                None => Ok(None),
            };
            Ok((found, list::recent_windows(c, WINDOWS)?, components::list(c)?))
        })
        .await?;
    let found = errors.keep(found).flatten();
    let page = Page::bare(&request, &visitor);
    let (language, default) = (page.language(), app.settings().default_language);
    let chosen = |name: &'static str| query.get(name);
    let mut statuses =
        codes(&page, "known-status", IssueStatus::ALL.iter().map(|s| s.code()), chosen("status"));
    statuses.insert(0, Offer::new("open", page.t("known-open"), chosen("status")));
    statuses.insert(0, Offer::new("", page.t("queue-all"), chosen("status")));
    let mut windows: Vec<Offer> = windows
        .iter()
        .map(|w| Offer::new(&w.slug, w.label(language, default).to_owned(), chosen("window")))
        .collect();
    windows.insert(0, Offer::new("none", page.t("known-no-window"), chosen("window")));
    windows.insert(0, Offer::new("", page.t("queue-all"), chosen("window")));
    let mut offered: Vec<Offer> = all
        .iter()
        .map(|c| Offer::new(&c.key, c.label(language, default).to_owned(), chosen("component")))
        .collect();
    offered.insert(0, Offer::new("", page.t("queue-all"), chosen("component")));
    let next = found.as_ref().and_then(|f| f.next).map_or_else(String::new, |id| {
        form_urlencoded::Serializer::new(String::new())
            .extend_pairs(query.pairs().iter().filter(|(name, _)| name != "cursor" && name != "lang"))
            .append_pair("cursor", &id.to_string())
            .finish()
    });
    let wrong = !errors.is_empty();
    let view = ListPage {
        rows: found
            .map(|f| f.items.iter().map(|issue| Row::of(&app, &page, issue)).collect())
            .unwrap_or_default(),
        filtered: ["window", "component", "status"].iter().any(|name| !query.get(name).is_empty()),
        errors,
        statuses,
        windows,
        components: offered,
        next,
        page,
    };
    if wrong { form_again(&view) } else { private_page(&view) }
}

fn number(path: &str) -> Result<i64, Failure> {
    path.parse().map_err(|_| Failure::NOT_FOUND)
}
