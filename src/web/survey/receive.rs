//! What comes of a survey's form, whichever door it came through: saved beside the page by script,
//! saved to go on, or sent.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use serde_json::json;

use super::invited::opens_nothing;
use super::{Asked, Notice, Showing, Stands, browser, questions, with_status};
use crate::domain::fields::FieldErrors;
use crate::domain::survey::{Answers, RawAnswers, SurveyPhase, Template};
use crate::store::Error;
use crate::store::connection::Db;
use crate::store::responses::{self, Response, Saving, Submitted, Who};
use crate::store::surveys::{self, invitations};
use crate::store::windows::Window;
use crate::web::failure::Failure;
use crate::web::form::Form;
use crate::web::limits::Limited;
use crate::web::page::{form_again, see_other};

/// By which link somebody answers.
#[derive(Debug, Clone)]
pub(super) enum Door {
    /// The public one, and what their browser keeps.
    Browser(String),
    /// A personal one.
    Invitation(String),
    /// One that changes a response that is there already.
    Edit(String),
}

impl Door {
    fn action(&self, window: &Window) -> String {
        match self {
            Door::Browser(_) => format!("/windows/{}/survey", window.slug),
            Door::Invitation(link) => format!("/surveys/{link}"),
            Door::Edit(secret) => format!("/surveys/responses/{secret}"),
        }
    }

    fn who(&self) -> Option<Who> {
        match self {
            Door::Browser(cookie) => Some(Who::Browser(cookie.clone())),
            Door::Invitation(link) => Some(Who::Invitation(link.clone())),
            Door::Edit(_) => None,
        }
    }
}

/// What is wanted of the answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Act {
    /// The script saves them, the page stays.
    Save,
    /// Somebody without script saves them and goes on.
    Keep,
    /// They are all.
    Send,
}

impl Act {
    fn of(form: &Form) -> Act {
        match form.get("act") {
            "save" => Act::Save,
            "keep" => Act::Keep,
            _ => Act::Send,
        }
    }
}

/// The response that stands behind the door, and the template that the form asks.
fn standing(
    c: &mut Db,
    key: &crate::domain::secret::InstanceKey,
    window: &Window,
    door: &Door,
) -> Result<(Option<Response>, Template), Error> {
    let response = match door {
        Door::Browser(cookie) => responses::of_browser(c, key, window.id, cookie)?.map(|(r, _)| r),
        Door::Invitation(link) => {
            let invitation = invitations::open(c, link)?;
            responses::of_invitation(c, invitation.id)?
        }
        Door::Edit(secret) => Some(responses::by_edit_secret(c, secret)?.0),
    };
    let template = match &response {
        Some(response) => surveys::find(c, &response.template, response.template_version)?,
        None => surveys::asked(c, &window.survey_template)?,
    };
    Ok((response, template))
}

/// Takes the form. `wrong` is what was found wrong with it before its answers are read.
pub(super) async fn receive(
    asked: &Asked<'_>,
    door: Door,
    form: Form,
    wrong: Option<FieldErrors>,
) -> Result<HttpResponse, Failure> {
    let app = asked.app;
    let act = Act::of(&form);
    let (window, at, key) = (asked.window.clone(), door.clone(), app.key.clone());
    let read = app.store.read(move |c| standing(c, &key, &window, &at)).await;
    let (before, template) = match read {
        Ok(found) => found,
        Err(error) => return opens_nothing(asked.request, asked.visitor, error),
    };
    // Saving again and again what is there already is no new response.
    if before.is_none() || act == Act::Send {
        app.limits.check(Limited::Submission, asked.visitor.address).map_err(Failure::TooMany)?;
    }
    let stands = match &before {
        None => Stands::New,
        Some(response) if response.complete => Stands::Complete,
        Some(_) => Stands::Partial,
    };
    let taking = Taking { asked, door, template, stands, form, act };
    // A form that was opened before the questions were changed.
    let shown = taking.form.get("version").parse::<u32>().ok();
    if shown.is_some_and(|version| version != taking.template.version) && before.is_none() {
        return taking.refused(Error::conflict("survey-changed")).await;
    }
    let mut raw = RawAnswers::from_form(&taking.template, taking.form.pairs());
    let unseen = act == Act::Send && taking.has_unseen(&Answers::fitting(&taking.template, raw.clone()));
    if unseen && stands == Stands::Complete {
        // What was complete stays so until the questions that follow are seen too.
        let notice = Notice::new("tone-info", asked.page().t("survey-more"));
        return form_again(&asked.form(taking.showing(FieldErrors::new(), Some(notice))));
    }
    raw.complete = raw.complete && act == Act::Send && !unseen;
    let mut errors = wrong.unwrap_or_default();
    let Some(answers) = errors.keep(Answers::parse(&taking.template, raw)).filter(|_| errors.is_empty())
    else {
        return taking.again(errors);
    };
    match taking.write(answers).await {
        Ok(done) => taking.done(&done, unseen),
        Err(error) => taking.refused(error).await,
    }
}

