//! Who is invited to a survey: the list, a link to copy, a sheet for mail merge, and people who are
//! invited from a file.

use actix_web::http::header::{self, HeaderValue};
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use super::wrong;
use crate::domain::fields::FieldErrors;
use crate::domain::instant::Instant;
use crate::domain::language::Language;
use crate::domain::survey::{Exposure, invited};
use crate::export::invitations::{self as sheets, Sheet};
use crate::export::{Cell, Format, content_disposition};
use crate::store::connection::Db;
use crate::store::people::Actor;
use crate::store::surveys::invitations::{self, Filter, Listed, Sort, State, Tally, Wanted};
use crate::store::windows::{self, Window};
use crate::store::{Error, audit};
use crate::web::app::App;
use crate::web::failure::Failure;
use crate::web::figures;
use crate::web::form::{Form, Query};
use crate::web::page::{Page, form_again, private_page, see_other};
use crate::web::table::{self, Answer, Asked, Column, Given, Pick, Table, Tabular};
use crate::web::times::Times;
use crate::web::visitor::{Support, Visitor};

/// How many invitations are written in one change.
const STEP: usize = 500;

#[derive(Template)]
#[template(path = "staff/surveys/invitations.html")]
struct InvitationsPage {
    page: Page,
    errors: FieldErrors,
    slug: String,
    title: String,
    table: Table<Row>,
    filter: Filter,
    filters: &'static [Filter],
    tally: Tally,
    /// What was just done, in words.
    done: String,
    list: String,
    /// Why the list is empty, if it is.
    nobody: String,
}

struct Row {
    id: i64,
    who: String,
    contact: String,
    report: Option<String>,
    exposure: Exposure,
    state: State,
    /// When it came so far.
    at: Instant,
    when: String,
    usable: bool,
}

impl Tabular for Row {
    const NAME: &'static str = "invitations";
    const PLACE: &'static str = "all";
    const COLUMNS: &'static [Column<Row>] = &[
        Column { name: "who", title: "surveys-who", cell: |r, _| Cell::text(Some(&r.who)) },
        Column {
            name: "exposure",
            title: "surveys-exposure",
            cell: |r, page| Cell::Word(page.word("exposure", r.exposure.code())),
        },
        Column {
            name: "state",
            title: "surveys-state-title",
            cell: |r, page| Cell::Word(page.word("surveys-state", r.state.code())),
        },
        Column { name: "when", title: "surveys-since", cell: |r, _| Cell::Time(r.at) },
    ];
    const PICKS: &'static [Pick<Row>] = &[
        Pick {
            name: "state",
            title: "surveys-state-title",
            of: |r, page| vec![(r.state.code().to_owned(), page.word("surveys-state", r.state.code()))],
        },
        Pick {
            name: "exposure",
            title: "surveys-exposure",
            of: |r, page| vec![(r.exposure.code().to_owned(), page.word("exposure", r.exposure.code()))],
        },
    ];
    const MORE: &'static [Column<Row>] = &[
        Column { name: "contact", title: "surveys-sheet-contact", cell: |r, _| Cell::text(Some(&r.contact)) },
        Column { name: "report", title: "surveys-sheet-report", cell: |r, _| Cell::word(r.report.as_ref()) },
    ];
    const CONTACTS: bool = true;
}

#[derive(Template)]
#[template(path = "staff/surveys/link.html")]
struct LinkPage {
    page: Page,
    slug: String,
    title: String,
    /// For whom it is, as a sentence; nothing if that is not known.
    who: String,
    link: String,
}

fn row(times: Times, listed: Listed) -> Row {
    let at = listed.reminded_at.or(listed.told_at).unwrap_or(listed.decided_at);
    Row {
        id: listed.invitation.id,
        who: listed.name,
        contact: listed.contact,
        report: listed.report.map(|r| r.to_string()),
        exposure: listed.invitation.exposure,
        state: listed.state,
        at,
        when: times.moment(at),
        usable: !matches!(listed.state, State::Revoked | State::Complete),
    }
}

