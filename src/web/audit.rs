//! Who did what: the audit rows, newest first.

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use crate::domain::fields::FieldErrors;
use crate::store::audit::{self, AuditRow};
use crate::web::app::App;
use crate::web::failure::Failure;
use crate::web::form::Query;
use crate::web::page::{Page, private_page};
use crate::web::visitor::{Administrator, Visitor};

/// How many rows a page shows.
const SHOWN: i64 = 50;

#[derive(Template)]
#[template(path = "audit.html")]
struct AuditPage {
    page: Page,
    rows: Vec<AuditRow>,
    /// The id that the next page begins below, if there is a next page.
    next: Option<i64>,
    first: bool,
}

impl AuditPage {
    /// What was done, in the reader's words.
    fn action(&self, row: &AuditRow) -> String {
        self.page.word("action", &row.action.replace('.', "-"))
    }

    /// Who did it, in the reader's words.
    fn actor(&self, row: &AuditRow) -> String {
        match row.actor.split_once(':') {
            Some(("person", name)) => name.to_owned(),
            Some(("token", name)) => self.page.with("audit-token", [("name", name)]),
            _ if row.actor == "clock" => self.page.t("audit-clock"),
            _ => self.page.t("audit-command-line"),
        }
    }
}

/// `GET /admin/audit[?before=id]`
pub async fn list(
    app: web::Data<App>,
    request: HttpRequest,
    visitor: Visitor,
    query: Query,
    _guard: Administrator,
) -> Result<HttpResponse, Failure> {
    let query = query.only(&["before"])?;
    let before = match query.get("before") {
        "" => None,
        typed => Some(typed.parse::<i64>().map_err(|_| FieldErrors::one("before", "bad-cursor"))?),
    };
    let mut rows = app.store.read(move |c| audit::list(c, before, SHOWN + 1)).await?;
    let more = rows.len() > SHOWN as usize;
    rows.truncate(SHOWN as usize);
    let next = if more { rows.last().map(|row| row.id) } else { None };
    private_page(&AuditPage { page: Page::bare(&request, &visitor), rows, next, first: before.is_none() })
}