/// A form that is being taken.
struct Taking<'a> {
    asked: &'a Asked<'a>,
    door: Door,
    template: Template,
    stands: Stands,
    form: Form,
    act: Act,
}

impl Taking<'_> {
    /// Whether the answers lead to questions that the form did not show: without script nothing
    /// appears before it is sent.
    fn has_unseen(&self, answers: &Answers) -> bool {
        if !self.form.has("asked") {
            return false;
        }
        let seen: Vec<&str> = self.form.get("asked").split(' ').collect();
        self.template.questions.iter().any(|q| answers.is_asked(q) && !seen.contains(&q.key.as_str()))
    }

    async fn write(&self, answers: Answers) -> Result<Submitted, Error> {
        let app = self.asked.app;
        let key = app.key.clone();
        match (self.door.who(), &self.door) {
            (Some(who), _) => {
                let saving = Saving {
                    window: self.asked.window.slug.to_string(),
                    template: self.template.key.clone(),
                    version: self.template.version,
                    who,
                    answers,
                    language: self.asked.visitor.language,
                };
                app.store.write(move |w| responses::save(w, &key, &saving)).await
            }
            (None, Door::Edit(secret)) => {
                let secret = secret.clone();
                app.store.write(move |w| responses::update(w, &secret, &answers)).await
            }
            (None, _) => Err(Error::NotFound),
        }
    }

    /// Leads on after what was taken.
    fn done(&self, done: &Submitted, unseen: bool) -> Result<HttpResponse, Failure> {
        let edit = format!("/surveys/responses/{}", done.edit_secret);
        let mut response = match self.act {
            Act::Save => HttpResponse::Ok()
                .insert_header(("Cache-Control", "no-store"))
                .json(json!({ "saved": true, "edit": self.asked.within(&edit) })),
            Act::Keep => see_other(&self.asked.within(&format!("{edit}?kept=1"))),
            Act::Send if unseen => see_other(&self.asked.within(&format!("{edit}?more=1"))),
            Act::Send => see_other(&self.asked.within(&format!("{edit}/thanks"))),
        };
        if let Door::Browser(value) = &self.door {
            browser::keep(self.asked.app, &mut response, value, self.asked.embed());
        }
        Ok(response)
    }

    fn showing(&self, errors: FieldErrors, notice: Option<Notice>) -> Showing<'_> {
        let raw = RawAnswers::from_form(&self.template, self.form.pairs());
        Showing {
            template: &self.template,
            action: self.door.action(self.asked.window),
            stands: self.stands,
            form: &self.form,
            answers: Answers::fitting(&self.template, raw),
            errors,
            notice,
        }
    }

    /// The form again, with what was typed and what is wrong. Answers to questions that are not asked
    /// any more are not among the mistakes: they are named, and the form goes on without them.
    fn again(&self, mut errors: FieldErrors) -> Result<HttpResponse, Failure> {
        let page = self.asked.page();
        if self.act == Act::Save {
            let message = errors.0.first().map(|e| page.words.error(e)).unwrap_or_default();
            return Ok(HttpResponse::UnprocessableEntity()
                .insert_header(("Cache-Control", "no-store"))
                .json(json!({ "saved": false, "message": message })));
        }
        let hidden: Vec<String> =
            errors.0.iter().filter(|e| e.code == "hidden-question").map(|e| e.field.clone()).collect();
        errors.0.retain(|e| e.code != "hidden-question");
        let default = self.asked.app.settings().default_language;
        let named = self.template.questions.iter().filter(|q| hidden.contains(&q.field()));
        let list: Vec<String> = named.map(|q| page.words.wording(&q.text, default)).collect();
        let notice =
            (!list.is_empty()).then(|| Notice { tone: "tone-warn", text: page.t("survey-not-asked"), list });
        form_again(&self.asked.form(self.showing(errors, notice)))
    }

    /// A refusal says what is the matter and keeps what was typed.
    async fn refused(self, error: Error) -> Result<HttpResponse, Failure> {
        let code = match &error {
            Error::Conflict { code, .. } => *code,
            Error::Invalid(errors) if errors.of("invitation").next().is_some() => "invitation",
            Error::Invalid(errors) => return self.again(errors.clone()),
            _ => return Err(error.into()),
        };
        let page = self.asked.page();
        if self.act == Act::Save {
            let message = page.t("survey-auto-failed");
            return Ok(HttpResponse::Conflict()
                .insert_header(("Cache-Control", "no-store"))
                .json(json!({ "saved": false, "message": message })));
        }
        let now = self.asked.app.now();
        let window = self.asked.window.clone();
        let asked = Asked { window: &window, now, ..*self.asked };
        match (code, &self.door) {
            ("invitation" | "invitation-revoked", _) => opens_nothing(asked.request, asked.visitor, error),
            ("invitation-used", _) => {
                let detail = page.with("survey-invitation-used-detail", [("time", &asked.until())]);
                let closed = asked.says(page.t("survey-invitation-used-title"), detail);
                with_status(StatusCode::CONFLICT, &closed)
            }
            ("already-answered", Door::Browser(cookie)) => {
                // Nothing that was typed is lost: it can be put in the place of the first answers.
                let (key, id, cookie) = (asked.app.key.clone(), window.id, cookie.clone());
                let before =
                    asked.app.store.read(move |c| responses::of_browser(c, &key, id, &cookie)).await?;
                let Some((_, secret)) = before else { return Err(error.into()) };
                let notice = Notice::new("tone-warn", page.t("survey-already-answered"));
                let mut showing = self.showing(FieldErrors::new(), Some(notice));
                showing.action = format!("/surveys/responses/{secret}");
                showing.stands = Stands::Complete;
                with_status(StatusCode::CONFLICT, &asked.form(showing))
            }
            ("survey-changed", Door::Browser(_) | Door::Invitation(_)) => {
                let template_key = window.survey_template.clone();
                let template = asked.app.store.read(move |c| surveys::asked(c, &template_key)).await?;
                let notice = Notice::new("tone-warn", page.t("survey-changed-notice"));
                let raw = RawAnswers::from_form(&template, self.form.pairs());
                let answers = Answers::fitting(&template, raw);
                let kept = questions::filled(&template, &answers)
                    .set("idempotency_key", self.form.get("idempotency_key"));
                let showing = Showing {
                    template: &template,
                    action: self.door.action(&window),
                    stands: self.stands,
                    form: &kept,
                    answers,
                    errors: FieldErrors::new(),
                    notice: Some(notice),
                };
                with_status(StatusCode::CONFLICT, &asked.form(showing))
            }
            _ => {
                // Closed by hand meanwhile: the window as it stands says so.
                let id = window.id;
                let window = asked.app.store.read(move |c| crate::store::windows::by_id(c, id)).await?;
                let asked = Asked { window: &window, now, ..asked };
                match asked.closed() {
                    Some(closed) if !matches!(asked.phase(), SurveyPhase::Open(_)) => {
                        with_status(StatusCode::CONFLICT, &closed)
                    }
                    _ => Err(error.into()),
                }
            }
        }
    }
}