/// Which invitations a query asks for. Errors: `unknown-code` at `show`, `state` and `exposure`.
fn wanted(show: &str, asked: &Asked) -> Result<Wanted, FieldErrors> {
    let mut errors = FieldErrors::new();
    let filter = if show.is_empty() { Some(Filter::All) } else { Filter::from_code(show) };
    if filter.is_none() {
        errors.add("show", "unknown-code");
    }
    let state = State::from_code(asked.picked("state"));
    if state.is_none() && !asked.picked("state").is_empty() {
        errors.add("state", "unknown-code");
    }
    let exposure = Exposure::from_code(asked.picked("exposure"));
    if exposure.is_none() && !asked.picked("exposure").is_empty() {
        errors.add("exposure", "unknown-code");
    }
    let filter = filter.unwrap_or(Filter::All);
    errors.or(Wanted { filter, state, exposure, person: asked.text().to_owned() })
}

/// The rows that are asked for, in order. People are sorted by the reader's alphabet, which no database
/// knows; everything else by the database.
fn ids(
    c: &mut Db,
    window: i64,
    wanted: &Wanted,
    order: Option<(&'static str, bool)>,
    language: Language,
) -> crate::store::Result<Vec<i64>> {
    match order {
        Some(("who", descends)) => {
            let names = invitations::names(c, window, wanted)?;
            let mut keyed: Vec<(Cell, i64)> =
                names.into_iter().map(|(id, name)| (Cell::text(Some(name)), id)).collect();
            let alphabet = table::Order::of(language);
            keyed.sort_by(|(a, _), (b, _)| alphabet.compare(a, b, descends));
            Ok(keyed.into_iter().map(|(_, id)| id).collect())
        }
        order => {
            let order = order.and_then(|(name, descends)| Sort::from_code(name).map(|sort| (sort, descends)));
            invitations::ids(c, window, wanted, order)
        }
    }
}

struct Reader<'a> {
    app: &'a App,
    request: &'a HttpRequest,
    visitor: &'a Visitor,
    actor: &'a Actor,
}

/// What is answered.
enum Shown {
    Page(Box<InvitationsPage>),
    File(HttpResponse),
}

impl Reader<'_> {
    /// The page with everybody who is invited, and what is wrong with a form on it.
    async fn wrong(&self, slug: &str, errors: FieldErrors, list: &str) -> Result<HttpResponse, Failure> {
        let asked = Asked::default();
        let everybody = wanted("", &asked)?;
        match self.shown(slug, &asked, everybody).await? {
            Shown::File(file) => Ok(file),
            Shown::Page(page) => form_again(&InvitationsPage { errors, list: list.to_owned(), ..*page }),
        }
    }

    async fn shown(&self, slug: &str, asked: &Asked, wanted: Wanted) -> Result<Shown, Failure> {
        let (app, filter) = (self.app, wanted.filter);
        let (slug, piece_of, order) = (slug.to_owned(), asked.clone(), asked.order::<Row>());
        let language = self.visitor.language;
        let read = app.store.read(move |c| {
            let window = windows::by_slug(c, &slug)?;
            let ids = ids(c, window.id, &wanted, order, language)?;
            let rows = invitations::with_ids(c, window.id, &ids[piece_of.piece(ids.len())])?;
            Ok((invitations::tally(c, window.id)?, window, ids.len(), rows))
        });
        let (tally, window, found, rows) = read.await?;
        let page = Page::bare(self.request, self.visitor);
        let times = Times::new(page.words, page.zone);
        let states = State::ALL.iter().map(|s| (s.code(), page.word("surveys-state", s.code())));
        let exposures = Exposure::ALL.iter().map(|e| (e.code(), page.word("exposure", e.code())));
        let codes = |(code, word): (&str, String)| (code.to_owned(), word);
        let given = Given {
            rows: rows.into_iter().map(|listed| row(times, listed)).collect(),
            found,
            total: tally.invited + tally.revoked,
            offers: vec![states.map(codes).collect(), exposures.map(codes).collect()],
        };
        let table = match table::given(app, &page, self.actor, asked, given).await? {
            Answer::File(file) => return Ok(Shown::File(file)),
            Answer::Page(table) => table,
        };
        let nobody = if window.survey_open(app.now()) { "surveys-nobody" } else { "surveys-nobody-yet" };
        Ok(Shown::Page(Box::new(InvitationsPage {
            errors: FieldErrors::new(),
            slug: window.slug.to_string(),
            title: window.title(language, app.settings().default_language),
            table,
            filter,
            filters: Filter::ALL,
            tally,
            done: String::new(),
            list: String::new(),
            nobody: page.t(nobody),
            page,
        })))
    }
}

