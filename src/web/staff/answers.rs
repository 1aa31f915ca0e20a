//! Canned answers: written once in every language, used in the one that the reporter reads.

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use crate::domain::fields::FieldErrors;
use crate::domain::language::{Language, Texts, TextsInput};
use crate::domain::line::{COMMENT_MAX, TITLE_MAX};
use crate::domain::notice::checked_texts;
use crate::domain::secret::IdempotencyKey;
use crate::store::canned_answers::{self, CannedAnswer};
use crate::store::{Error, idempotency};
use crate::web::app::App;
use crate::web::confirm::Final;
use crate::web::editor::field_of;
use crate::web::failure::Failure;
use crate::web::form::{Form, Query};
use crate::web::page::{Page, conflict_page, form_again, new_key, private_page, see_other};
use crate::web::visitor::{Support, Visitor};

#[derive(Template)]
#[template(path = "staff/answers.html")]
struct AnswersPage {
    page: Page,
    form: Form,
    errors: FieldErrors,
    answers: Vec<CannedAnswer>,
    languages: &'static [Language],
    default: Language,
    done: String,
}

impl AnswersPage {
    fn label<'a>(&self, answer: &'a CannedAnswer) -> &'a str {
        answer.label(self.page.language(), self.default)
    }

    fn body<'a>(&self, answer: &'a CannedAnswer, language: &Language) -> &'a str {
        answer.body.exactly(*language)
    }
}

#[derive(Template)]
#[template(path = "staff/answer.html")]
struct AnswerPage {
    page: Page,
    form: Form,
    errors: FieldErrors,
    answer: CannedAnswer,
    languages: &'static [Language],
    /// A colleague changed it meanwhile; shown with what it is now.
    stale: bool,
    default: Language,
}

fn texts(form: &Form, name: &str) -> TextsInput {
    let typed = Language::ALL.iter().map(|l| (*l, form.get(&field_of(name, l.code())).to_owned()));
    TextsInput::Many(typed.collect())
}

/// Title and body in every language: the default one is asked for, of both.
fn read(form: &Form, default: Language) -> Result<(Texts, Texts), FieldErrors> {
    let mut errors = FieldErrors::new();
    let title = checked_texts(&mut errors, "title", texts(form, "title"), TITLE_MAX, false, default, true);
    let body = checked_texts(&mut errors, "body", texts(form, "body"), COMMENT_MAX, true, default, true);
    errors.or((title, body))
}

/// `GET /admin/answers`
pub async fn list(
    app: web::Data<App>,
    request: HttpRequest,
    visitor: Visitor,
    query: Query,
    _guard: Support,
) -> Result<HttpResponse, Failure> {
    private_page(&AnswersPage {
        page: Page::bare(&request, &visitor),
        form: Form::default().set("idempotency_key", new_key()),
        errors: FieldErrors::new(),
        answers: app.store.read(canned_answers::list).await?,
        languages: Language::ALL,
        default: app.settings().default_language,
        done: query.done(&["added", "changed", "removed"]),
    })
}

/// `POST /admin/answers`
pub async fn add(
    app: web::Data<App>,
    request: HttpRequest,
    visitor: Visitor,
    form: Form,
    Support(actor): Support,
) -> Result<HttpResponse, Failure> {
    let default = app.settings().default_language;
    let once = IdempotencyKey::parse("idempotency_key", form.get("idempotency_key"));
    let mut errors = FieldErrors::new();
    let (texts, once) = (errors.keep(read(&form, default)), errors.keep(once));
    if let (Some((title, body)), Some(once)) = (texts, once) {
        let command = form.pairs().to_vec();
        let added = app.store.write(move |w| {
            idempotency::once(w, "canned answer", &once, &command, |w| {
                canned_answers::add(w, &actor, &title, &body, false)
            })
        });
        added.await?;
        return Ok(see_other("/admin/answers?done=added"));
    }
    form_again(&AnswersPage {
        page: Page::bare(&request, &visitor),
        form,
        errors,
        answers: app.store.read(canned_answers::list).await?,
        languages: Language::ALL,
        default,
        done: String::new(),
    })
}

/// `GET /admin/answers/{id}`
pub async fn show(
    app: web::Data<App>,
    request: HttpRequest,
    visitor: Visitor,
    id: web::Path<i64>,
    _guard: Support,
) -> Result<HttpResponse, Failure> {
    let id = id.into_inner();
    let answer = app.store.read(move |c| canned_answers::find(c, id)).await?;
    let mut form = Form::default().set("revision", answer.revision.to_string());
    for (name, texts) in [("title", &answer.title), ("body", &answer.body)] {
        for (language, text) in &texts.0 {
            form = form.set(&field_of(name, language.code()), text.as_str());
        }
    }
    private_page(&AnswerPage {
        page: Page::bare(&request, &visitor),
        form,
        errors: FieldErrors::new(),
        answer,
        languages: Language::ALL,
        stale: false,
        default: app.settings().default_language,
    })
}

/// `POST /admin/answers/{id}`: changes it, or removes it once its name was typed.
pub async fn change(
    app: web::Data<App>,
    request: HttpRequest,
    visitor: Visitor,
    id: web::Path<i64>,
    form: Form,
    Support(actor): Support,
) -> Result<HttpResponse, Failure> {
    let (id, default) = (id.into_inner(), app.settings().default_language);
    let kept = app.store.read(move |c| canned_answers::find(c, id)).await?;
    let seen: i64 = form.get("revision").parse().unwrap_or(0);
    // One that a colleague changed meanwhile is refused before anybody is asked to type.
    if form.get("act") == "remove" && seen == kept.revision {
        let page = Page::bare(&request, &visitor);
        let name = kept.label(page.language(), default).to_owned();
        let act = Final {
            title: page.with("confirm-canned", [("name", &name)]),
            says: vec![page.t("confirm-canned-says"), page.t("confirm-gone")],
            quotes: kept.body.0.values().cloned().collect(),
            word: name,
            button: page.t("answers-remove"),
            back: format!("/admin/answers/{id}"),
        };
        if let Some(asked) = act.unless_typed(page, &form)? {
            return Ok(asked);
        }
    }
    let outcome = if form.get("act") == "remove" {
        app.store.write(move |w| canned_answers::remove(w, &actor, id, seen)).await.map(|()| "removed")
    } else {
        match read(&form, default) {
            Ok((title, body)) => app
                .store
                .write(move |w| canned_answers::change(w, &actor, id, seen, &title, &body))
                .await
                .map(|()| "changed"),
            Err(errors) => Err(Error::Invalid(errors)),
        }
    };
    let (errors, stale) = match outcome {
        Ok(done) => return Ok(see_other(&format!("/admin/answers?done={done}"))),
        Err(Error::Invalid(errors)) => (errors, false),
        Err(Error::Stale) => (FieldErrors::new(), true),
        Err(error) => return Err(error.into()),
    };
    let answer = app.store.read(move |c| canned_answers::find(c, id)).await?;
    // What was typed stays; sent again, it is meant over what is there now.
    let form = if stale { form.set("revision", answer.revision.to_string()) } else { form };
    let page = Page::bare(&request, &visitor);
    let shown = AnswerPage { page, form, errors, answer, languages: Language::ALL, stale, default };
    if stale { conflict_page(&shown) } else { form_again(&shown) }
}
