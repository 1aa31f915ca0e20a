//! Who is invited to a survey: the list, a link to copy, a sheet for mail merge, and people who are
//! invited from a file.

use actix_web::http::header::{self, HeaderValue};
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use super::wrong;
use crate::domain::fields::FieldErrors;
use crate::domain::survey::invited;
use crate::export::invitations::{self as sheets, Sheet};
use crate::export::{Format, content_disposition};
use crate::store::surveys::invitations::{self, Filter, Listed, Tally};
use crate::store::windows::{self, Window};
use crate::store::{Error, audit};
use crate::web::app::App;
use crate::web::failure::Failure;
use crate::web::figures;
use crate::web::form::{Form, Query};
use crate::web::listing;
use crate::web::page::{Page, form_again, private_page, see_other};
use crate::web::times::Times;
use crate::web::visitor::{Support, Visitor};

#[derive(Template)]
#[template(path = "staff/surveys/invitations.html")]
struct InvitationsPage {
    page: Page,
    errors: FieldErrors,
    slug: String,
    title: String,
    rows: Vec<Row>,
    filter: Filter,
    filters: &'static [Filter],
    /// The name, contact or report that is looked for.
    person: String,
    tally: Tally,
    /// What the address of the next page has, beside the filter.
    next: Option<String>,
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
    exposure: String,
    state: &'static str,
    when: String,
    usable: bool,
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

fn row(page: &Page, listed: &Listed) -> Row {
    let times = Times::new(page.words, page.zone);
    let state = listed.state.code();
    Row {
        id: listed.invitation.id,
        who: listed.name.clone(),
        contact: listed.contact.clone(),
        report: listed.report.map(|r| r.to_string()),
        exposure: page.word("exposure", listed.invitation.exposure.code()),
        state,
        when: times.moment(listed.reminded_at.or(listed.told_at).unwrap_or(listed.decided_at)),
        usable: !matches!(state, "revoked" | "complete"),
    }
}

fn next(filter: Filter, person: &str, before: i64) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.append_pair("show", filter.code());
    if !person.is_empty() {
        query.append_pair("q", person);
    }
    query.append_pair("before", &before.to_string()).finish()
}

struct Asked<'a> {
    app: &'a App,
    request: &'a HttpRequest,
    visitor: &'a Visitor,
}

impl Asked<'_> {
    async fn page(
        &self,
        slug: &str,
        filter: Filter,
        person: &str,
        before: i64,
    ) -> Result<InvitationsPage, Failure> {
        let (named, sought) = (slug.to_owned(), person.to_owned());
        let limit = listing::LIMIT + 1;
        let (window, found, tally) = self
            .app
            .store
            .read(move |c| {
                let window = windows::by_slug(c, &named)?;
                let found = invitations::listed(c, window.id, filter, &sought, before, limit)?;
                Ok((invitations::tally(c, window.id)?, found, window))
            })
            .await
            .map(|(tally, found, window)| (window, found, tally))?;
        let page = Page::bare(self.request, self.visitor);
        let more = found.len() as i64 > listing::LIMIT;
        let shown = &found[..found.len().min(listing::LIMIT as usize)];
        Ok(InvitationsPage {
            errors: FieldErrors::new(),
            slug: window.slug.to_string(),
            title: window.title(self.visitor.language, self.app.settings().default_language),
            rows: shown.iter().map(|l| row(&page, l)).collect(),
            filter,
            filters: Filter::ALL,
            tally,
            next: shown.last().filter(|_| more).map(|l| next(filter, person, l.invitation.id)),
            person: person.to_owned(),
            done: String::new(),
            list: String::new(),
            nobody: match person {
                "" if window.survey_open(self.app.now()) => page.t("surveys-nobody"),
                "" => page.t("surveys-nobody-yet"),
                who => page.with("surveys-nobody-found", [("who", who)]),
            },
            page,
        })
    }
}

/// `GET /admin/surveys/{slug}/invitations`
pub async fn list(
    app: web::Data<App>,
    request: HttpRequest,
    visitor: Visitor,
    slug: web::Path<String>,
    query: Query,
    _guard: Support,
) -> Result<HttpResponse, Failure> {
    let query = query.only(&["show", "q", "before", "added", "known", "done"])?;
    let filter = match query.get("show") {
        "" => Filter::All,
        code => Filter::from_code(code).ok_or_else(|| FieldErrors::one("show", "unknown-code"))?,
    };
    let before = match query.get("before") {
        "" => i64::MAX,
        text => text.parse::<i64>().map_err(|_| FieldErrors::one("before", "bad-cursor"))?,
    };
    let person: String = query.get("q").trim().chars().take(200).collect();
    let asked = Asked { app: &app, request: &request, visitor: &visitor };
    let mut page = asked.page(&slug, filter, &person, before).await?;
    let number = |name: &str| query.get(name).parse::<u64>().ok().map(figures::count);
    if let (Some(added), Some(known)) = (number("added"), number("known")) {
        page.done = page.page.with("surveys-list-added", [("added", &added), ("known", &known)]);
    } else if query.get("done") == "revoked" {
        page.done = page.page.t("surveys-revoked");
    } else if query.get("done") == "given-back" {
        page.done = page.page.t("surveys-given-back");
    }
    private_page(&page)
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
    let asked = Asked { app: &app, request: &request, visitor: &visitor };
    let id = || form.get("id").parse::<i64>().map_err(|_| FieldErrors::one("id", "unknown-code"));
    match form.get("act") {
        "upload" => {
            let default = app.settings().default_language;
            let rows = records(form.get("list")).and_then(|records| invited::read(&records, default));
            let rows = match rows {
                Ok(rows) => rows,
                Err(errors) => {
                    let mut page = asked.page(&slug, Filter::All, "", i64::MAX).await?;
                    page.errors = errors;
                    page.list = form.get("list").to_owned();
                    return form_again(&page);
                }
            };
            let (mut added, mut known) = (0, 0);
            for some in rows.chunks(500) {
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
            let mut page = asked.page(&slug, Filter::All, "", i64::MAX).await?;
            page.errors = wrong(Error::field("act", "unknown-code"), "act")?;
            form_again(&page)
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
    let zone = crate::domain::zone::Zone::parse("time_zone", &settings.time_zone)?;
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
    for some in ids.chunks(500) {
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