/// `GET /admin/surveys/{slug}/invitations`
pub async fn list(
    app: web::Data<App>,
    request: HttpRequest,
    visitor: Visitor,
    slug: web::Path<String>,
    query: Query,
    Support(actor): Support,
) -> Result<HttpResponse, Failure> {
    let asked = Asked::of::<Row>(&query, &["added", "known", "done"], &["show"])?;
    let wanted = wanted(query.get("show"), &asked)?;
    let reader = Reader { app: &app, request: &request, visitor: &visitor, actor: &actor };
    let mut page = match reader.shown(&slug, &asked, wanted).await? {
        Shown::File(file) => return Ok(file),
        Shown::Page(page) => page,
    };
    let number = |name: &str| query.get(name).parse::<u64>().ok().map(figures::count);
    if let (Some(added), Some(known)) = (number("added"), number("known")) {
        page.done = page.page.with("surveys-list-added", [("added", &added), ("known", &known)]);
    } else if query.get("done") == "revoked" {
        page.done = page.page.t("surveys-revoked");
    } else if query.get("done") == "given-back" {
        page.done = page.page.t("surveys-given-back");
    }
    private_page(&*page)
}

/// The records of a list as it was pasted: commas, semicolons or tabs between the cells, as the first
/// line has them. Error: `list-bad-csv` (`row`) at `list`.
fn records(text: &str) -> Result<Vec<Vec<String>>, FieldErrors> {
    if text.matches('"').count() % 2 == 1 {
        // A quotation mark that nobody closes would take the rest of the list for one cell.
        let mut errors = FieldErrors::new();
        let last = text.lines().count().max(1);
        let row = text.lines().position(|line| line.matches('"').count() % 2 == 1).map_or(last, |at| at + 1);
        errors.add_with("list", "list-bad-csv", [("row", row.to_string())]);
        return Err(errors);
    }
    let first = text.lines().next().unwrap_or_default();
    let delimiter = [b'\t', b';', b','].into_iter().find(|d| first.as_bytes().contains(d)).unwrap_or(b',');
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter)
        .from_reader(text.as_bytes());
    let mut found = Vec::new();
    for (i, record) in reader.records().enumerate() {
        match record {
            Ok(record) => found.push(record.iter().map(str::to_owned).collect()),
            Err(_) => {
                let mut errors = FieldErrors::new();
                errors.add_with("list", "list-bad-csv", [("row", (i + 1).to_string())]);
                return Err(errors);
            }
        }
    }
    Ok(found)
}

/// `POST /admin/surveys/{slug}/invitations`: a list, a link to copy, withdrawing one or giving it
/// back.
pub async fn act(
    app: web::Data<App>,
    request: HttpRequest,
    visitor: Visitor,
    slug: web::Path<String>,
    form: Form,
    Support(actor): Support,
) -> Result<HttpResponse, Failure> {
    let slug = slug.into_inner();
    let named = slug.clone();
    let window = app.store.read(move |c| windows::by_slug(c, &named)).await?;
    let reader = Reader { app: &app, request: &request, visitor: &visitor, actor: &actor };
    let id = || form.get("id").parse::<i64>().map_err(|_| FieldErrors::one("id", "unknown-code"));
    match form.get("act") {
        "upload" => {
            let default = app.settings().default_language;
            let rows = records(form.get("list")).and_then(|records| invited::read(&records, default));
            let rows = match rows {
                Ok(rows) => rows,
                Err(errors) => return reader.wrong(&slug, errors, form.get("list")).await,
            };
            let (mut added, mut known) = (0, 0);
            for some in rows.chunks(STEP) {
                let (some, window, actor) = (some.to_vec(), window.clone(), actor.clone());
                let key = app.key.clone();
                let outcome =
                    app.store.write(move |w| invitations::upload(w, &actor, &key, &window, &some)).await?;
                (added, known) = (added + outcome.added, known + outcome.known);
            }
            Ok(see_other(&format!("/admin/surveys/{slug}/invitations?added={added}&known={known}")))
        }
        "link" => {
            let (id, of) = (id()?, window.clone());
            let listed = app
                .store
                .write(move |w| {
                    let listed = invitations::linked(w.connection, of.id, id)?;
                    if listed.invitation.revoked_at.is_some() {
                        return Err(Error::conflict("invitation-revoked"));
                    }
                    let reminder = listed.reminded_at.is_some();
                    invitations::told(w, &of, &[id], reminder)?;
                    audit::note(w, &actor, "survey.link", of.slug.as_str(), &format!("i{id}"))?;
                    Ok(listed)
                })
                .await?;
            let who = if listed.name.is_empty() { listed.contact.clone() } else { listed.name.clone() };
            let page = Page::bare(&request, &visitor);
            private_page(&LinkPage {
                title: window.title(visitor.language, app.settings().default_language),
                slug,
                who: if who.is_empty() { who } else { page.with("surveys-link-for", [("who", &who)]) },
                link: format!("{}/surveys/{}", app.public_url(), listed.invitation.link(&app.key)),
                page,
            })
        }
        "revoke" => {
            let (id, of) = (id()?, window.clone());
            app.store.write(move |w| invitations::revoke(w, &actor, &of, id)).await?;
            Ok(see_other(&format!("/admin/surveys/{slug}/invitations?done=revoked")))
        }
        "give-back" => {
            let (id, of) = (id()?, window.clone());
            app.store.write(move |w| invitations::give_back(w, &actor, &of, id)).await?;
            Ok(see_other(&format!("/admin/surveys/{slug}/invitations?done=given-back")))
        }
        _ => {
            let errors = wrong(Error::field("act", "unknown-code"), "act")?;
            reader.wrong(&slug, errors, "").await
        }
    }
}

