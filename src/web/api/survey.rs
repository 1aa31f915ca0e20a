//! Survey responses through the programming interface.

use std::collections::BTreeMap;

use actix_web::{HttpResponse, web};
use serde::{Deserialize, Serialize};

use super::not_kept;
use crate::domain::fields::FieldErrors;
use crate::domain::reference::ResponseReference;
use crate::domain::survey::{Answers, RawAnswers, Template};
use crate::store::connection::Db;
use crate::store::responses::{self, NewResponse, Submitted};
use crate::store::surveys::invitations;
use crate::store::{Error, surveys, windows};
use crate::web::app::App;
use crate::web::failure::Failure;
use crate::web::form::{Idempotency, Json};
use crate::web::limits::Limited;
use crate::web::visitor::Visitor;

/// A response as it is sent. Which questions are asked depends on the window's template (`short`:
/// `csat`, `saw_notice`, `comment`; `full`: all; others as they were made); one that is not asked, or
/// that the other answers hide, is refused by name.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SurveyResponseInput {
    /// Satisfaction, 1 to 5. A complete response has it.
    #[schema(minimum = 1, maximum = 5)]
    pub csat: Option<i64>,
    /// Recommendation, 0 to 10.
    #[schema(minimum = 0, maximum = 10)]
    pub nps: Option<i64>,
    /// Ease, 1 very difficult to 7 very easy.
    #[schema(minimum = 1, maximum = 7)]
    pub ces: Option<i64>,
    /// Whether the notice was seen beforehand.
    pub saw_notice: Option<bool>,
    /// Opinions and suggestions, at most 2,000 characters.
    #[schema(max_length = 2000)]
    pub comment: Option<String>,
    /// Answers to the other questions, by key; words about a choice "other" under the key with
    /// `.other` behind it.
    #[serde(default)]
    pub answers: BTreeMap<String, serde_json::Value>,
    /// The last part of a personal link. It takes one response: while that is not complete, sending
    /// again goes on with it; afterwards it is 409.
    pub invitation: Option<String>,
    /// Whether the person is done. Only complete responses are in the figures.
    #[serde(default = "done")]
    #[schema(default = true)]
    pub complete: bool,
}

fn done() -> bool {
    true
}

impl SurveyResponseInput {
    fn parse(self, template: &Template) -> Result<Answers, FieldErrors> {
        let raw = RawAnswers {
            csat: self.csat,
            nps: self.nps,
            ces: self.ces,
            saw_notice: self.saw_notice,
            comment: self.comment,
            answers: self.answers,
            complete: self.complete,
        };
        Answers::parse(template, raw)
    }
}

/// What came of sending a response.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct SurveyResponseReceipt {
    /// The response's name; it opens nothing.
    #[schema(value_type = String, example = "S-7KQ4M2")]
    pub response: ResponseReference,
    /// Where the answers can be changed until the survey closes. Only the sender is told.
    pub edit_url: String,
    /// Whether the response counts in the figures.
    pub complete: bool,
}

fn receipt(app: &App, sent: Submitted) -> SurveyResponseReceipt {
    SurveyResponseReceipt {
        response: sent.reference,
        edit_url: format!("{}/surveys/responses/{}", app.public_url(), sent.edit_secret),
        complete: sent.complete,
    }
}

/// The survey that this window asks; that of an invitation whose response was begun, as it was asked
/// then.
fn asked(c: &mut Db, slug: &str, invitation: Option<&str>) -> Result<Template, Error> {
    let window = windows::public(c, slug)?;
    if let Some(link) = invitation {
        let invitation = invitations::open(c, link)?;
        if let Some(begun) = responses::of_invitation(c, invitation.id)?.filter(|r| !r.complete) {
            return surveys::find(c, &begun.template, begun.template_version);
        }
    }
    surveys::asked(c, &window.survey_template)
}

/// Answers a survey.
///
/// Needs an `Idempotency-Key`: sent again with the same content it gives the same answer. 409 while
/// the survey is not open.
#[utoipa::path(
    post, path = "/api/v1/windows/{slug}/survey-responses",
    params(
        ("slug" = String, Path, description = "The window"),
        ("Idempotency-Key" = String, Header, description = "22 to 128 letters, digits or - _ . ~"),
    ),
    request_body = SurveyResponseInput,
    responses((status = 201, body = SurveyResponseReceipt)),
)]
pub async fn submit(
    app: web::Data<App>,
    visitor: Visitor,
    slug: web::Path<String>,
    key: Idempotency,
    input: Json<SurveyResponseInput>,
) -> Result<HttpResponse, Failure> {
    app.limits.check(Limited::Submission, visitor.address).map_err(Failure::TooMany)?;
    let slug = slug.into_inner();
    let invitation = input.0.invitation.clone().filter(|link| !link.is_empty());
    let (named, link) = (slug.clone(), invitation.clone());
    let template = app.store.read(move |c| asked(c, &named, link.as_deref())).await?;
    let answers = input.0.parse(&template)?;
    let new = NewResponse {
        window: slug,
        template: template.key,
        version: template.version,
        answers,
        invitation,
        language: visitor.language,
    };
    let instance = app.key.clone();
    let sent = app.store.write(move |w| responses::submit(w, &instance, &key.0, &new)).await?;
    Ok(not_kept(HttpResponse::Created()).json(receipt(&app, sent)))
}

/// Replaces the answers of a response.
///
/// The whole response is sent again; what is left out is no longer answered. 409 once the survey has
/// closed.
#[utoipa::path(
    put, path = "/api/v1/survey-responses/{edit_secret}",
    params(("edit_secret" = String, Path, description = "The last part of `edit_url`")),
    request_body = SurveyResponseInput,
    responses((status = 200, body = SurveyResponseReceipt)),
)]
pub async fn change(
    app: web::Data<App>,
    visitor: Visitor,
    secret: web::Path<String>,
    input: Json<SurveyResponseInput>,
) -> Result<HttpResponse, Failure> {
    app.limits.check(Limited::Submission, visitor.address).map_err(Failure::TooMany)?;
    let secret = secret.into_inner();
    let asked = secret.clone();
    if input.0.invitation.as_deref().is_some_and(|link| !link.is_empty()) {
        // Whoever changes a response says whose it is by its own link.
        return Err(FieldErrors::one("invitation", "invitation-not-here").into());
    }
    let template = app
        .store
        .read(move |c| {
            let (response, _) = responses::by_edit_secret(c, &asked)?;
            surveys::find(c, &response.template, response.template_version)
        })
        .await?;
    let answers = input.0.parse(&template)?;
    let sent = app.store.write(move |w| responses::update(w, &secret, &answers)).await?;
    Ok(not_kept(HttpResponse::Ok()).json(receipt(&app, sent)))
}
