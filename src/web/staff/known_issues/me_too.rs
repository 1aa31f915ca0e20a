//! One me-too: what the person wrote and says of the outcome, and answering it.

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use crate::domain::fields::FieldErrors;
use crate::domain::instant::Instant;
use crate::domain::line::{Block, COMMENT_MAX};
use crate::domain::reference::MeTooReference;
use crate::store::connection::Db;
use crate::store::me_toos::{self, Listed};
use crate::store::reports::events::EventKind;
use crate::store::reports::list::people_names;
use crate::store::{Error, known_issues};
use crate::web::app::App;
use crate::web::failure::Failure;
use crate::web::form::{Form, Query};
use crate::web::once::Once;
use crate::web::page::{Page, form_again, private_page, see_other};
use crate::web::visitor::{Support, Viewer, Visitor};

/// One thing that happened.
struct Done {
    who: String,
    what: String,
    text: String,
    at: Instant,
}

#[derive(Template)]
#[template(path = "known/me_too.html")]
struct MeTooPage {
    page: Page,
    form: Form,
    errors: FieldErrors,
    done: bool,
    reference: String,
    issue: i64,
    title: String,
    status: &'static str,
    erased: bool,
    phone: String,
    email: String,
    history: Vec<Done>,
}

fn load(
    connection: &mut Db,
    reference: MeTooReference,
) -> Result<(Listed, known_issues::KnownIssue, std::collections::HashMap<i64, String>), Error> {
    let listed = me_toos::by_reference(connection, reference)?;
    let issue = known_issues::by_id(connection, listed.issue.id)?;
    let names = people_names(connection, listed.events.iter().map(|e| e.author_id))?;
    Ok((listed, issue, names))
}

async fn page(
    app: &App,
    request: &HttpRequest,
    visitor: &Visitor,
    reference: MeTooReference,
    form: Form,
    errors: FieldErrors,
) -> Result<MeTooPage, Failure> {
    let (listed, issue, names) = app.store.read(move |c| load(c, reference)).await?;
    let page = Page::bare(request, visitor);
    let contact = listed.contact.clone();
    let history = listed.events.iter().rev().map(|event| Done {
        who: match event.author_id.and_then(|id| names.get(&id)) {
            Some(name) => name.clone(),
            None if event.kind == EventKind::Answer => page.t("history-system"),
            None => page.t("history-reporter"),
        },
        what: match event.kind {
            EventKind::Received => page.t("known-me-too-said"),
            EventKind::Verdict => page.word("verdict", event.became.as_deref().unwrap_or_default()),
            kind => page.word("history", kind.code()),
        },
        text: event.content.clone().unwrap_or_default(),
        at: event.at,
    });
    Ok(MeTooPage {
        history: history.collect(),
        done: false,
        reference: reference.to_string(),
        issue: issue.fact.id,
        title: issue.title(page.language(), app.settings().default_language).to_owned(),
        status: listed.me_too.status(&issue.fact).code(),
        erased: contact.is_none(),
        phone: contact.as_ref().and_then(|c| c.phone.clone()).unwrap_or_default(),
        email: contact.and_then(|c| c.email).unwrap_or_default(),
        form,
        errors,
        page,
    })
}

fn reference(path: &str) -> Result<MeTooReference, Failure> {
    MeTooReference::parse(path).ok_or(Failure::NOT_FOUND)
}

/// `GET /admin/me-toos/{reference}`
pub async fn show(
    app: web::Data<App>,
    request: HttpRequest,
    visitor: Visitor,
    path: web::Path<String>,
    query: Query,
    _guard: Viewer,
) -> Result<HttpResponse, Failure> {
    let form = Form::default();
    let mut shown = page(&app, &request, &visitor, reference(&path)?, form, FieldErrors::new()).await?;
    shown.done = query.has("done");
    private_page(&shown)
}

/// `POST /admin/me-toos/{reference}`
pub async fn answer(
    app: web::Data<App>,
    request: HttpRequest,
    visitor: Visitor,
    path: web::Path<String>,
    guard: Support,
    form: Form,
) -> Result<HttpResponse, Failure> {
    let reference = reference(&path)?;
    let text = Block::required("answer", form.get("answer"), COMMENT_MAX);
    let outcome = match Once::of_form(&form).and_then(|once| Ok((once, text?))) {
        Ok((once, text)) => {
            let actor = guard.0.clone();
            app.store
                .write(move |w| {
                    let scope = format!("answer {reference}");
                    once.act(w, &scope, |w| me_toos::answer(w, &actor, reference, &text))
                })
                .await
        }
        Err(errors) => Err(Error::Invalid(errors)),
    };
    match outcome {
        Ok(()) => Ok(see_other(&format!("/admin/me-toos/{reference}?done=1"))),
        Err(Error::Invalid(errors)) => {
            form_again(&page(&app, &request, &visitor, reference, form, errors).await?)
        }
        Err(error) => Err(error.into()),
    }
}