/// `POST /admin/surveys/{slug}/invitations/sheet`: the links as a file. Those in it are taken to be
/// sent out; that is noted, with who took the file.
pub async fn sheet(
    app: web::Data<App>,
    visitor: Visitor,
    slug: web::Path<String>,
    form: Form,
    Support(actor): Support,
) -> Result<HttpResponse, Failure> {
    let mut errors = FieldErrors::new();
    let format = Format::from_code(form.get("format")).filter(|f| *f != Format::JsonLines);
    if format.is_none() {
        errors.add("format", "unknown-code");
    }
    let filter = Filter::from_code(form.get("who"));
    if filter.is_none() {
        errors.add("who", "unknown-code");
    }
    let (Some(format), Some(filter)) = (format, filter) else { return Err(errors.into()) };
    let settings = app.settings();
    let zone = settings.time_zone;
    let named = slug.clone();
    let window = app.store.read(move |c| windows::by_slug(c, &named)).await?;
    let listed = every(&app, &window, filter).await?;
    let asked = Sheet {
        format,
        language: visitor.language,
        zone,
        title: window.title(visitor.language, settings.default_language),
        now: app.now(),
    };
    let base = format!("{}/surveys/", app.public_url());
    let file = sheets::write(&asked, &listed, |l| format!("{base}{}", l.invitation.link(&app.key)))?;
    let ids: Vec<i64> = listed.iter().map(|l| l.invitation.id).collect();
    for some in ids.chunks(STEP) {
        let (some, window) = (some.to_vec(), window.clone());
        app.store.write(move |w| invitations::told(w, &window, &some, filter == Filter::Reminders)).await?;
    }
    let detail = format!("{} {}; {} links", filter, format, ids.len());
    let of = window.slug.to_string();
    app.store.write(move |w| audit::note(w, &actor, "survey.sheet", &of, &detail)).await?;
    let (name, plain) = asked.file_names(window.slug.as_str());
    let disposition = HeaderValue::from_str(&content_disposition(&name, &plain))
        .map_err(|e| Error::Internal(format!("a file name fits no header: {e}")))?;
    Ok(HttpResponse::Ok()
        .content_type(format.media_type())
        .insert_header((header::CONTENT_DISPOSITION, disposition))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .body(file))
}

/// Every invitation that is meant and was not withdrawn.
async fn every(app: &App, window: &Window, filter: Filter) -> Result<Vec<Listed>, Failure> {
    let (id, mut before, mut all) = (window.id, i64::MAX, Vec::new());
    loop {
        let found = app.store.read(move |c| invitations::listed(c, id, filter, "", before, 1_000)).await?;
        let full = found.len() == 1_000;
        before = found.last().map_or(before, |l| l.invitation.id);
        all.extend(found.into_iter().filter(|l| l.invitation.revoked_at.is_none()));
        if !full {
            return Ok(all);
        }
    }
}
