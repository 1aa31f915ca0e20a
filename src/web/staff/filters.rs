//! Filters of the queue kept under a name: saved from the queue, seen and forgotten here.

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use crate::domain::fields::FieldErrors;
use crate::domain::line::Line;
use crate::domain::report_filter::Filter;
use crate::export::Cell;
use crate::store::Error;
use crate::store::saved_filters::{self, NAME_MAX, SavedFilter};
use crate::web::app::App;
use crate::web::confirm::Final;
use crate::web::failure::Failure;
use crate::web::form::{Form, Query};
use crate::web::page::{Page, form_again, private_page, see_other};
use crate::web::table::{self, Answer, Asked, Column, Pick, Table, Tabular};
use crate::web::visitor::{Viewer, Visitor};

#[derive(Template)]
#[template(path = "staff/filters.html")]
struct FiltersPage {
    page: Page,
    form: Form,
    errors: FieldErrors,
    filters: Table<SavedFilter>,
    done: String,
}

impl Tabular for SavedFilter {
    const NAME: &'static str = "filters";
    const PLACE: &'static str = "filters-caption";
    const COLUMNS: &'static [Column<SavedFilter>] = &[
        Column { name: "name", title: "filters-name", cell: |f, _| Cell::Text(f.name.clone()) },
        Column { name: "owner", title: "filters-owner", cell: |f, _| Cell::Text(f.owner.clone()) },
        Column { name: "shared", title: "filters-shared", cell: |f, page| Cell::Word(page.t(whose(f))) },
    ];
    const PICKS: &'static [Pick<SavedFilter>] = &[
        Pick { name: "owner", title: "filters-owner", of: |f, _| vec![(f.owner.clone(), f.owner.clone())] },
        Pick {
            name: "shared",
            title: "filters-shared",
            of: |f, page| vec![((if f.shared { "all" } else { "own" }).to_owned(), page.t(whose(f)))],
        },
    ];
}

/// Who sees a filter, as the key of its words.
fn whose(filter: &SavedFilter) -> &'static str {
    if filter.shared { "filters-with-all" } else { "filters-own" }
}

/// `GET /admin/filters`
pub async fn list(
    app: web::Data<App>,
    request: HttpRequest,
    visitor: Visitor,
    query: Query,
    guard: Viewer,
) -> Result<HttpResponse, Failure> {
    let asked = Asked::of::<SavedFilter>(&query, &["done"], &[])?;
    let (page, actor) = (Page::bare(&request, &visitor), guard.0.clone());
    let filters = app.store.read(move |c| saved_filters::list(c, &guard.0)).await?;
    match table::answer(&app, &page, &actor, &asked, filters).await? {
        Answer::File(file) => Ok(file),
        Answer::Page(filters) => private_page(&FiltersPage {
            page,
            form: Form::default(),
            errors: FieldErrors::new(),
            filters,
            done: query.done(&["forgotten"]),
        }),
    }
}

/// The query as the filter and its order write it again: nothing that somebody made up is kept.
fn tidy(app: &App, text: &str) -> Result<String, FieldErrors> {
    let wrong = |_| FieldErrors::one("query", "bad-filter");
    let query = Query::parse(text).map_err(wrong)?;
    let filter = Filter::parse(query.pairs(), app.settings().time_zone, app.now()).map_err(wrong)?;
    let sort = super::reports::sort(query.get("sort")).map_err(wrong)?;
    Ok(super::choices::with_sort(&filter, sort))
}

/// `POST /admin/filters`
pub async fn keep(
    app: web::Data<App>,
    request: HttpRequest,
    visitor: Visitor,
    form: Form,
    guard: Viewer,
) -> Result<HttpResponse, Failure> {
    let mut errors = FieldErrors::new();
    let name = errors.keep(Line::required("name", form.get("name"), NAME_MAX));
    let query = errors.keep(tidy(&app, form.get("query")));
    let (actor, shared) = (guard.0.clone(), form.has("shared"));
    if let (Some(name), Some(query), true) = (name, query, errors.is_empty()) {
        let to = format!("/admin/reports?{query}");
        match app.store.write(move |w| saved_filters::keep(w, &actor, name.as_str(), &query, shared)).await {
            Ok(()) => return Ok(see_other(to.trim_end_matches('?'))),
            Err(Error::Invalid(wrong)) => errors = wrong,
            Err(error) => return Err(error.into()),
        }
    }
    let filters = app.store.read(move |c| saved_filters::list(c, &guard.0)).await?;
    let page = Page::bare(&request, &visitor);
    let filters = table::whole(&page, filters);
    form_again(&FiltersPage { page, form, errors, filters, done: String::new() })
}

/// `POST /admin/filters/{id}`: forgets one of one's own, confirmed by typing its name.
pub async fn remove(
    app: web::Data<App>,
    request: HttpRequest,
    visitor: Visitor,
    id: web::Path<i64>,
    form: Form,
    guard: Viewer,
) -> Result<HttpResponse, Failure> {
    let (id, actor) = (id.into_inner(), guard.0.clone());
    let filters = app.store.read(move |c| saved_filters::list(c, &actor)).await?;
    let filter = filters.into_iter().find(|f| f.own && f.id == id).ok_or(Failure::NOT_FOUND)?;
    let page = Page::bare(&request, &visitor);
    let seen_by = if filter.shared { "confirm-filter-shared" } else { "confirm-filter-own" };
    let act = Final {
        title: page.with("confirm-filter", [("name", &filter.name)]),
        says: vec![page.t(seen_by)],
        quotes: Vec::new(),
        word: filter.name,
        button: page.t("filters-forget"),
        back: "/admin/filters".to_owned(),
    };
    if let Some(asked) = act.unless_typed(page, &form)? {
        return Ok(asked);
    }
    app.store.write(move |w| saved_filters::remove(w, &guard.0, id)).await?;
    Ok(see_other("/admin/filters?done=forgotten"))
}
