//! What the holder of a receipt does on its page.

use actix_web::{HttpRequest, HttpResponse, web};

use super::{Opened, me_too};
use crate::domain::fields::FieldErrors;
use crate::domain::line::{Block, COMMENT_MAX};
use crate::domain::report::{Contact, Verdict};
use crate::domain::secret::IdempotencyKey;
use crate::store::reports;
use crate::web::app::App;
use crate::web::confirm;
use crate::web::failure::Failure;
use crate::web::form::Form;
use crate::web::page::see_other;
use crate::web::visitor::Visitor;

/// `POST /receipts/{secret}/messages`
pub async fn message(
    app: web::Data<App>,
    request: HttpRequest,
    visitor: Visitor,
    secret: web::Path<String>,
    form: Form,
) -> Result<HttpResponse, Failure> {
    let opened = Opened::new(&app, &request, &visitor, secret.into_inner()).await?;
    if opened.is_of_me_too() {
        return me_too::message(&opened, form).await;
    }
    let mut errors = FieldErrors::new();
    let text = errors.keep(Block::required("message", form.get("message"), COMMENT_MAX));
    let key = errors.keep(IdempotencyKey::parse("idempotency_key", form.get("idempotency_key")));
    let (Some(text), Some(key)) = (text, key) else { return opened.again(form, errors.into()).await };
    let link = opened.link.clone();
    opened.act(form, "message", move |w| reports::reply(w, &link, &key, &text)).await
}

/// `POST /receipts/{secret}/contact`
pub async fn contact(
    app: web::Data<App>,
    request: HttpRequest,
    visitor: Visitor,
    secret: web::Path<String>,
    form: Form,
) -> Result<HttpResponse, Failure> {
    let opened = Opened::new(&app, &request, &visitor, secret.into_inner()).await?;
    if opened.is_of_me_too() {
        return me_too::contact(&opened, form).await;
    }
    let contact = match Contact::parse(form.get("phone"), form.get("email")) {
        Ok(contact) => contact,
        Err(mut errors) => {
            for error in &mut errors.0 {
                error.field = error.field.trim_start_matches("contact.").to_owned();
            }
            return opened.again(form, errors.into()).await;
        }
    };
    let link = opened.link.clone();
    opened.act(form, "contact", move |w| reports::set_contact(w, &link, &contact)).await
}

/// `POST /receipts/{secret}/verdict`
pub async fn verdict(
    app: web::Data<App>,
    request: HttpRequest,
    visitor: Visitor,
    secret: web::Path<String>,
    form: Form,
) -> Result<HttpResponse, Failure> {
    let opened = Opened::new(&app, &request, &visitor, secret.into_inner()).await?;
    if opened.is_of_me_too() {
        return me_too::verdict(&opened, form).await;
    }
    let Some(verdict) = Verdict::from_code(form.get("verdict")) else {
        return opened.again(form, FieldErrors::one("verdict", "unknown-code").into()).await;
    };
    let link = opened.link.clone();
    opened.act(form, verdict.code(), move |w| reports::judge(w, &link, verdict)).await
}

/// `POST /receipts/{secret}/erase`
pub async fn erase(
    app: web::Data<App>,
    request: HttpRequest,
    visitor: Visitor,
    secret: web::Path<String>,
    form: Form,
) -> Result<HttpResponse, Failure> {
    let opened = Opened::new(&app, &request, &visitor, secret.into_inner()).await?;
    if opened.is_of_me_too() {
        return me_too::erase(&opened, form).await;
    }
    let reference = opened.held().await?.report.reference().to_string();
    if let Some(errors) = confirm::wrong_word(&form, &reference) {
        return opened.again(form, errors.into()).await;
    }
    let link = opened.link.clone();
    match app.store.write(move |w| reports::erase(w, &link)).await {
        Ok(()) => Ok(see_other("/receipts?erased=1")),
        Err(error) => opened.again(form, error.into()).await,
    }
}
