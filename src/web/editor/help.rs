//! What staff say on the help page: to its own questions, and questions of theirs.

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use super::{typed, wrong};
use crate::domain::fields::FieldErrors;
use crate::domain::help::{ANSWER_MAX, Built, QUESTION_MAX};
use crate::domain::language::{Language, Texts};
use crate::domain::notice::checked_texts;
use crate::domain::secret::IdempotencyKey;
use crate::store::help::{self, Help};
use crate::store::people::Actor;
use crate::store::{Error, idempotency};
use crate::web::app::App;
use crate::web::confirm::Final;
use crate::web::failure::Failure;
use crate::web::form::{Form, Query};
use crate::web::markdown::{self, Html};
use crate::web::page::{Page, form_again, new_key, private_page, see_other};
use crate::web::visitor::{Operator, Visitor};

/// A question in the list.
struct Row {
    href: String,
    question: String,
    /// What staff say to it; empty if the page says its own words.
    said: Html,
    own: bool,
}

#[derive(Template)]
#[template(path = "editor/help_list.html")]
struct ListPage {
    page: Page,
    rows: Vec<Row>,
    done: String,
}

/// `GET /admin/help`
pub async fn list(
    app: web::Data<App>,
    request: HttpRequest,
    visitor: Visitor,
    query: Query,
    _guard: Operator,
) -> Result<HttpResponse, Failure> {
    let help = app.store.read(help::load).await?;
    let page = Page::bare(&request, &visitor);
    let default = app.settings().default_language;
    let text = |texts: &Texts| texts.text(visitor.language, default).to_owned();
    let built = Built::ALL.iter().map(|b| Row {
        href: format!("/admin/help/{b}"),
        question: page.word("help", b.code()),
        said: markdown::render(&text(&help.of(*b))),
        own: false,
    });
    let own = help.own.iter().map(|q| Row {
        href: format!("/admin/help/{}", q.id),
        question: text(&q.question),
        said: markdown::render(&text(&q.answer)),
        own: true,
    });
    let rows = built.chain(own).collect();
    private_page(&ListPage { rows, done: query.done(&["saved", "removed"]), page })
}

/// What an address names.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Entry {
    Built(Built),
    Own(i64),
    New,
}

impl Entry {
    fn parse(part: &str) -> Result<Entry, Failure> {
        if part == "new" {
            return Ok(Entry::New);
        }
        let own = part.parse().ok().map(Entry::Own);
        Built::from_code(part).map(Entry::Built).or(own).ok_or(Failure::NOT_FOUND)
    }
}

#[derive(Template)]
#[template(path = "editor/help.html")]
struct EntryPage {
    page: Page,
    form: Form,
    errors: FieldErrors,
    languages: &'static [Language],
    /// The built-in question; empty for one of staff.
    built: String,
    /// It is there already and can be taken away.
    removable: bool,
}

impl EntryPage {
    fn of(request: &HttpRequest, visitor: &Visitor, entry: Entry, form: Form, errors: FieldErrors) -> Self {
        let page = Page::bare(request, visitor);
        let built = match entry {
            Entry::Built(built) => page.word("help", built.code()),
            _ => String::new(),
        };
        let removable = matches!(entry, Entry::Own(_));
        EntryPage { page, form, errors, languages: Language::ALL, built, removable }
    }
}

fn filled(help: &Help, entry: Entry) -> Result<Form, Failure> {
    let (question, answer) = match entry {
        Entry::New => (Texts::default(), Texts::default()),
        Entry::Built(built) => (Texts::default(), help.of(built)),
        Entry::Own(id) => {
            let own = help.own.iter().find(|q| q.id == id).ok_or(Failure::NOT_FOUND)?;
            (own.question.clone(), own.answer.clone())
        }
    };
    let mut form = Form::default().set("idempotency_key", new_key());
    for (field, texts) in [("question", question), ("answer", answer)] {
        for (language, text) in texts.0 {
            form = form.set(&format!("{field}.{language}"), text);
        }
    }
    Ok(form)
}

/// `GET /admin/help/{entry}`
pub async fn show(
    app: web::Data<App>,
    request: HttpRequest,
    visitor: Visitor,
    entry: web::Path<String>,
    _guard: Operator,
) -> Result<HttpResponse, Failure> {
    let entry = Entry::parse(&entry)?;
    let form = filled(&app.store.read(help::load).await?, entry)?;
    private_page(&EntryPage::of(&request, &visitor, entry, form, FieldErrors::new()))
}

/// `POST /admin/help/{entry}`: says it, or removes a question of staff's own once that was confirmed.
pub async fn change(
    app: web::Data<App>,
    request: HttpRequest,
    visitor: Visitor,
    entry: web::Path<String>,
    form: Form,
    Operator(actor): Operator,
) -> Result<HttpResponse, Failure> {
    let entry = Entry::parse(&entry)?;
    if let (Entry::Own(id), "remove") = (entry, form.get("act")) {
        let help = app.store.read(help::load).await?;
        let own = help.own.into_iter().find(|q| q.id == id).ok_or(Failure::NOT_FOUND)?;
        let page = Page::bare(&request, &visitor);
        let question = own.question.text(page.language(), app.settings().default_language);
        let act = Final {
            title: page.with("confirm-help", [("question", question)]),
            says: vec![page.t("help-edit-remove-hint"), page.t("confirm-gone")],
            quotes: own.answer.0.values().cloned().collect(),
            word: Final::plain_word(&page),
            button: page.t("help-edit-remove"),
            back: format!("/admin/help/{id}"),
        };
        if let Some(asked) = act.unless_typed(page, &form)? {
            return Ok(asked);
        }
        app.store.write(move |w| help::remove(w, &actor, id)).await?;
        return Ok(see_other("/admin/help?done=removed"));
    }
    match save(&app, &form, actor, entry).await {
        Ok(()) => Ok(see_other("/admin/help?done=saved")),
        Err(Failure::Store(error)) => {
            form_again(&EntryPage::of(&request, &visitor, entry, form, wrong(error)?))
        }
        Err(other) => Err(other),
    }
}

async fn save(app: &App, form: &Form, actor: Actor, entry: Entry) -> Result<(), Failure> {
    let mut errors = FieldErrors::new();
    let default = app.settings().default_language;
    let own = !matches!(entry, Entry::Built(_));
    let mut texts = |field: &str, max: usize, block: bool, required: bool| {
        checked_texts(&mut errors, field, typed::texts(form, field), max, block, default, required)
    };
    let question = if own { texts("question", QUESTION_MAX, false, true) } else { Texts::default() };
    let answer = texts("answer", ANSWER_MAX, true, own);
    let once = errors.keep(IdempotencyKey::parse("idempotency_key", form.get("idempotency_key")));
    let Some(once) = once.filter(|_| errors.is_empty()) else {
        return Err(Error::Invalid(errors).into());
    };
    let command = form.pairs().to_vec();
    app.store
        .write(move |w| match entry {
            Entry::Built(built) => help::say(w, &actor, built, &answer),
            Entry::Own(id) => help::put(w, &actor, Some(id), &question, &answer).map(|_| ()),
            Entry::New => idempotency::once(w, "help", &once, &command, |w| {
                help::put(w, &actor, None, &question, &answer).map(|_| ())
            }),
        })
        .await?;
    Ok(())
}
