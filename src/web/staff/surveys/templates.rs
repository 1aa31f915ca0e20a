//! Writing templates: copying one, adding and moving questions, both languages side by side, a look
//! at it as people will see it.

use std::collections::BTreeSet;

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use super::{written, wrong};
use crate::domain::fields::FieldErrors;
use crate::domain::language::Language;
use crate::domain::secret::IdempotencyKey;
use crate::domain::survey::builtin::standard;
use crate::domain::survey::template::OWN_COLUMN;
use crate::domain::survey::written::{ChoiceInput, QuestionInput, TemplateInput};
use crate::domain::survey::{Answers, QuestionKind, Template as Survey, TemplateKey};
use crate::i18n::Words;
use crate::store::{Error, idempotency, surveys};
use crate::web::app::App;
use crate::web::confirm::Final;
use crate::web::failure::Failure;
use crate::web::form::{Form, Query};
use crate::web::page::{Page, form_again, new_key, private_page, see_other};
use crate::web::survey::questions::{self, Control, QuestionView};
use crate::web::visitor::{Operator, Viewer, Visitor};

#[derive(Template)]
#[template(path = "staff/surveys/template.html")]
struct EditPage {
    page: Page,
    form: Form,
    errors: FieldErrors,
    /// The template that is written over; nothing for a new one.
    key: Option<String>,
    input: TemplateInput,
    seen: String,
    stale: bool,
    done: String,
    /// It is in use and has answers: what is saved becomes a new version.
    answered: bool,
    languages: &'static [Language],
    kinds: &'static [QuestionKind],
    standards: Vec<(&'static str, String)>,
}

impl EditPage {
    fn title(&self) -> String {
        self.input.name.get(&self.page.language()).cloned().unwrap_or_default()
    }

    fn heading(&self, i: &usize) -> String {
        self.page.with("surveys-question-number", [("number", &(i + 1).to_string())])
    }

    /// The words in the reader's language.
    fn shown(&self, of: &std::collections::BTreeMap<Language, String>) -> String {
        self.text(of, &self.page.language())
    }

    fn choice(&self, i: &usize, j: &usize) -> String {
        format!("questions.{i}.choices.{j}")
    }

    fn part(&self, base: &str, part: &str, language: &str) -> String {
        if language.is_empty() { format!("{base}.{part}") } else { format!("{base}.{part}.{language}") }
    }

    fn field(&self, i: &usize, part: &str) -> String {
        format!("questions.{i}.{part}")
    }

    fn text(&self, of: &std::collections::BTreeMap<Language, String>, language: &Language) -> String {
        of.get(language).cloned().unwrap_or_default()
    }

    fn is_standard(&self, question: &QuestionInput) -> bool {
        OWN_COLUMN.contains(&question.key.as_str())
    }

    /// The questions before this one that a condition may name: key, words, what it may name.
    fn earlier(&self, i: &usize) -> Vec<(String, String)> {
        let before = self.input.questions[..*i].iter().filter(|q| q.kind != QuestionKind::Text.code());
        before
            .map(|q| {
                let text = q.text.get(&self.page.language()).cloned().unwrap_or_default();
                let text: String = text.chars().take(60).collect();
                (q.key.clone(), if text.is_empty() { q.key.clone() } else { text })
            })
            .collect()
    }

    /// Whether the condition names a question that does not stand before.
    fn hangs_on_nothing(&self, i: &usize, question: &QuestionInput) -> bool {
        let on = self.on(question);
        !on.is_empty() && self.earlier(i).iter().all(|(key, _)| *key != on)
    }

    /// What a condition of this question names, as it is typed.
    fn on(&self, question: &QuestionInput) -> String {
        question.shown_if.as_ref().map(|c| c.question.clone()).unwrap_or_default()
    }

    fn answers(&self, question: &QuestionInput) -> String {
        question.shown_if.as_ref().map(|c| c.answers.join(", ")).unwrap_or_default()
    }

