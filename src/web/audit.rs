//! Who did what: the audit rows, by who, what, which thing and when, sorted by each of them; and as a file.
//! The log grows without end, so the database narrows and sorts it, and pages go on from a row.

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use crate::domain::fields::FieldErrors;
use crate::domain::person::Role;
use crate::domain::report::Status;
use crate::domain::report_filter::Filter;
use crate::export::{self, Cell, Column, Format, Style};
use crate::i18n::Words;
use crate::store::audit::{self, AuditFilter, AuditRow, Order, Place, Sort, Wanted};
use crate::store::connection::Db;
use crate::web::app::App;
use crate::web::failure::Failure;
use crate::web::form::{Form, Query};
use crate::web::page::{Page, form_again, private_page};
use crate::web::stream;
use crate::web::table::{self, Heading};
use crate::web::visitor::{Administrator, Visitor};

/// How many rows a page shows.
const SHOWN: i64 = 50;
/// How many rows of a file are read at once.
const READ: i64 = 1_000;
/// The fields of the filter.
const FIELDS: &[&str] = &["who", "what", "thing", "from", "to"];

/// The columns that sort, with their titles.
const COLUMNS: &[(Sort, &str)] = &[
    (Sort::Time, "audit-when"),
    (Sort::Who, "audit-who"),
    (Sort::What, "audit-what"),
    (Sort::Thing, "audit-thing"),
];

/// A choice of the filter: its value and its words.
struct Choice {
    value: String,
    words: String,
}

#[derive(Template)]
#[template(path = "audit.html")]
struct AuditPage {
    page: Page,
    form: Form,
    errors: FieldErrors,
    actors: Vec<Choice>,
    actions: Vec<Choice>,
    rows: Vec<AuditRow>,
    head: Head,
    /// The filter and the order as a query, without what only turns pages; empty if everything is shown as
    /// it came in.
    query: String,
    /// The same without the order.
    filter: String,
    /// The order as it was asked for; nothing if it was not.
    sort: String,
    /// The query of the next page, if there is one.
    next: Option<String>,
    first: bool,
}

/// The titles, for the macro of all tables.
struct Head {
    headings: Vec<Heading>,
}

/// How the log is sorted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Sorted {
    sort: Sort,
    descends: bool,
}

impl Sorted {
    /// Newest first.
    const USUAL: Sorted = Sorted { sort: Sort::Time, descends: true };

    /// Reads `sort`, as all tables have it. Error: `unknown-code`.
    fn parse(text: &str) -> Result<Sorted, FieldErrors> {
        if text.is_empty() {
            return Ok(Sorted::USUAL);
        }
        let sort = Sort::from_code(text.strip_prefix('-').unwrap_or(text));
        let sort = sort.ok_or_else(|| FieldErrors::one("sort", "unknown-code"))?;
        Ok(Sorted { sort, descends: text.starts_with('-') })
    }

    fn name(self) -> String {
        format!("{}{}", if self.descends { "-" } else { "" }, self.sort)
    }

    /// Reads where the list goes on: a row, and behind it whatever it is sorted by. Error: `bad-cursor`.
    fn place(self, text: &str) -> Result<Option<Place>, FieldErrors> {
        if text.is_empty() {
            return Ok(None);
        }
        let (id, value) = match self.sort {
            Sort::Time => (text, ""),
            _ => text.split_once('.').unwrap_or(("", "")),
        };
        let id = id.parse::<i64>().ok().filter(|_| !value.contains('\0'));
        let id = id.ok_or_else(|| FieldErrors::one("before", "bad-cursor"))?;
        Ok(Some(Place { id, value: value.to_owned() }))
    }

    /// A place as [`Sorted::place`] reads it.
    fn written(self, place: &Place) -> String {
        match self.sort {
            Sort::Time => place.id.to_string(),
            _ => format!("{}.{}", place.id, place.value),
        }
    }

    /// The order as the database needs it: people and acts by their words in the reader's alphabet.
    fn order(
        self,
        c: &mut Db,
        filter: &AuditFilter,
        after: Option<&Place>,
        words: Words,
    ) -> crate::store::Result<Order> {
        let mut values = audit::every(c, filter, self.sort)?;
        let said: Option<fn(Words, &str) -> String> = match self.sort {
            Sort::Who => Some(actor_words),
            Sort::What => Some(action_words),
            Sort::Time | Sort::Thing => None,
        };
        if let Some(said) = said {
            // The rows of the value where the last page ended may be gone since; its place is not.
            let gone = after.filter(|place| values.iter().all(|(value, _)| *value != place.value));
            values.extend(gone.map(|place| (place.value.clone(), 0)));
            let alphabet = table::Order::of(words.0);
            let mut keyed: Vec<(String, (String, i64))> =
                values.into_iter().map(|value| (said(words, &value.0), value)).collect();
            keyed.sort_by(|(a, x), (b, y)| alphabet.texts(a, b).then_with(|| x.cmp(y)));
            values = keyed.into_iter().map(|(_, value)| value).collect();
        }
        Ok(Order { sort: self.sort, descends: self.descends, values })
    }
}

