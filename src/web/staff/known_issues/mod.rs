//! Known issues, for staff: the list, one of them, making and changing it, and its me-toos.

pub mod edit;
pub mod me_too;
pub mod one;

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use crate::domain::instant::Instant;
use crate::domain::known_issue::IssueStatus;
use crate::domain::language::Language;
use crate::domain::reference::ReportReference;
use crate::export::Cell;
use crate::store::components::Component as Named;
use crate::store::known_issues::{self, Filter, KnownIssue};
use crate::store::me_toos;
use crate::web::app::App;
use crate::web::failure::Failure;
use crate::web::form::{Form, Query};
use crate::web::page::{Page, private_page};
use crate::web::table::{self, Answer, Asked, Column, Pick, Table, Tabular};
use crate::web::visitor::{Viewer, Visitor};

/// How many known issues the list goes back.
const SHOWN: i64 = 10_000;

/// A known issue as a row of the list.
struct Row {
    id: i64,
    title: String,
    status: IssueStatus,
    public: bool,
    /// Slug and title of its window, if it belongs to one.
    window: Option<(String, String)>,
    /// Keys and names.
    components: Vec<(String, String)>,
    reports: i64,
    me_toos: i64,
    /// How many of those wrote or say that it is not fixed, and wait for an answer.
    waiting: i64,
    changed_at: Instant,
}

impl Row {
    fn of(app: &App, page: &Page, issue: &KnownIssue, waiting: i64) -> Row {
        let (language, default) = (page.language(), app.settings().default_language);
        let named = |c: &Named| (c.key.clone(), c.label(language, default).to_owned());
        Row {
            id: issue.fact.id,
            title: issue.title(language, default).to_owned(),
            status: issue.fact.status,
            public: issue.fact.public,
            window: issue.window.as_ref().map(|w| (w.slug.clone(), w.label(language, default).to_owned())),
            components: issue.components.iter().map(named).collect(),
            reports: issue.fact.reports,
            me_toos: issue.fact.me_toos,
            waiting,
            changed_at: issue.fact.changed_at,
        }
    }

    fn window(&self, page: &Page) -> (String, String) {
        self.window.clone().unwrap_or_else(|| ("none".to_owned(), page.t("known-no-window")))
    }

    fn affected(&self, page: &Page) -> String {
        let names: Vec<&str> = self.components.iter().map(|(_, name)| name.as_str()).collect();
        names.join(&page.t("windows-comma"))
    }

    fn seen(&self) -> (&'static str, &'static str) {
        if self.public { ("public", "known-public") } else { ("internal", "known-internal") }
    }
}

impl Tabular for Row {
    const NAME: &'static str = "known-issues";
    const PLACE: &'static str = "known-caption";
    const COLUMNS: &'static [Column<Row>] = &[
        Column { name: "title", title: "known-issue", cell: |r, _| Cell::Text(r.title.clone()) },
        Column {
            name: "status",
            title: "queue-status",
            cell: |r, page| Cell::Word(page.word("known-status", r.status.code())),
        },
        Column { name: "seen", title: "known-visible", cell: |r, page| Cell::Word(page.t(r.seen().1)) },
        Column { name: "window", title: "queue-window", cell: |r, page| Cell::Text(r.window(page).1) },
        Column {
            name: "component",
            title: "queue-component",
            cell: |r, page| Cell::text(Some(r.affected(page))),
        },
        Column { name: "reports", title: "known-reports", cell: |r, _| Cell::Number(r.reports) },
        Column { name: "me-toos", title: "known-me-toos", cell: |r, _| Cell::Number(r.me_toos) },
        Column { name: "waiting", title: "known-waiting", cell: |r, _| Cell::Number(r.waiting) },
        Column { name: "changed", title: "known-changed", cell: |r, _| Cell::Time(r.changed_at) },
    ];
    const PICKS: &'static [Pick<Row>] = &[
        Pick {
            name: "status",
            title: "queue-status",
            of: |r, page| {
                let own = (r.status.code().to_owned(), page.word("known-status", r.status.code()));
                let open = ("open".to_owned(), page.t("known-open"));
                if IssueStatus::OPEN.contains(&r.status) { vec![own, open] } else { vec![own] }
            },
        },
        Pick { name: "window", title: "queue-window", of: |r, page| vec![r.window(page)] },
        Pick { name: "component", title: "queue-component", of: |r, _| r.components.clone() },
        Pick {
            name: "seen",
            title: "known-visible",
            of: |r, page| vec![(r.seen().0.to_owned(), page.t(r.seen().1))],
        },
        Pick {
            name: "waiting",
            title: "known-waiting",
            of: |r, page| {
                let some = ("yes".to_owned(), page.t("known-waiting-some"));
                if r.waiting > 0 { vec![some] } else { Vec::new() }
            },
        },
    ];
}

#[derive(Template)]
#[template(path = "known/list.html")]
struct ListPage {
    page: Page,
    issues: Table<Row>,
}

/// `GET /admin/known-issues`
pub async fn list(
    app: web::Data<App>,
    request: HttpRequest,
    visitor: Visitor,
    query: Query,
    Viewer(actor): Viewer,
) -> Result<HttpResponse, Failure> {
    let asked = Asked::of::<Row>(&query, &[], &[])?;
    let (found, waiting) = app
        .store
        .read(|c| Ok((known_issues::list(c, &Filter::default(), None, SHOWN)?, me_toos::waiting(c)?)))
        .await?;
    let page = Page::bare(&request, &visitor);
    let rows = found
        .items
        .iter()
        .map(|issue| Row::of(&app, &page, issue, waiting.get(&issue.fact.id).copied().unwrap_or(0)));
    let rows = rows.collect();
    match table::answer(&app, &page, &actor, &asked, rows).await? {
        Answer::File(file) => Ok(file),
        Answer::Page(issues) => private_page(&ListPage { page, issues }),
    }
}

fn number(path: &str) -> Result<i64, Failure> {
    path.parse().map_err(|_| Failure::NOT_FOUND)
}

/// A report that belongs to another known issue by now. Sent again with this, it is taken from there.
pub struct Moving {
    /// Its name.
    pub reference: String,
    /// The known issue that it belongs to.
    pub issue: i64,
    /// What that is called.
    pub title: String,
}

impl Moving {
    /// What a page shows of those that [`known_issues::elsewhere`] found.
    pub fn of(found: Vec<(i64, KnownIssue)>, language: Language, default: Language) -> Vec<Moving> {
        let moving = |(report, issue): (i64, KnownIssue)| Moving {
            reference: ReportReference(report).to_string(),
            issue: issue.fact.id,
            title: issue.title(language, default).to_owned(),
        };
        found.into_iter().map(moving).collect()
    }
}

/// The reports that the form takes from another known issue: each with the one that it was seen at.
pub fn moves(form: &Form) -> Vec<(i64, i64)> {
    let one = |text: &str| {
        let (reference, issue) = text.split_once('/')?;
        Some((ReportReference::parse(reference)?.0, issue.parse().ok()?))
    };
    form.all("move").filter_map(one).collect()
}