    /// The rows for choices: those that are there and two more.
    fn choices(&self, question: &QuestionInput) -> Vec<ChoiceInput> {
        let spare = std::iter::repeat_n(ChoiceInput::default(), 2);
        question.choices.iter().cloned().chain(spare).collect()
    }

    fn number(&self, n: &Option<i64>) -> String {
        n.map(|n| n.to_string()).unwrap_or_default()
    }
}

#[derive(Template)]
#[template(path = "staff/surveys/preview.html")]
struct PreviewPage {
    page: Page,
    name: String,
    questions: Vec<QuestionView>,
}

#[derive(Template)]
#[template(path = "staff/surveys/shown.html")]
struct ShownPage {
    page: Page,
    key: String,
    name: String,
    version: u32,
    made_here: bool,
    questions: Vec<QuestionView>,
}

fn say(key: &str, language: Language) -> String {
    Words(language).t(key)
}

struct Around<'a> {
    request: &'a HttpRequest,
    visitor: &'a Visitor,
}

impl Around<'_> {
    fn page(&self, key: Option<String>, form: Form, input: TemplateInput, errors: FieldErrors) -> EditPage {
        let page = Page::bare(self.request, self.visitor);
        let standards = OWN_COLUMN.iter().filter_map(|key| {
            let question = standard(key)?;
            let free = input.questions.iter().all(|q| q.key != *key);
            free.then(|| (*key, page.words.wording(&question.text, page.language())))
        });
        EditPage {
            standards: standards.collect(),
            seen: form.get("seen").to_owned(),
            form,
            errors,
            key,
            input,
            stale: false,
            done: String::new(),
            answered: false,
            languages: Language::ALL,
            kinds: QuestionKind::ALL,
            page,
        }
    }
}

/// Another question, another order, one less: what a button of the form does to it. Nothing for a
/// button that does none of these.
fn rearranged(form: &Form, mut input: TemplateInput, known: &BTreeSet<String>) -> Option<TemplateInput> {
    let act = form.get("act");
    let (verb, at) = act.split_once(':').unwrap_or((act, ""));
    let at = at.parse::<usize>().ok();
    let count = input.questions.len();
    match (verb, at) {
        ("add", _) => {
            let wanted = form.get("add");
            let names = form.get("key");
            let question = match standard(wanted) {
                Some(question) => written::standard(question, say),
                None => written::blank(QuestionKind::from_code(wanted)?, names, known),
            };
            // Somebody's own words come last of all.
            let last_is_comment = input.questions.last().is_some_and(|q| q.key == "comment");
            let place = if last_is_comment { count.saturating_sub(1) } else { count };
            input.questions.insert(place, question);
        }
        ("up", Some(at)) if at > 0 && at < count => input.questions.swap(at - 1, at),
        ("down", Some(at)) if at + 1 < count => input.questions.swap(at, at + 1),
        ("drop", Some(at)) if at < count => drop(input.questions.remove(at)),
        ("more", Some(at)) if at < count => {
            input.questions[at].choices.extend(vec![ChoiceInput::default(); 3]);
        }
        ("up" | "down" | "drop" | "more", _) => {}
        _ => return None,
    }
    Some(input)
}

/// The keys that no new question may get.
async fn known_keys(app: &App, input: &TemplateInput) -> Result<BTreeSet<String>, Failure> {
    let known = app.store.read(surveys::custom_questions).await?;
    Ok(known.into_iter().map(|q| q.key).chain(input.questions.iter().map(|q| q.key.clone())).collect())
}

/// The page as people will see it, in the language that was asked for.
fn preview(
    request: &HttpRequest,
    visitor: &Visitor,
    template: &Survey,
    language: Language,
) -> Result<HttpResponse, Failure> {
    let page = Page::bare(request, &Visitor { language, ..visitor.clone() });
    let none = FieldErrors::new();
    private_page(&PreviewPage {
        name: page.words.wording(&template.name, language),
        questions: questions::views(
            template,
            page.words,
            language,
            &Form::default(),
            &Answers::default(),
            &none,
        ),
        page,
    })
}