/// Who did it, in the reader's words.
fn actor_words(words: Words, actor: &str) -> String {
    match actor.split_once(':') {
        Some(("person", name)) => name.to_owned(),
        Some(("token", name)) => words.with("audit-token", [("name", name)]),
        _ => match actor {
            "clock" => words.t("audit-clock"),
            "provider" => words.t("audit-provider"),
            "reporter" => words.t("audit-reporter"),
            "unknown" => words.t("audit-unknown"),
            _ => words.t("audit-command-line"),
        },
    }
}

/// What was done, in the reader's words.
fn action_words(words: Words, action: &str) -> String {
    words.word("action", &action.replace('.', "-"))
}

/// What a row says beside the thing, in the reader's words where it is made of codes.
fn detail_words(words: Words, row: &AuditRow) -> String {
    match row.action.as_str() {
        "login" | "login.refused"
            if ["password", "code", "recovery", "provider"].contains(&row.detail.as_str()) =>
        {
            words.word("login-by", &row.detail)
        }
        "person.add" | "person.role" | "invitation.create" | "invitation.accept"
            if Role::from_code(&row.detail).is_some() =>
        {
            words.word("role", &row.detail)
        }
        "report.status" => {
            let word = |code: &str| Status::from_code(code).map(|_| words.word("status", code));
            let both =
                row.detail.split_once(" → ").and_then(|(was, became)| Some((word(was)?, word(became)?)));
            both.map_or_else(|| row.detail.clone(), |(was, became)| format!("{was} → {became}"))
        }
        _ => row.detail.clone(),
    }
}

impl AuditPage {
    fn action(&self, row: &AuditRow) -> String {
        action_words(self.page.words, &row.action)
    }

    fn actor(&self, row: &AuditRow) -> String {
        actor_words(self.page.words, &row.actor)
    }

    fn detail(&self, row: &AuditRow) -> String {
        detail_words(self.page.words, row)
    }

    fn is(&self, field: &str, value: &str) -> bool {
        self.form.get(field) == value
    }
}

fn wanted(text: &str) -> Option<Wanted> {
    match (text, text.strip_suffix('*')) {
        ("" | "*", _) => None,
        (_, Some(start)) => Some(Wanted::Begins(start.to_owned())),
        (text, None) => Some(Wanted::Is(text.to_owned())),
    }
}

/// The filter in a query. Times are read as everywhere else. Errors: `too-long`, and those of times.
fn filter(query: &Query, page: &Page, app: &App) -> Result<AuditFilter, FieldErrors> {
    let mut errors = FieldErrors::new();
    let get = |field: &str| query.get(field).trim().to_owned();
    for field in ["who", "what", "thing"] {
        if let Some((code, params)) = crate::domain::line::text_problem(&get(field), 200, false) {
            errors.0.push(crate::domain::fields::FieldError { field: field.to_owned(), code, params });
        }
    }
    let times: Vec<(String, String)> =
        ["from", "to"].iter().map(|field| ((*field).to_owned(), get(field))).collect();
    let times = errors.keep(Filter::parse(&times, page.zone, app.now())).unwrap_or_default();
    errors.or(AuditFilter {
        actor: Some(get("who")).filter(|who| !who.is_empty()),
        action: wanted(&get("what")),
        thing: wanted(&get("thing")),
        from: times.from,
        to: times.to,
    })
}

/// Those of these fields that say something, and what more there is, as a query.
fn written(query: &Query, fields: &[&str], more: &[(&str, &str)]) -> String {
    let mut out = form_urlencoded::Serializer::new(String::new());
    for field in fields {
        let value = query.get(field).trim();
        if !value.is_empty() {
            out.append_pair(field, value);
        }
    }
    out.extend_pairs(more);
    out.finish()
}

fn headings(page: &Page, query: &Query, sorted: Sorted) -> Vec<Heading> {
    let heading = |(sort, title): &(Sort, &str)| {
        let descends = (*sort == sorted.sort).then_some(sorted.descends);
        // A log is read from its end; what has a name is looked for at its beginning.
        let descends_then = descends.map_or(*sort == Sort::Time, |descends| !descends);
        let to = Sorted { sort: *sort, descends: descends_then }.name();
        Heading {
            label: page.t(title),
            numbers: false,
            to: format!("{}?{}#rows", page.path, written(query, FIELDS, &[("sort", &to)])),
            sorted: table::aria_sort(descends),
        }
    };
    COLUMNS.iter().map(heading).collect()
}

