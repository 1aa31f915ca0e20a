//! The public survey: answering by the public link or a personal one, saving as one goes, being
//! thanked, and changing the answers until it closes.

pub(super) mod browser;
mod edit;
mod invited;
mod public;
pub mod questions;
mod receive;

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};

use crate::domain::fields::FieldErrors;
use crate::domain::instant::Instant;
use crate::domain::survey::{Answers, SurveyPhase, Template, TemplateKey};
use crate::store::windows::Window;
use crate::web::app::App;
use crate::web::embed;
use crate::web::failure::Failure;
use crate::web::form::Form;
use crate::web::page::{Page, rendered};
use crate::web::times::Times;
use crate::web::visitor::Visitor;
pub use edit::{change, edit, thanks};
pub use invited::{show as invited, submit as submit_invited};
pub use public::{form, submit};
use questions::{Control, QuestionView};

#[derive(askama::Template)]
#[template(path = "survey/form.html")]
struct FormPage {
    page: Page,
    window: WindowView,
    /// Where the form is sent.
    action: String,
    /// The answers are complete already and are being changed.
    editing: bool,
    /// Nothing of it has been saved yet.
    fresh: bool,
    lead: String,
    /// Until when it is open, as a sentence.
    until: String,
    idempotency_key: String,
    /// The version of the template that is asked.
    version: u32,
    questions: Vec<QuestionView>,
    errors: FieldErrors,
    notice: Option<Notice>,
    embed: bool,
}

impl FormPage {
    /// Where somebody without script may save: after every third question, not before the last two.
    fn saves_after(&self, index: &usize) -> bool {
        !self.editing && (index + 1).is_multiple_of(3) && index + 2 < self.questions.len()
    }

    /// The keys of the questions that are shown, with a blank between them.
    fn asked(&self) -> String {
        let keys: Vec<&str> = self.questions.iter().filter(|q| q.asked).map(|q| q.key.as_str()).collect();
        keys.join(" ")
    }
}

/// Something to be said above a form.
struct Notice {
    tone: &'static str,
    text: String,
    list: Vec<String>,
}

impl Notice {
    fn new(tone: &'static str, text: String) -> Notice {
        Notice { tone, text, list: Vec::new() }
    }
}

#[derive(askama::Template)]
#[template(path = "survey/thanks.html")]
struct ThanksPage {
    page: Page,
    window: WindowView,
    reference: String,
    edit_path: String,
    edit_url: String,
    /// Until when the answers can be changed, as a sentence; nothing when they no longer can.
    until: String,
    embed: bool,
}

#[derive(askama::Template)]
#[template(path = "survey/closed.html")]
struct ClosedPage {
    page: Page,
    /// The window, unless the link that was followed opens none.
    window: Option<WindowView>,
    title: String,
    detail: String,
    embed: bool,
}

/// What these pages show of the window.
struct WindowView {
    slug: String,
    title: String,
    takes_reports: bool,
}

/// A page with this status that nobody may keep.
fn with_status(status: StatusCode, page: &impl askama::Template) -> Result<HttpResponse, Failure> {
    Ok(HttpResponse::build(status)
        .content_type("text/html; charset=utf-8")
        .insert_header(("Cache-Control", "no-store"))
        .body(rendered(&page)?))
}

/// Whether the page stands in a frame of another site, without our header and footer.
fn is_embedded(request: &HttpRequest) -> bool {
    embed::is_embedded(request.path())
}

/// The frame that all pages of a survey share.
struct Asked<'a> {
    app: &'a App,
    request: &'a HttpRequest,
    visitor: &'a Visitor,
    window: &'a Window,
    now: Instant,
}

impl Asked<'_> {
    fn page(&self) -> Page {
        Page::bare(self.request, self.visitor)
    }

    fn view(&self) -> WindowView {
        WindowView {
            slug: self.window.slug.to_string(),
            title: self.window.title(self.visitor.language, self.app.settings().default_language),
            takes_reports: self.window.takes_reports(self.now),
        }
    }

    fn times(&self) -> Times {
        Times::new(self.page().words, self.window.zone())
    }

    fn phase(&self) -> SurveyPhase {
        self.window.survey_phase(self.now)
    }

    fn embed(&self) -> bool {
        is_embedded(self.request)
    }

    /// An address of ours, in the frame in which this page stands.
    fn within(&self, path: &str) -> String {
        if !self.embed() {
            return path.to_owned();
        }
        let first = if path.contains('?') { '&' } else { '?' };
        let language = embed::language_query(self.request.path(), self.visitor.language, first);
        format!("{}{path}{language}", embed::EMBEDDED)
    }

    /// Until when the survey takes answers, or took them.
    fn until(&self) -> String {
        match self.phase() {
            SurveyPhase::Open(until) | SurveyPhase::Closed(until) => self.times().moment(until),
            SurveyPhase::NotYet | SurveyPhase::Never => String::new(),
        }
    }

    /// A page that says why there is nothing to answer.
    fn says(&self, title: String, detail: String) -> ClosedPage {
        ClosedPage { page: self.page(), window: Some(self.view()), title, detail, embed: self.embed() }
    }

    /// What is shown while the survey takes no answers; nothing while it does.
    fn closed(&self) -> Option<ClosedPage> {
        let page = self.page();
        let (title, detail) = match self.phase() {
            SurveyPhase::Open(_) => return None,
            SurveyPhase::NotYet => (page.t("survey-not-yet-title"), page.t("survey-not-yet-detail")),
            SurveyPhase::Never => (page.t("survey-never-title"), page.t("survey-never-detail")),
            SurveyPhase::Closed(_) => {
                (page.t("survey-closed-title"), page.with("survey-closed-detail", [("time", &self.until())]))
            }
        };
        Some(self.says(title, detail))
    }

    fn form(&self, showing: Showing<'_>) -> FormPage {
        let page = self.page();
        let Showing { template, action, stands, form, answers, errors, notice } = showing;
        let default = self.app.settings().default_language;
        let lead = match (&stands, &template.key) {
            (Stands::Complete, _) => page.t("survey-edit-lead"),
            (_, TemplateKey::Short) => page.t("survey-lead-short"),
            (_, TemplateKey::Full) => page.t("survey-lead-full"),
            (_, TemplateKey::Made(_)) => page.n("survey-lead-made", template.questions.len()),
        };
        FormPage {
            window: self.view(),
            action: self.within(&action),
            editing: stands == Stands::Complete,
            fresh: stands == Stands::New,
            lead,
            until: page.with("survey-open-until", [("time", &self.until())]),
            idempotency_key: form.get("idempotency_key").to_owned(),
            version: template.version,
            questions: questions::views(template, page.words, default, form, &answers, &errors),
            page,
            errors,
            notice,
            embed: self.embed(),
        }
    }
}

/// How far the answers in a form are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stands {
    /// Nothing is saved.
    New,
    /// Some are saved.
    Partial,
    /// All were sent, and are being changed.
    Complete,
}

/// What a form shows.
struct Showing<'a> {
    template: &'a Template,
    action: String,
    stands: Stands,
    form: &'a Form,
    /// Those of the answers in it that fit.
    answers: Answers,
    errors: FieldErrors,
    notice: Option<Notice>,
}