/// `GET /admin/surveys/templates/new`: blank, or a copy of another one (`from`).
pub async fn new(
    app: web::Data<App>,
    request: HttpRequest,
    visitor: Visitor,
    query: Query,
    _guard: Operator,
) -> Result<HttpResponse, Failure> {
    let query = query.only(&["from"])?;
    let input = match query.get("from") {
        "" => {
            let first = standard("csat").map(|q| written::standard(q, say)).unwrap_or_default();
            TemplateInput { questions: vec![first], ..TemplateInput::default() }
        }
        code => {
            let key = TemplateKey::from_code(code).ok_or(Failure::NOT_FOUND)?;
            let mut copy = app.store.read(move |c| surveys::asked(c, &key)).await?.written(say);
            copy.name.clear();
            copy
        }
    };
    let form = Form::default().set("idempotency_key", new_key());
    let around = Around { request: &request, visitor: &visitor };
    private_page(&around.page(None, form, input, FieldErrors::new()))
}

/// `POST /admin/surveys/templates/new`
pub async fn create(
    app: web::Data<App>,
    request: HttpRequest,
    visitor: Visitor,
    form: Form,
    Operator(actor): Operator,
) -> Result<HttpResponse, Failure> {
    let input = written::read(&form);
    let around = Around { request: &request, visitor: &visitor };
    let known = known_keys(&app, &input).await?;
    if let Some(changed) = rearranged(&form, input.clone(), &known) {
        return private_page(&around.page(None, form, changed, FieldErrors::new()));
    }
    let mut errors = FieldErrors::new();
    let key = errors.keep(TemplateKey::parse_new("key", form.get("key")));
    let parsed = errors.keep(Survey::parse(TemplateKey::Made("preview".to_owned()), 1, input.clone()));
    if let (Some(language), Some(template)) = (wants_preview(&form), &parsed) {
        return preview(&request, &visitor, template, language);
    }
    let once = errors.keep(IdempotencyKey::parse("idempotency_key", form.get("idempotency_key")));
    let errors = match (key, once) {
        (Some(key), Some(once)) if errors.is_empty() && wants_preview(&form).is_none() => {
            let (command, new) = (form.pairs().to_vec(), input.clone());
            let created = app.store.write(move |w| {
                idempotency::once(w, "survey-template", &once, &command, |w| {
                    Ok(surveys::create(w, &actor, &key, &new, false)?.key.to_string())
                })
            });
            match created.await {
                Ok(key) => return Ok(see_other(&format!("/admin/surveys/templates/{key}?done=created"))),
                Err(error) => wrong(error, "key")?,
            }
        }
        _ => errors,
    };
    form_again(&around.page(None, form, input, errors))
}

fn wants_preview(form: &Form) -> Option<Language> {
    form.get("act").strip_prefix("preview:").and_then(Language::from_code)
}

/// `GET /admin/surveys/templates/{key}`: to be changed by those who may, else as it is asked.
pub async fn show(
    app: web::Data<App>,
    request: HttpRequest,
    visitor: Visitor,
    key: web::Path<String>,
    query: Query,
    Viewer(actor): Viewer,
) -> Result<HttpResponse, Failure> {
    let query = query.only(&["done"])?;
    let key = TemplateKey::from_code(&key).ok_or(Failure::NOT_FOUND)?;
    let named = key.clone();
    let listed = app.store.read(surveys::listed).await?;
    let listed = listed.into_iter().find(|l| l.template.key == named).ok_or(Failure::NOT_FOUND)?;
    let template = listed.template;
    if !listed.made_here || !actor.role().may(crate::domain::person::Role::Operator) {
        let page = Page::bare(&request, &visitor);
        let default = app.settings().default_language;
        let none = FieldErrors::new();
        return private_page(&ShownPage {
            key: key.to_string(),
            name: page.words.wording(&template.name, default),
            version: template.version,
            made_here: listed.made_here,
            questions: questions::views(
                &template,
                page.words,
                default,
                &Form::default(),
                &Answers::default(),
                &none,
            ),
            page,
        });
    }
    let form = Form::default().set("seen", template.version.to_string()).set("key", key.code());
    let around = Around { request: &request, visitor: &visitor };
    let mut page = around.page(Some(key.to_string()), form, template.written(say), FieldErrors::new());
    page.answered = listed.responses > 0;
    page.done = query.done(&["created", "saved"]);
    private_page(&page)
}