/// `GET /admin/audit[?who=&what=&thing=&from=&to=&sort=&before=place]`
pub async fn list(
    app: web::Data<App>,
    request: HttpRequest,
    visitor: Visitor,
    query: Query,
    _guard: Administrator,
) -> Result<HttpResponse, Failure> {
    let query = query.only(&[FIELDS, &["sort", "before"]].concat())?;
    let sorted = Sorted::parse(query.get("sort"))?;
    let after = sorted.place(query.get("before"))?;
    let page = Page::bare(&request, &visitor);
    let asked = filter(&query, &page, &app);
    let (looked_for, errors) = match asked {
        Ok(filter) => (Some(filter), FieldErrors::new()),
        Err(errors) => (None, errors),
    };
    let (words, first) = (page.words, after.is_none());
    let read = app.store.read(move |c| {
        let rows = match &looked_for {
            Some(filter) => {
                let order = sorted.order(c, filter, after.as_ref(), words)?;
                audit::find(c, filter, &order, after.as_ref(), SHOWN + 1)?
            }
            None => Vec::new(),
        };
        Ok((rows, audit::occurring(c)?))
    });
    let (mut rows, (actors, actions)) = read.await?;
    let more = rows.len() > SHOWN as usize;
    rows.truncate(SHOWN as usize);
    let kept = [FIELDS, &["sort"]].concat();
    let next = rows.last().filter(|_| more).map(|row| {
        let place = sorted.written(&Place::of(row, sorted.sort));
        written(&query, &kept, &[("before", &place)])
    });
    let form = FIELDS.iter().fold(Form::default(), |form, field| form.set(field, query.get(field)));
    let alphabet = table::Order::of(words.0);
    let choices = |values: Vec<String>, said: fn(Words, &str) -> String| -> Vec<Choice> {
        let mut choices: Vec<Choice> =
            values.into_iter().map(|value| Choice { words: said(words, &value), value }).collect();
        choices.sort_by(|a, b| alphabet.texts(&a.words, &b.words));
        choices
    };
    let (actors, actions) = (choices(actors, actor_words), choices(actions, action_words));
    let wrong = !errors.is_empty();
    let page = AuditPage {
        head: Head { headings: headings(&page, &query, sorted) },
        query: written(&query, &kept, &[]),
        filter: written(&query, FIELDS, &[]),
        sort: query.get("sort").to_owned(),
        page,
        form,
        errors,
        actors,
        actions,
        rows,
        next,
        first,
    };
    if wrong { form_again(&page) } else { private_page(&page) }
}

/// A row of a file. Programs get codes; a workbook is for people and says what the page says.
fn cells(row: AuditRow, words: Option<Words>) -> Vec<Cell> {
    match words {
        None => vec![
            Cell::Number(row.id),
            Cell::Time(row.at),
            Cell::Text(row.actor),
            Cell::Word(row.action),
            Cell::Text(row.thing),
            Cell::Text(row.detail),
        ],
        Some(words) => vec![
            Cell::Time(row.at),
            Cell::Text(actor_words(words, &row.actor)),
            Cell::Word(action_words(words, &row.action)),
            Cell::text(Some(row.thing.as_str())),
            Cell::text(Some(detail_words(words, &row))),
        ],
    }
}

/// `GET /admin/audit/audit.csv`, `.jsonl` and `.xlsx`, with the same filter and in the same order as the page
/// shows them; the first two in codes and UTC. That it was exported is noted as well.
pub async fn export(
    app: web::Data<App>,
    request: HttpRequest,
    visitor: Visitor,
    file: web::Path<String>,
    query: Query,
    Administrator(actor): Administrator,
) -> Result<HttpResponse, Failure> {
    let format = file.strip_prefix("audit.").and_then(Format::from_code).ok_or(Failure::NOT_FOUND)?;
    let query = query.only(&[FIELDS, &["sort"]].concat())?;
    let sorted = Sorted::parse(query.get("sort"))?;
    let page = Page::bare(&request, &visitor);
    let filter = filter(&query, &page, &app)?;
    let detail = written(&query, &[FIELDS, &["sort"]].concat(), &[]);
    let store = app.store.clone();
    let (words, zone, title) = (page.words, page.zone, page.t("audit-title"));
    let body = stream::from_thread("audit", move |out| {
        let sheet = format == Format::Xlsx;
        let (style, columns) = match sheet {
            false => {
                let names = ["id", "at", "actor", "action", "thing", "detail"];
                (Style::Machine, names.map(|name| Column::new(name, 20)).to_vec())
            }
            true => {
                let titles = COLUMNS.iter().map(|(_, title)| *title).chain(["audit-detail"]);
                (Style::Sheet, titles.map(|title| Column::new(words.t(title), 24)).collect())
            }
        };
        let mut count = 0;
        export::whole(out, format, style, zone, &title, |into| {
            into.begin(&columns)?;
            store.snapshot(|c| {
                let (order, mut after) = (sorted.order(c, &filter, None, words)?, None);
                loop {
                    let found = audit::find(c, &filter, &order, after.as_ref(), READ)?;
                    after = found.last().map(|row| Place::of(row, sorted.sort));
                    count += found.len();
                    for row in found {
                        into.row(cells(row, sheet.then_some(words)))?;
                    }
                    if after.is_none() {
                        return Ok(());
                    }
                }
            })?;
            into.finish()?;
            // The reader sees the end only after it is noted who read.
            let detail = format!("{format}; filter: {detail}; {count} rows");
            store.write_here(move |w| audit::note(w, &actor, "audit.export", "", &detail))
        })
    })?;
    Ok(HttpResponse::Ok()
        .content_type(format.media_type())
        .insert_header((header::CONTENT_DISPOSITION, format!("attachment; filename=\"{file}\"")))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .streaming(body))
}