/// `POST /admin/surveys/templates/{key}`: changes it, or removes it once its key was typed.
pub async fn change(
    app: web::Data<App>,
    request: HttpRequest,
    visitor: Visitor,
    key: web::Path<String>,
    form: Form,
    Operator(actor): Operator,
) -> Result<HttpResponse, Failure> {
    let key = TemplateKey::from_code(&key).ok_or(Failure::NOT_FOUND)?;
    let input = written::read(&form);
    let around = Around { request: &request, visitor: &visitor };
    let named = Some(key.to_string());
    let known = known_keys(&app, &input).await?;
    if let Some(changed) = rearranged(&form, input.clone(), &known) {
        return private_page(&around.page(named, form, changed, FieldErrors::new()));
    }
    if form.get("act") == "remove" {
        let doomed = key.clone();
        let listed = app.store.read(surveys::listed).await?;
        // What cannot be removed is refused before anybody is asked to type.
        let free = |l: &surveys::Listed| l.made_here && l.windows + l.responses == 0;
        if let Some(listed) = listed.iter().find(|l| l.template.key == key).filter(|l| free(l)) {
            let page = Page::bare(&request, &visitor);
            let name = page.words.wording(&listed.template.name, app.settings().default_language);
            let number = listed.template.questions.len().to_string();
            let act = Final {
                title: page.with("confirm-template", [("name", &name)]),
                says: vec![
                    page.words.said("confirm-template-says", [("questions", number.as_str())].into_iter()),
                    page.t("confirm-gone"),
                ],
                quotes: Vec::new(),
                word: key.to_string(),
                button: page.t("surveys-template-remove"),
                back: format!("/admin/surveys/templates/{key}"),
            };
            if let Some(asked) = act.unless_typed(page, &form)? {
                return Ok(asked);
            }
        }
        return match app.store.write(move |w| surveys::remove(w, &actor, &doomed)).await {
            Ok(()) => Ok(see_other("/admin/surveys?done=removed")),
            Err(error) => {
                let errors = wrong(error, "act")?;
                form_again(&around.page(named, form, input, errors))
            }
        };
    }
    let mut errors = FieldErrors::new();
    let parsed = errors.keep(Survey::parse(key.clone(), 1, input.clone()));
    match (wants_preview(&form), &parsed) {
        (Some(language), Some(template)) => return preview(&request, &visitor, template, language),
        (None, Some(_)) => {}
        _ => return form_again(&around.page(named, form, input, errors)),
    }
    let seen = form.get("seen").parse::<i32>().unwrap_or(-1);
    let (at, new) = (key.clone(), input.clone());
    match app.store.write(move |w| surveys::edit(w, &actor, &at, seen, &new)).await {
        Ok(_) => Ok(see_other(&format!("/admin/surveys/templates/{key}?done=saved"))),
        Err(Error::Stale) => {
            // What was typed is kept; saving it again writes over what somebody else changed.
            let at = key.clone();
            let now = app.store.read(move |c| surveys::asked(c, &at)).await?;
            let form = form.set("seen", now.version.to_string());
            let mut page = around.page(named, form, input, FieldErrors::new());
            page.stale = true;
            form_again(&page)
        }
        Err(error) => {
            let errors = wrong(error, "act")?;
            form_again(&around.page(named, form, input, errors))
        }
    }
}
